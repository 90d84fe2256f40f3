package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonFile;
import io.proxytune.core.files.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Typed access to a checkpoint's JSON file, such as {@code config.json}. A key whose value is null
 * counts as missing, as in transformers. Every refusal names the file and the key.
 */
final class ConfigJson {
  private static final Logger logger = LoggerFactory.getLogger(ConfigJson.class);

  private final Path file;
  private final String prefix;
  private final ObjectNode json;

  private ConfigJson(Path file, String prefix, ObjectNode json) {
    this.file = file;
    this.prefix = prefix;
    this.json = json;
  }

  static ConfigJson read(Path file) {
    return new ConfigJson(file, "", JsonFile.readConfig(file));
  }

  Path file() {
    return file;
  }

  boolean has(String key) {
    return value(key).isPresent();
  }

  int positiveInt(String key) {
    return optionalPositiveInt(key).orElseThrow(() -> missing(key, "an integer of at least 1"));
  }

  Optional<Integer> optionalPositiveInt(String key) {
    return value(key).map(value -> integer(key, value, 1, Integer.MAX_VALUE));
  }

  double positive(String key, double absent) {
    return value(key).map(value -> positive(key, value)).orElse(absent);
  }

  double finite(String key) {
    return value(key)
        .map(value -> finite(key, value))
        .orElseThrow(() -> missing(key, "a finite number"));
  }

  private double finite(String key, JsonNode value) {
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!Double.isFinite(number)) {
      throw refusal(key, "a finite number", value);
    }
    return number;
  }

  double positive(String key) {
    return value(key)
        .map(value -> positive(key, value))
        .orElseThrow(() -> missing(key, "a number above 0"));
  }

  boolean flag(String key, boolean absent) {
    return value(key).map(value -> flag(key, value)).orElse(absent);
  }

  Optional<String> text(String key) {
    return value(key).map(value -> text(key, value));
  }

  /** The first string of a list; nothing where the key is missing or the list is empty. */
  Optional<String> firstText(String key) {
    Optional<JsonNode> list = value(key);
    if (list.isPresent() && !list.get().isArray()) {
      throw refusal(key, "a list of strings", list.get());
    }
    return list.filter(values -> !values.isEmpty()).map(values -> text(key, values.get(0)));
  }

  Optional<ConfigJson> object(String key) {
    return value(key).map(value -> object(key, value));
  }

  /**
   * One token id or a list of them, ascending; those outside of {@code [0, vocabularySize)}, such
   * as -1 for none, can't occur in a text and are left out.
   */
  Optional<Set<Integer>> tokenIds(String key, int vocabularySize) {
    return value(key).map(value -> tokenIds(key, value, vocabularySize));
  }

  private Set<Integer> tokenIds(String key, JsonNode value, int vocabularySize) {
    Set<Integer> ids = new TreeSet<>();
    for (JsonNode id : value.isArray() ? value : Set.of(value)) {
      if (!id.isIntegralNumber()) {
        throw refusal(key, "a token id or a list of them", value);
      }
      if (id.canConvertToInt() && id.intValue() >= 0 && id.intValue() < vocabularySize) {
        ids.add(id.intValue());
      } else if (!id.isInt() || id.intValue() != -1) {
        logger.warn(
            "{}: {} {} is outside of the vocabulary of {} tokens and left out",
            file,
            key,
            JsonText.show(id),
            vocabularySize);
      }
    }
    return ids;
  }

  /** Whether a key says anything: it is there, and neither false nor an empty text or container. */
  boolean isSet(String key) {
    return value(key)
        .filter(value -> value.isBoolean() ? value.booleanValue() : !isEmpty(value))
        .isPresent();
  }

  boolean isText(String key) {
    return value(key).filter(JsonNode::isTextual).isPresent();
  }

  /** The strings of a list. */
  Optional<List<String>> texts(String key) {
    return value(key).map(value -> texts(key, value));
  }

  /** One integer of at least 0 or a list of them. */
  Optional<Set<Integer>> naturals(String key) {
    return value(key).map(value -> integers(key, value, Integer.MAX_VALUE));
  }

  /** An object of finite numbers, in its own order; empty where the key is missing. */
  Map<String, Double> numbers(String key) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    object(key)
        .ifPresent(o -> o.json.fieldNames().forEachRemaining(k -> numbers.put(k, o.finite(k))));
    return numbers;
  }

  /** An object of integers of at least 1, in its own order; empty where the key is missing. */
  Map<String, Integer> positiveInts(String key) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    object(key)
        .ifPresent(
            o -> o.json.fieldNames().forEachRemaining(k -> numbers.put(k, o.positiveInt(k))));
    return numbers;
  }

  CheckpointException refusal(String key, String expected) {
    return refusal(key, expected, json.path(key));
  }

  private Optional<JsonNode> value(String key) {
    return Optional.ofNullable(json.get(key)).filter(value -> !value.isNull());
  }

  private int integer(String key, JsonNode value, int min, int max) {
    if (!value.canConvertToInt()
        || !value.isIntegralNumber()
        || value.intValue() < min
        || value.intValue() > max) {
      throw refusal(key, lenientFormat("an integer in [%s, %s]", min, max), value);
    }
    return value.intValue();
  }

  private double positive(String key, JsonNode value) {
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(number > 0 && number < Double.POSITIVE_INFINITY)) {
      throw refusal(key, "a finite number above 0", value);
    }
    return number;
  }

  private boolean flag(String key, JsonNode value) {
    if (!value.isBoolean()) {
      throw refusal(key, "true or false", value);
    }
    return value.booleanValue();
  }

  private String text(String key, JsonNode value) {
    if (!value.isTextual()) {
      throw refusal(key, "a string", value);
    }
    return value.textValue();
  }

  private ConfigJson object(String key, JsonNode value) {
    if (value instanceof ObjectNode object) {
      return new ConfigJson(file, prefix + key + ".", object);
    }
    throw refusal(key, "an object", value);
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isTextual()
        ? value.textValue().isEmpty()
        : value.isContainerNode() && value.isEmpty();
  }

  private List<String> texts(String key, JsonNode value) {
    if (!value.isArray()) {
      throw refusal(key, "a list of strings", value);
    }
    List<String> texts = new ArrayList<>();
    value.forEach(element -> texts.add(text(key, element)));
    return texts;
  }

  private Set<Integer> integers(String key, JsonNode value, int max) {
    Set<Integer> integers = new TreeSet<>();
    Iterable<JsonNode> values = value.isArray() ? value : Set.of(value);
    for (JsonNode element : values) {
      integers.add(integer(key, element, 0, max));
    }
    return integers;
  }

  private CheckpointException missing(String key, String expected) {
    return new CheckpointException(
        lenientFormat(
            "%s lacks %s%s: expected %s; take the config.json that these weights were saved with",
            file, prefix, key, expected));
  }

  private CheckpointException refusal(String key, String expected, JsonNode got) {
    return new CheckpointException(
        lenientFormat(
            "%s: %s%s must be %s, got %s; correct the file or take the one that these weights were"
                + " saved with",
            file, prefix, key, expected, JsonText.show(got)));
  }
}
