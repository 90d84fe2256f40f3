package io.proxytune.core.tokenizer.jinja;

import java.util.Map;

/** Jinja2's tests, which stand behind {@code is}. */
final class Tests {
  private static final Map<String, Test> TESTS =
      Map.ofEntries(
          Map.entry("boolean", (value, a) -> value instanceof Boolean),
          Map.entry("callable", (value, a) -> value instanceof Invocable),
          Map.entry("defined", (value, a) -> !(value instanceof Undefined)),
          Map.entry("divisibleby", (value, a) -> leaves(value, a.require(0, "num"), 0L)),
          Map.entry("eq", (value, a) -> Values.equal(value, a.require(0, "other"))),
          Map.entry("even", (value, a) -> leaves(value, 2L, 0L)),
          Map.entry("false", (value, a) -> Boolean.FALSE.equals(value)),
          Map.entry("filter", (value, a) -> Filters.exists(Text.of(value))),
          Map.entry("float", (value, a) -> value instanceof Double),
          Map.entry("ge", (value, a) -> Values.compare(value, a.require(0, "other")) >= 0),
          Map.entry("gt", (value, a) -> Values.compare(value, a.require(0, "other")) > 0),
          Map.entry("in", (value, a) -> Values.contains(a.require(0, "seq"), value)),
          Map.entry("integer", (value, a) -> value instanceof Long),
          Map.entry("iterable", (value, a) -> Values.isIterable(value)),
          Map.entry("le", (value, a) -> Values.compare(value, a.require(0, "other")) <= 0),
          Map.entry("lower", (value, a) -> is(value, "islower")),
          Map.entry("lt", (value, a) -> Values.compare(value, a.require(0, "other")) < 0),
          Map.entry("mapping", (value, a) -> value instanceof Map),
          Map.entry("ne", (value, a) -> !Values.equal(value, a.require(0, "other"))),
          Map.entry("none", (value, a) -> value == None.NONE),
          Map.entry("number", (value, a) -> Values.isNumber(value)),
          Map.entry("odd", (value, a) -> leaves(value, 2L, 1L)),
          Map.entry("sameas", (value, a) -> value.equals(a.require(0, "other"))),
          Map.entry("sequence", (value, a) -> Values.hasLength(value)),
          Map.entry("string", (value, a) -> value instanceof String),
          Map.entry("test", (value, a) -> Tests.exists(Text.of(value))),
          Map.entry("true", (value, a) -> Boolean.TRUE.equals(value)),
          Map.entry("undefined", (value, a) -> value instanceof Undefined),
          Map.entry("upper", (value, a) -> is(value, "isupper")));

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

  @FunctionalInterface
  private interface Test {
    boolean holds(Object value, Arguments arguments);
  }

  static boolean exists(String name) {
    return TESTS.containsKey(ALIASES.getOrDefault(name, name));
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
    Test test = TESTS.get(ALIASES.getOrDefault(name, name));
    if (test == null) {
      throw new TemplateException("no test named '" + name + "'");
    }
    return test.holds(value, arguments);
  }

  private static boolean leaves(Object value, Object divisor, Object remainder) {
    return Values.equal(Arithmetic.apply("%", value, divisor), remainder);
  }

  private static boolean is(Object value, String method) {
    return StringMethods.find(Text.of(value), method)
        .map(m -> Values.truth(m.call(Arguments.NONE)))
        .orElse(false);
  }
}
