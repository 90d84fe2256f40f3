package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes random templates from the grammar: all that is registered, with mild or hostile values.
 */
final class RandomTemplates {
  private static final List<String> FILTERS = sorted(Filters.operations());
  private static final List<String> TESTS = sorted(Tests.operations());
  private static final List<String> STRING_METHODS = sorted(StringMethods.METHODS);
  private static final List<String> DICT_METHODS = sorted(Access.DICT_METHODS);
  private static final List<String> LIST_METHODS = sorted(Access.LIST_METHODS);
  private static final Set<String> LAZY =
      Set.of("items", "map", "reject", "rejectattr", "reverse", "select", "selectattr", "unique");
  private static final List<String> FUNCTIONS = sorted(Globals.operations());
  private static final List<String> NAMES = List.of("a", "b", "c", "messages", "ns.x", "ns.y", "m");
  private static final List<String> OPERATORS =
      List.of("+", "-", "*", "/", "//", "**", "~", "==", "!=", "<", ">=", "in", "not in");
  private static final List<String> MILD =
      List.of(
          "0",
          "1",
          "2",
          "-3",
          "7",
          "2.5",
          "'a'",
          "'b c'",
          "' Ab\\n'",
          "''",
          "true",
          "none",
          "[]",
          "[3, 1, 2]",
          "['b', 'a']",
          "{'k': 1, 'j': 'x'}",
          "(1, 2)",
          "messages",
          "'é🙂ß'",
          "range(4)");
  private static final List<String> HOSTILE =
      List.of(
          "a % b",
          "9223372036854775807",
          "-9223372036854775807 - 1",
          "1000000000",
          "1e308",
          "('nan'|float)",
          "('inf'|float)",
          "range(100000)",
          "'a' * 1000000",
          "('a' * 1000000)",
          "('a b\\n' * 300000)",
          "('🙂' * 100000)",
          "([1, 'x', []] * 30000)",
          "[[[[[]]]]]",
          "('a' * 100000)|list",
          "range(100000)|map('string')|list",
          "dict(range(50000)|map('string')|map('list'))",
          "loop",
          "caller",
          "undefined.x",
          "ns",
          "m");

  private final Random random;
  private final boolean hostile;

  RandomTemplates(long seed, boolean hostile) {
    this.random = new Random(seed);
    this.hostile = hostile;
  }

  private static List<String> sorted(Operations operations) {
    return operations.names().stream().sorted().toList();
  }

  /**
   * Prints mild templates, for {@code make_snippets.py} to render with Jinja2.
   *
   * @param args the seed and how many
   */
  public static void main(String[] args) {
    RandomTemplates templates = new RandomTemplates(Long.parseLong(args[0]), false);
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      System.out.printf("%s%n---%n", templates.next());
    }
  }

  /** The next template. */
  String next() {
    String start = "{% set ns = namespace(x=" + value() + ", y=" + value() + ") %}";
    String names = "{% set a = " + value() + " %}{% set b, c = 1, " + value() + " %}";
    return start + names + macro() + statements(3);
  }

  private String macro() {
    return "{% macro m(a=1, b=" + value() + ") %}" + statements(1) + "{% endmacro %}";
  }

  private String statements(int depth) {
    return IntStream.rangeClosed(0, random.nextInt(3))
        .mapToObj(i -> statement(depth))
        .collect(Collectors.joining(random.nextBoolean() ? "" : "\n"));
  }

  private String statement(int depth) {
    String value = "(" + expression(2) + ")";
    Supplier<String> body =
        () -> depth == 0 ? "{{ " + expression(1) + " }}" : statements(depth - 1);
    return switch (random.nextInt(12)) {
      case 0 ->
          "{% for "
              + pick(List.of("a", "b", "a, b"))
              + " in "
              + pick(List.of(value, value + " | list", "[" + value + ", 1]"))
              + (random.nextInt(4) == 0 ? " if a" : "")
              + " %}"
              + body.get()
              + (random.nextInt(4) == 0 ? "{% else %}" + body.get() : "")
              + "{% endfor %}";
      case 1 ->
          "{% for a in range(" + (hostile ? 100000 : 3) + ") %}" + body.get() + "{% endfor %}";
      case 2 ->
          "{% if "
              + value
              + " %}"
              + body.get()
              + "{% elif ("
              + expression(1)
              + ") %}"
              + body.get()
              + "{% else %}"
              + body.get()
              + "{% endif %}";
      case 3 -> "{% set " + pick(List.of("a", "b", "c", "ns.x", "ns.y")) + " = " + value + " %}";
      case 4 -> "{% set a %}" + body.get() + "{% endset %}";
      case 5 ->
          "{% filter "
              + filtered("", pick(FILTERS)).substring(3)
              + " %}"
              + body.get()
              + "{% endfilter %}";
      case 6 -> "{% with a = " + value + " %}" + body.get() + "{% endwith %}";
      case 7 ->
          "{% set ns.x = "
              + pick(
                  List.of(
                      "[ns.x, ns.x]",
                      "[ns.x]",
                      "(ns.x, ns.x)",
                      "ns.x ~ ns.x",
                      "ns.x + ns.x",
                      "{'k': ns.x}"))
              + " %}";
      case 8 -> hostile ? "{{ m(" + value + ") }}" : "- {#- c -#} text\n";
      default -> "{{ " + value + " }}";
    };
  }

  private String expression(int depth) {
    if (depth == 0) {
      return random.nextInt(3) == 0 ? pick(NAMES) : value();
    }
    String inner = random.nextInt(3) == 0 ? "(" + expression(depth - 1) + ")" : expression(0);
    return switch (random.nextInt(13)) {
      case 0, 1, 2 -> filtered(inner, pick(FILTERS));
      case 3 ->
          inner + " is " + pick(TESTS) + (random.nextBoolean() ? "" : "(" + expression(0) + ")");
      case 4, 5 -> method(inner);
      case 6 -> pick(FUNCTIONS) + "(" + expression(0) + ")";
      case 7 -> inner + "[" + expression(0) + "]";
      // Of a variable: Jinja2 lets slices of constants that can't be sliced pass.
      case 8 ->
          pick(NAMES)
              + "["
              + pick(List.of("", "1", "-2", value()))
              + ":"
              + pick(List.of("", "3", "-1"))
              + pick(List.of("", ":2", ":-1", ":" + value()))
              + "]";
      case 9 -> inner + " if " + expression(depth - 1) + " else " + expression(depth - 1);
      case 10 ->
          random.nextBoolean()
              ? "[" + inner + ", " + expression(0) + "]"
              : "(" + inner + ", " + expression(0) + ")";
      default -> inner + " " + pick(OPERATORS) + " " + expression(depth - 1);
    };
  }

  private String filtered(String inner, String filter) {
    // Jinja2 looks at what these read only where their items are asked for.
    String consumed = !hostile && LAZY.contains(filter) ? " | list" : "";
    return inner + " | " + filter + arguments() + consumed;
  }

  private String method(String inner) {
    String arguments = arguments();
    String call = arguments.isEmpty() ? "()" : arguments;
    return switch (random.nextInt(4)) {
      case 0 -> "dict(k=" + inner + ")." + pick(DICT_METHODS) + call;
      case 1 -> "([" + inner + "] * 3)." + pick(LIST_METHODS) + call;
      case 2 -> "(" + inner + ")." + pick(STRING_METHODS) + call;
      default -> "(" + inner + " ~ 'a')." + pick(STRING_METHODS) + call;
    };
  }

  private String arguments() {
    if (random.nextInt(3) > 0) {
      return "";
    }
    String positional =
        switch (random.nextInt(4)) {
          case 0 -> "'" + pick(FILTERS) + "'";
          case 1 -> "'" + pick(TESTS) + "', " + expression(0);
          default -> expression(0) + (random.nextBoolean() ? "" : ", " + expression(0));
        };
    String named = pick(List.of("attribute", "start", "indent", "separators")) + "=" + value();
    return "(" + pick(List.of(positional, positional, named, positional + ", " + named)) + ")";
  }

  private String value() {
    return hostile && random.nextInt(3) == 0 ? pick(HOSTILE) : pick(MILD);
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
