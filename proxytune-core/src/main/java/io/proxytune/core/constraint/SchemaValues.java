package io.proxytune.core.constraint;

import static io.proxytune.core.constraint.Schemas.refused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.constraint.NumberForms.Bound;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Optional;

/**
 * What the keywords of a schema say.
 *
 * @param schema the schema
 * @param place where it stands, for messages
 */
record SchemaValues(ObjectNode schema, String place) {
  boolean hasAny(Collection<String> keywords) {
    return keywords.stream().anyMatch(schema::has);
  }

  Optional<String> text(String keyword) {
    return present(keyword)
        .map(
            value -> {
              check(value.isTextual(), keyword, "a string", value);
              return value.textValue();
            });
  }

  Optional<Integer> count(String keyword) {
    return present(keyword)
        .map(
            value -> {
              boolean fits =
                  value.isNumber() && value.doubleValue() >= 0 && value.doubleValue() % 1 == 0;
              check(fits, keyword, "an integer of at least 0", value);
              return (int) Math.min(value.doubleValue(), Integer.MAX_VALUE);
            });
  }

  /** The narrower of a bound and one that is itself outside. */
  Optional<Bound> bound(String inclusive, String exclusive, boolean isLower) {
    Optional<Bound> first = number(inclusive).map(value -> new Bound(value, true));
    Optional<Bound> second = number(exclusive).map(value -> new Bound(value, false));
    if (first.isEmpty() || second.isEmpty()) {
      return first.or(() -> second);
    }
    int order = second.get().value().compareTo(first.get().value());
    return order == 0 || order > 0 == isLower ? second : first;
  }

  private Optional<BigDecimal> number(String keyword) {
    return present(keyword)
        .map(
            value -> {
              check(value.isNumber() && isUsable(value), keyword, "a number", value);
              return value.decimalValue();
            });
  }

  private static boolean isUsable(JsonNode value) {
    return value.isBigInteger() || Double.isFinite(value.doubleValue());
  }

  private Optional<JsonNode> present(String keyword) {
    return Optional.ofNullable(schema.get(keyword));
  }

  private void check(boolean condition, String keyword, String expected, JsonNode value) {
    if (!condition) {
      throw refused(place, "'%s' must be %s, got %s", keyword, expected, value.asText());
    }
  }
}
