package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;

/** The values of a file with generation settings; null is as good as absent. Immutable. */
final class SettingsJson {
  private static final ObjectMapper PLAIN = JsonOutput.mapper();

  private final Path file;
  private final Map<String, JsonNode> values = new LinkedHashMap<>();

  SettingsJson(Path file, ObjectNode json) {
    this.file = file;
    json.properties().stream()
        .filter(entry -> !entry.getValue().isNull())
        .forEach(entry -> values.put(entry.getKey(), entry.getValue()));
  }

  /** The values by name, in the file's order. */
  Map<String, JsonNode> values() {
    return values;
  }

  /** A value as numbers, strings, booleans, lists and maps. */
  Object plain(String key) {
    return PLAIN.convertValue(values.get(key), Object.class);
  }

  private Optional<JsonNode> value(String key) {
    return Optional.ofNullable(values.get(key));
  }

  boolean flag(String key) {
    Optional<JsonNode> value = value(key);
    if (value.isPresent() && !value.get().isBoolean()) {
      throw refusal(key, "true or false", value.get());
    }
    return value.map(JsonNode::booleanValue).orElse(false);
  }

  /** A number that passes a test; NaN never does. */
  Optional<Double> number(String key, DoublePredicate test, String expected) {
    return value(key).map(value -> number(key, value, test, expected));
  }

  private double number(String key, JsonNode value, DoublePredicate test, String expected) {
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (Double.isNaN(number) || !test.test(number)) {
      throw refusal(key, expected, value);
    }
    return number;
  }

  /** An integer, which may be written as 5.0. */
  Optional<Integer> integer(String key, int min) {
    return value(key).map(value -> integer(key, value, min, Integer.MAX_VALUE));
  }

  private int integer(String key, JsonNode value, int min, int max) {
    String expected =
        min == Integer.MIN_VALUE
            ? "an integer"
            : max == Integer.MAX_VALUE
                ? lenientFormat("an integer of at least %s", min)
                : lenientFormat("an integer in [%s, %s]", min, max);
    return (int) number(key, value, n -> n >= min && n <= max && Math.rint(n) == n, expected);
  }

  /** A list of integers, whatever they are; empty where the key is missing. */
  List<Integer> integers(String key) {
    return value(key)
        .map(value -> integers(key, value, Integer.MIN_VALUE, Integer.MAX_VALUE))
        .orElse(List.of());
  }

  /** One id or a list of them, each below the width; empty where the key is missing. */
  List<Integer> ids(String key, int width) {
    return value(key)
        .map(
            value ->
                value.isArray()
                    ? integers(key, value, 0, width - 1)
                    : List.of(integer(key, value, 0, width - 1)))
        .orElse(List.of());
  }

  /** A list of lists of ids, each below the width; empty where the key is missing. */
  List<List<Integer>> sequences(String key, int width) {
    List<List<Integer>> sequences = new ArrayList<>();
    value(key)
        .ifPresent(
            value -> {
              requireList(key, "a list of lists of token ids", value);
              value.forEach(list -> sequences.add(integers(key, list, 0, width - 1)));
            });
    return sequences;
  }

  private List<Integer> integers(String key, JsonNode value, int min, int max) {
    requireList(key, "a list of token ids", value);
    List<Integer> integers = new ArrayList<>();
    value.forEach(element -> integers.add(integer(key, element, min, max)));
    return integers;
  }

  /** A string or a list of them, none empty; empty where the key is missing. */
  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    value(key)
        .ifPresent(
            value ->
                (value.isArray() ? value : List.of(value))
                    .forEach(
                        element -> {
                          if (!element.isTextual() || element.textValue().isEmpty()) {
                            throw refusal(
                                key, "a text that is not empty, or a list of them", element);
                          }
                          texts.add(element.textValue());
                        }));
    return texts;
  }

  private void requireList(String key, String expected, JsonNode value) {
    if (!value.isArray()) {
      throw refusal(key, expected, value);
    }
  }

  CheckpointException refusal(String key, String expected, JsonNode got) {
    return new CheckpointException(
        lenientFormat(
            "%s: %s must be %s, got %s; correct the file, or generate without the model's published"
                + " defaults",
            file, key, expected, JsonText.show(got)));
  }

  CheckpointException contradiction(String problem) {
    return new CheckpointException(
        lenientFormat(
            "%s: %s; correct the file, or generate without the model's published defaults",
            file, problem));
  }
}
