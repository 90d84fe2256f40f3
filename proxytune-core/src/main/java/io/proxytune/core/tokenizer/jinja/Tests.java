package io.proxytune.core.tokenizer.jinja;

import java.util.Map;
import java.util.Set;

/** Jinja2's tests, which stand behind {@code is}. */
final class Tests {
  private static final Operations ALL =
      new Operations(
          "test",
          Map.ofEntries(
              Map.entry("boolean", (value, a) -> value instanceof Boolean),
              Map.entry("callable", (value, a) -> value instanceof Invocable),
              Map.entry("defined", (value, a) -> !(value instanceof Undefined)),
              Map.entry("divisibleby", (value, a) -> leaves(a, value, a.require(0, "num"), 0L)),
              Map.entry("eq", (value, a) -> Values.equal(a.budget(), value, a.require(0, "other"))),
              Map.entry("even", (value, a) -> leaves(a, value, 2L, 0L)),
              Map.entry("false", (value, a) -> Boolean.FALSE.equals(value)),
              Map.entry(
                  "filter",
                  (value, a) -> Filters.operations().names().contains(Text.of(a.budget(), value))),
              Map.entry("float", (value, a) -> value instanceof Double),
              Map.entry(
                  "ge",
                  (value, a) -> Values.compare(a.budget(), value, a.require(0, "other")) >= 0),
              Map.entry(
                  "gt", (value, a) -> Values.compare(a.budget(), value, a.require(0, "other")) > 0),
              Map.entry(
                  "in", (value, a) -> Values.contains(a.budget(), a.require(0, "seq"), value)),
              Map.entry("integer", (value, a) -> value instanceof Long),
              Map.entry("iterable", (value, a) -> Values.isIterable(value)),
              Map.entry(
                  "le",
                  (value, a) -> Values.compare(a.budget(), value, a.require(0, "other")) <= 0),
              Map.entry("lower", (value, a) -> is(value, a, "islower")),
              Map.entry(
                  "lt", (value, a) -> Values.compare(a.budget(), value, a.require(0, "other")) < 0),
              Map.entry("mapping", (value, a) -> value instanceof Map),
              Map.entry(
                  "ne", (value, a) -> !Values.equal(a.budget(), value, a.require(0, "other"))),
              Map.entry("none", (value, a) -> value == None.NONE),
              Map.entry("number", (value, a) -> Values.isNumber(value)),
              Map.entry("odd", (value, a) -> leaves(a, value, 2L, 1L)),
              Map.entry("sameas", (value, a) -> isSame(value, a.require(0, "other"))),
              Map.entry("sequence", (value, a) -> Values.hasLength(value)),
              Map.entry("string", (value, a) -> value instanceof String),
              Map.entry("test", (value, a) -> Tests.exists(Text.of(a.budget(), value))),
              Map.entry("true", (value, a) -> Boolean.TRUE.equals(value)),
              Map.entry("undefined", (value, a) -> value instanceof Undefined),
              Map.entry("upper", (value, a) -> is(value, a, "isupper"))),
          Set.of(
              "boolean",
              "callable",
              "defined",
              "false",
              "float",
              "integer",
              "iterable",
              "mapping",
              "none",
              "number",
              "sequence",
              "string",
              "true",
              "undefined"));

  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("==", "eq"),
          Map.entry("equalto", "eq"),
          Map.entry("!=", "ne"),
          Map.entry(">", "gt"),
          Map.entry("greaterthan", "gt"),
          Map.entry(">=", "ge"),
          Map.entry("<", "lt"),
          Map.entry("lessthan", "lt"),
          Map.entry("<=", "le"));

  private Tests() {}

  static Operations operations() {
    return ALL;
  }

  static boolean exists(String name) {
    return ALL.names().contains(ALIASES.getOrDefault(name, name));
  }

  /**
   * Runs a test.
   *
   * @param name its name
   * @param value the value before {@code is}
   * @param arguments what follows the test's name
   * @return whether it holds
   */
  static boolean holds(String name, Object value, Arguments arguments) {
    return (Boolean) ALL.run(ALIASES.getOrDefault(name, name), value, arguments);
  }

  private static boolean leaves(
      Arguments arguments, Object value, Object divisor, Object remainder) {
    Budget budget = arguments.budget();
    return Values.equal(budget, Arithmetic.apply(budget, "%", value, divisor), remainder);
  }

  /** Python's {@code is}, as far as values of Java have an identity. */
  private static boolean isSame(Object value, Object other) {
    boolean one = value instanceof Boolean || value instanceof Long || value instanceof String;
    return value == other || (one && value.equals(other));
  }

  private static boolean is(Object value, Arguments arguments, String method) {
    Budget budget = arguments.budget();
    return Values.truth(
        StringMethods.METHODS.run(method, Text.of(budget, value), Arguments.none(budget)));
  }
}
