package io.proxytune.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Typed access to a checkpoint's JSON file, such as {@code config.json}. A key whose value is null
 * counts as missing, as in transformers. Every refusal names the file and the key.
 */
public final class ConfigJson extends ConfigKeys {
  private ConfigJson(Path file, String prefix, ObjectNode json) {
    super(file, prefix, json);
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its object
   * @throws CheckpointException if it can't be read or is no object
   */
  public static ConfigJson read(Path file) {
    return new ConfigJson(file, "", JsonFile.readConfig(file));
  }

  /**
   * An object that takes a key which it lacks from the whole.
   *
   * @param key the key of the object
   * @param inherited the key that it takes
   * @return access to it, if it is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<ConfigJson> part(String key, String inherited) {
    return object(key)
        .map(
            part ->
                part.mentions(inherited) || !mentions(inherited)
                    ? part
                    : new ConfigJson(
                        file,
                        part.prefix,
                        part.json.deepCopy().set(inherited, json.get(inherited))));
  }

  /**
   * The same with a value for a key that is missing.
   *
   * @param key the key
   * @param value its value if it is missing
   * @return access to the completed object
   */
  public ConfigJson withDefault(String key, int value) {
    return has(key) ? this : new ConfigJson(file, prefix, json.deepCopy().put(key, value));
  }

  /**
   * The same with a value for a key that is missing.
   *
   * @param key the key
   * @param value its value if it is missing
   * @return access to the completed object
   */
  public ConfigJson withDefault(String key, boolean value) {
    return has(key) ? this : new ConfigJson(file, prefix, json.deepCopy().put(key, value));
  }

  /**
   * An integer of at least 1.
   *
   * @param key the key
   * @return its value
   * @throws CheckpointException if it is missing or of another kind
   */
  public int positiveInt(String key) {
    return optionalPositiveInt(key).orElseThrow(() -> missing(key, "an integer of at least 1"));
  }

  /**
   * An integer of at least 1.
   *
   * @param key the key
   * @return its value, if it is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<Integer> optionalPositiveInt(String key) {
    return value(key).map(value -> value.integer(1));
  }

  /**
   * A finite number above 0.
   *
   * @param key the key
   * @param absent what a missing one stands for
   * @return its value
   * @throws CheckpointException if it is of another kind
   */
  public double positive(String key, double absent) {
    return value(key).map(ConfigValue::positive).orElse(absent);
  }

  /**
   * A finite number.
   *
   * @param key the key
   * @return its value
   * @throws CheckpointException if it is missing or of another kind
   */
  public double finite(String key) {
    return value(key).map(ConfigValue::finite).orElseThrow(() -> missing(key, "a finite number"));
  }

  /**
   * A finite number above 0.
   *
   * @param key the key
   * @return its value
   * @throws CheckpointException if it is missing or of another kind
   */
  public double positive(String key) {
    return value(key)
        .map(ConfigValue::positive)
        .orElseThrow(() -> missing(key, "a number above 0"));
  }

  /**
   * True or false.
   *
   * @param key the key
   * @param absent what a missing one stands for
   * @return its value
   * @throws CheckpointException if it is of another kind
   */
  public boolean flag(String key, boolean absent) {
    return value(key).map(ConfigValue::flag).orElse(absent);
  }

  /**
   * A string.
   *
   * @param key the key
   * @return its value, if it is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<String> text(String key) {
    return value(key).map(ConfigValue::text);
  }

  /**
   * The first string of a list.
   *
   * @param key the key
   * @return the string; nothing where the key is missing or the list is empty
   * @throws CheckpointException if it is of another kind
   */
  public Optional<String> firstText(String key) {
    return texts(key).flatMap(texts -> texts.stream().findFirst());
  }

  /**
   * An object.
   *
   * @param key the key
   * @return access to it, if it is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<ConfigJson> object(String key) {
    return value(key).map(value -> new ConfigJson(file, prefix + key + ".", value.object()));
  }

  /**
   * One token id or a list of them; those outside of {@code [0, vocabularySize)}, such as -1 for
   * none, can't occur in a text and are left out.
   *
   * @param key the key
   * @param vocabularySize the number of ids
   * @return the ids, ascending, if the key is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<Set<Integer>> tokenIds(String key, int vocabularySize) {
    return value(key).map(value -> value.tokenIds(vocabularySize));
  }

  /**
   * A list of strings.
   *
   * @param key the key
   * @return the strings, if the key is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<List<String>> texts(String key) {
    return value(key).map(value -> value.list("strings", ConfigValue::text));
  }

  /**
   * One integer of at least 0 or a list of them.
   *
   * @param key the key
   * @return the integers, ascending, if the key is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<Set<Integer>> naturals(String key) {
    return value(key).map(ConfigValue::naturals);
  }

  /**
   * An object of finite numbers.
   *
   * @param key the key
   * @return the numbers in its own order; none where the key is missing
   * @throws CheckpointException if it is of another kind
   */
  public Map<String, Double> numbers(String key) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    object(key)
        .ifPresent(o -> o.json.fieldNames().forEachRemaining(k -> numbers.put(k, o.finite(k))));
    return numbers;
  }

  /**
   * An object of integers of at least 1.
   *
   * @param key the key
   * @return the integers in its own order; none where the key is missing
   * @throws CheckpointException if it is of another kind
   */
  public Map<String, Integer> positiveInts(String key) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    object(key)
        .ifPresent(
            o -> o.json.fieldNames().forEachRemaining(k -> numbers.put(k, o.positiveInt(k))));
    return numbers;
  }

  /**
   * An integer of at least 1.
   *
   * @param key the key
   * @param absent what a missing one stands for
   * @return its value
   * @throws CheckpointException if it is of another kind
   */
  public int positiveInt(String key, int absent) {
    return optionalPositiveInt(key).orElse(absent);
  }

  /**
   * An integer of at least 0.
   *
   * @param key the key
   * @return its value, if it is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<Integer> natural(String key) {
    return value(key).map(value -> value.integer(0));
  }

  /**
   * A list of integers of at least 0.
   *
   * @param key the key
   * @return the integers in order, if the key is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<List<Integer>> naturalList(String key) {
    return value(key).map(value -> value.list("integers", each -> each.integer(0)));
  }

  /**
   * A list of finite numbers above 0.
   *
   * @param key the key
   * @return the numbers, if the key is there
   * @throws CheckpointException if it is of another kind
   */
  public Optional<List<Double>> positives(String key) {
    return value(key).map(value -> value.list("numbers", ConfigValue::positive));
  }

  /**
   * A value of a kind that one family alone has.
   *
   * @param key the key
   * @param expected what it must be
   * @return the value
   * @throws CheckpointException if it is missing
   */
  public JsonNode any(String key, String expected) {
    return value(key).orElseThrow(() -> missing(key, expected)).json();
  }
}
