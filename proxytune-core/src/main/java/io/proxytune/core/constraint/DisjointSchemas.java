package io.proxytune.core.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells where no value meets two schemas: their types differ, or the values they list, or so do
 * those of a property that both require.
 */
final class DisjointSchemas {
  private static final int MOST_NESTING = 8;

  private final SchemaReader reader;

  DisjointSchemas(SchemaReader reader) {
    this.reader = reader;
  }

  /** Refuses schemas of which a value might meet two. */
  void require(List<JsonNode> schemas, String place) {
    for (int i = 0; i < schemas.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (!areApart(schemas.get(i), schemas.get(j), place, MOST_NESTING)) {
          throw Schemas.refused(
              place,
              "a value might meet both of 'oneOf' %s and %s: use 'anyOf', or require a property"
                  + " with another 'const' in each",
              j,
              i);
        }
      }
    }
  }

  private boolean areApart(JsonNode one, JsonNode other, String place, int nesting) {
    if (one.isBoolean() || other.isBoolean() || nesting == 0) {
      return isFalse(one) || isFalse(other);
    }
    ObjectNode first = reader.resolved(one, place);
    ObjectNode second = reader.resolved(other, place);
    if (listsValues(first) && listsValues(second)) {
      Set<JsonNode> common = new HashSet<>(SchemaReader.given(first, place));
      common.retainAll(SchemaReader.given(second, place));
      return common.isEmpty();
    }
    Set<String> types = types(first, place);
    types.retainAll(types(second, place));
    return types.isEmpty()
        || (types.equals(Set.of("object")) && haveApartProperty(first, second, place, nesting));
  }

  private static boolean isFalse(JsonNode schema) {
    return schema.isBoolean() && !schema.asBoolean();
  }

  private static boolean listsValues(ObjectNode schema) {
    return schema.has("enum") || schema.has("const");
  }

  /** All types of which a value may be; every integer is a number. */
  private static Set<String> types(ObjectNode schema, String place) {
    Set<String> types = new TreeSet<>();
    if (listsValues(schema)) {
      for (String type : List.of("object", "array", "string", "boolean", "null", "number")) {
        if (SchemaReader.given(schema, place).stream()
            .anyMatch(v -> SchemaReader.hasType(v, type))) {
          types.add(type);
        }
      }
      return types;
    }
    boolean isAny = !schema.has("type");
    types.addAll(
        isAny
            ? Set.of("object", "array", "string", "boolean", "null", "number")
            : SchemaReader.types(schema, place));
    if (types.remove("integer")) {
      types.add("number");
    }
    return types;
  }

  private boolean haveApartProperty(
      ObjectNode first, ObjectNode second, String place, int nesting) {
    Set<String> required = required(first);
    required.retainAll(required(second));
    return required.stream()
        .anyMatch(
            name -> {
              JsonNode one = first.path("properties").path(name);
              JsonNode other = second.path("properties").path(name);
              return !one.isMissingNode()
                  && !other.isMissingNode()
                  && areApart(one, other, place, nesting - 1);
            });
  }

  private static Set<String> required(ObjectNode schema) {
    Set<String> names = new TreeSet<>();
    schema.path("required").forEach(name -> names.add(name.asText()));
    return names;
  }
}
