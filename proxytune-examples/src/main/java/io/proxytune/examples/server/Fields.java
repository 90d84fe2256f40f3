package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The members of a request's JSON object. Each is taken by its name and type, null counts as not
 * given, and what nobody took in the end is refused by its name. For one thread.
 */
final class Fields {
  private static final int SHOWN_CHARACTERS = 60;

  private final ObjectNode json;
  private final Set<String> taken = new HashSet<>();

  private Fields(ObjectNode json) {
    this.json = json;
  }

  /** Reads a request's body. */
  static Fields parse(byte[] body) {
    try {
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      JsonNode json = JsonText.parse(text);
      if (json instanceof ObjectNode object) {
        return new Fields(object);
      }
      throw ApiException.bad(null, "the body must be a JSON object, got %s", kind(json));
    } catch (CharacterCodingException e) {
      throw ApiException.bad(null, "the body is not UTF-8 text");
    } catch (InvalidJsonException e) {
      throw ApiException.bad(null, "the body is no JSON: %s", e.getMessage());
    }
  }

  /** An object inside a request. */
  static Fields of(ObjectNode json) {
    return new Fields(json);
  }

  /** What kind of value this is, in the words of JSON. */
  static String kind(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  /** A value as it is shown in a message. */
  static String brief(JsonNode value) {
    String text = value.toString();
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }

  Optional<JsonNode> node(String name) {
    taken.add(name);
    return Optional.ofNullable(json.get(name)).filter(value -> !value.isNull());
  }

  Optional<String> text(String name) {
    return node(name)
        .map(
            value -> {
              check(value.isTextual(), name, "a string", value);
              return value.textValue();
            });
  }

  boolean flag(String name) {
    return node(name)
        .map(
            value -> {
              check(value.isBoolean(), name, "true or false", value);
              return value.booleanValue();
            })
        .orElse(false);
  }

  Optional<Double> number(String name) {
    return node(name).map(value -> number(name, value));
  }

  /** A finite number. */
  static double number(String name, JsonNode value) {
    check(value.isNumber() && Double.isFinite(value.doubleValue()), name, "a number", value);
    return value.doubleValue();
  }

  /** An integer between two others, both included. */
  Optional<Integer> integer(String name, int min, int max) {
    return node(name)
        .map(
            value -> {
              boolean fits =
                  value.isIntegralNumber()
                      && value.canConvertToInt()
                      && value.intValue() >= min
                      && value.intValue() <= max;
              check(fits, name, range(min, max), value);
              return value.intValue();
            });
  }

  private static String range(int min, int max) {
    return max == Integer.MAX_VALUE
        ? "an integer of at least " + min
        : "an integer from " + min + " to " + max;
  }

  Optional<Long> wholeNumber(String name) {
    return node(name)
        .map(
            value -> {
              boolean fits = value.isIntegralNumber() && value.canConvertToLong();
              check(fits, name, "an integer of 64 bits", value);
              return value.longValue();
            });
  }

  Optional<ObjectNode> object(String name) {
    return node(name)
        .map(
            value -> {
              check(value.isObject(), name, "an object", value);
              return (ObjectNode) value;
            });
  }

  Optional<JsonNode> list(String name) {
    return node(name)
        .map(
            value -> {
              check(value.isArray(), name, "a list", value);
              return value;
            });
  }

  static void check(boolean condition, String name, String expected, JsonNode value) {
    if (!condition) {
      throw ApiException.bad(name, "'%s' must be %s, got %s", name, expected, brief(value));
    }
  }

  /** Refuses a member that asks for something that is not offered. */
  void refuse(String name, String reason) {
    node(name)
        .ifPresent(
            value -> {
              throw ApiException.unsupported(name, "'%s' is not supported: %s", name, reason);
            });
  }

  /** Lets members pass that have no part in the answer. */
  void ignore(List<String> names) {
    taken.addAll(names);
  }

  /** Refuses members that nobody asked for: a misspelt one must not be lost in silence. */
  void checkAllTaken() {
    Set<String> unknown = new TreeSet<>();
    json.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(taken);
    if (!unknown.isEmpty()) {
      String first = unknown.iterator().next();
      throw ApiException.badRequest(
          first,
          "unknown_parameter",
          "unknown parameter '"
              + first
              + "': known here are "
              + String.join(", ", new TreeSet<>(taken)));
    }
  }
}
