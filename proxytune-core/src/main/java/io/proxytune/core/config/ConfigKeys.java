package io.proxytune.core.config;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonText;
import java.nio.file.Path;
import java.util.Optional;

/** Which keys a {@link ConfigJson} has, and how a wrong one is refused. */
abstract sealed class ConfigKeys permits ConfigJson {
  final Path file;
  final String prefix;
  final ObjectNode json;

  ConfigKeys(Path file, String prefix, ObjectNode json) {
    this.file = file;
    this.prefix = prefix;
    this.json = json;
  }

  /**
   * Where it is from.
   *
   * @return the file
   */
  public final Path file() {
    return file;
  }

  /**
   * Whether a key is there and not null.
   *
   * @param key the key
   * @return whether it has a value
   */
  public final boolean has(String key) {
    return value(key).isPresent();
  }

  /**
   * Whether a key is there at all, be it null, where that says something else.
   *
   * @param key the key
   * @return whether it is there
   */
  public final boolean mentions(String key) {
    return json.has(key);
  }

  /**
   * What a key has, for messages.
   *
   * @param key the key
   * @return its value as JSON, cut where it is long
   */
  public final String show(String key) {
    return JsonText.show(json.path(key));
  }

  /**
   * Whether a key says anything: it is there, and neither false nor an empty text or container.
   *
   * @param key the key
   * @return whether it does
   */
  public final boolean isSet(String key) {
    return value(key).filter(ConfigValue::isSet).isPresent();
  }

  /**
   * Whether a key has the number 0.
   *
   * @param key the key
   * @return whether it does
   */
  public final boolean isZero(String key) {
    JsonNode value = json.path(key);
    return value.isNumber() && value.doubleValue() == 0;
  }

  /**
   * Whether a key has a string.
   *
   * @param key the key
   * @return whether it does
   */
  public final boolean isText(String key) {
    return json.path(key).isTextual();
  }

  /**
   * What to throw where a key has no value that is supported.
   *
   * @param key the key
   * @param expected what it must be
   * @return the exception
   */
  public final CheckpointException refusal(String key, String expected) {
    return of(key, json.path(key)).refusal(expected);
  }

  final Optional<ConfigValue> value(String key) {
    return Optional.ofNullable(json.get(key))
        .filter(value -> !value.isNull())
        .map(value -> of(key, value));
  }

  private ConfigValue of(String key, JsonNode value) {
    return new ConfigValue(file, prefix + key, value);
  }

  final CheckpointException missing(String key, String expected) {
    return new CheckpointException(
        lenientFormat(
            "%s lacks %s%s: expected %s; take the config.json that these weights were saved with",
            file, prefix, key, expected));
  }
}
