package io.proxytune.core.constraint;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The keywords of JSON Schema, and schemas that hold together. */
final class Schemas {
  /** What only describes. */
  static final Set<String> ANNOTATIONS =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$comment",
          "$schema",
          "$id",
          "$defs",
          "definitions");

  static final Set<String> NUMBER =
      Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum");
  static final Set<String> STRING = Set.of("minLength", "maxLength", "pattern", "format");
  static final Set<String> ARRAY = Set.of("items", "prefixItems", "minItems", "maxItems");
  static final Set<String> OBJECT = Set.of("properties", "required", "additionalProperties");

  private static final Set<String> OTHERS =
      Set.of("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref");

  private Schemas() {}

  /** Says that a schema can't be followed. */
  static IllegalArgumentException refused(String place, String what, Object... values) {
    return new IllegalArgumentException(
        "the JSON schema can't be followed at " + place + ": " + lenientFormat(what, values));
  }

  /** Refuses keywords that would be passed over. */
  static void requireKnown(ObjectNode schema, String place) {
    Set<String> unknown = new TreeSet<>();
    schema.fieldNames().forEachRemaining(unknown::add);
    for (Set<String> known : List.of(ANNOTATIONS, NUMBER, STRING, ARRAY, OBJECT, OTHERS)) {
      unknown.removeAll(known);
    }
    boolean repeats =
        schema.path("uniqueItems").isBoolean() && !schema.path("uniqueItems").asBoolean();
    if (repeats) {
      unknown.remove("uniqueItems");
    }
    if (!unknown.isEmpty()) {
      throw refused(
          place,
          "'%s' is not supported: leave it out and check the answer, or say the same otherwise",
          unknown.iterator().next());
    }
  }

  /** The keywords that bind a value. */
  static Set<String> assertions(ObjectNode schema) {
    Set<String> keywords = new TreeSet<>();
    schema.fieldNames().forEachRemaining(keywords::add);
    keywords.removeAll(ANNOTATIONS);
    keywords.remove("uniqueItems");
    return keywords;
  }

  /** A schema that both schemas say, where their keywords don't touch each other. */
  static ObjectNode both(ObjectNode one, ObjectNode other, String place) {
    ObjectNode both = one.deepCopy();
    for (Map.Entry<String, JsonNode> entry : other.properties()) {
      String keyword = entry.getKey();
      JsonNode mine = both.get(keyword);
      if (mine == null || ANNOTATIONS.contains(keyword)) {
        both.set(keyword, entry.getValue());
      } else if (keyword.equals("required") && mine.isArray() && entry.getValue().isArray()) {
        both.withArray("/required").addAll((ArrayNode) entry.getValue());
      } else if (keyword.equals("properties") && areDisjoint(mine, entry.getValue())) {
        both.withObject("/properties").setAll((ObjectNode) entry.getValue());
      } else if (!mine.equals(entry.getValue())) {
        throw refused(place, "'%s' is said twice of one value: say it in one place", keyword);
      }
    }
    requireApart(one, other, "additionalProperties", "properties", place);
    requireApart(one, other, "items", "prefixItems", place);
    return both;
  }

  private static void requireApart(
      ObjectNode one, ObjectNode other, String first, String second, String place) {
    boolean touch = (one.has(first) && other.has(second)) || (one.has(second) && other.has(first));
    if (touch) {
      throw refused(place, "'%s' beside the '%s' of another schema", first, second);
    }
  }

  private static boolean areDisjoint(JsonNode one, JsonNode other) {
    if (!one.isObject() || !other.isObject()) {
      return false;
    }
    Set<String> names = new TreeSet<>();
    one.fieldNames().forEachRemaining(names::add);
    return names.stream().noneMatch(other::has);
  }
}
