package io.proxytune.core.config;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The value of a key: immutable. Every refusal names the file and the key.
 *
 * @param file where it is from
 * @param key its key, with those of the objects that it is in
 * @param json the value
 */
record ConfigValue(Path file, String key, JsonNode json) {
  private static final Logger logger = LoggerFactory.getLogger(ConfigValue.class);

  int integer(int min) {
    if (!json.canConvertToInt() || !json.isIntegralNumber() || json.intValue() < min) {
      throw refusal(lenientFormat("an integer in [%s, %s]", min, Integer.MAX_VALUE));
    }
    return json.intValue();
  }

  double positive() {
    if (!(number() > 0 && number() < Double.POSITIVE_INFINITY)) {
      throw refusal("a finite number above 0");
    }
    return number();
  }

  double finite() {
    if (!Double.isFinite(number())) {
      throw refusal("a finite number");
    }
    return number();
  }

  private double number() {
    return json.isNumber() ? json.doubleValue() : Double.NaN;
  }

  boolean flag() {
    if (!json.isBoolean()) {
      throw refusal("true or false");
    }
    return json.booleanValue();
  }

  String text() {
    if (!json.isTextual()) {
      throw refusal("a string");
    }
    return json.textValue();
  }

  ObjectNode object() {
    if (json instanceof ObjectNode object) {
      return object;
    }
    throw refusal("an object");
  }

  <T> List<T> list(String kind, Function<ConfigValue, T> element) {
    if (!json.isArray()) {
      throw refusal("a list of " + kind);
    }
    List<T> elements = new ArrayList<>();
    json.forEach(each -> elements.add(element.apply(new ConfigValue(file, key, each))));
    return elements;
  }

  /** One integer of at least 0 or a list of them. */
  Set<Integer> naturals() {
    return json.isArray()
        ? new TreeSet<>(list("integers", each -> each.integer(0)))
        : Set.of(integer(0));
  }

  Set<Integer> tokenIds(int vocabularySize) {
    Set<Integer> ids = new TreeSet<>();
    for (JsonNode id : json.isArray() ? json : Set.of(json)) {
      if (!id.isIntegralNumber()) {
        throw refusal("a token id or a list of them");
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

  /** Whether it is neither false nor an empty text or container. */
  boolean isSet() {
    if (json.isBoolean()) {
      return json.booleanValue();
    }
    return json.isTextual()
        ? !json.textValue().isEmpty()
        : !json.isContainerNode() || !json.isEmpty();
  }

  CheckpointException refusal(String expected) {
    return new CheckpointException(
        lenientFormat(
            "%s: %s must be %s, got %s; correct the file or take the one that these weights were"
                + " saved with",
            file, key, expected, JsonText.show(json)));
  }
}
