package io.proxytune.core.tokenizer.jinja;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Jinja2's filters on sequences. */
final class SequenceFilters {
  static final Map<String, Filters.Filter> FILTERS =
      Map.ofEntries(
          Map.entry("count", (value, a) -> Values.length(value)),
          Map.entry("dictsort", SequenceFilters::dictSort),
          Map.entry("first", (value, a) -> first(value)),
          Map.entry("join", SequenceFilters::join),
          Map.entry("last", (value, a) -> last(value)),
          Map.entry("length", (value, a) -> Values.length(value)),
          Map.entry("list", (value, a) -> List.copyOf(Values.items(value))),
          Map.entry("map", SequenceFilters::map),
          Map.entry("max", (value, a) -> extreme(value, a, 1)),
          Map.entry("min", (value, a) -> extreme(value, a, -1)),
          Map.entry("reject", (value, a) -> select(value, test(a).negate())),
          Map.entry("rejectattr", (value, a) -> select(value, attributeTest(a).negate())),
          Map.entry("reverse", (value, a) -> reverse(value)),
          Map.entry("select", (value, a) -> select(value, test(a))),
          Map.entry("selectattr", (value, a) -> select(value, attributeTest(a))),
          Map.entry("sort", SequenceFilters::sort),
          Map.entry("sum", SequenceFilters::sum),
          Map.entry("unique", SequenceFilters::unique));

  private SequenceFilters() {}

  private static Object first(Object value) {
    List<Object> items =
        value instanceof Generator generator ? generator.drainOne() : Values.items(value);
    return items.isEmpty() ? new Undefined("No first item, sequence was empty.") : items.get(0);
  }

  private static Object last(Object value) {
    if (value instanceof Generator) {
      throw new TemplateException("'generator' object is not reversible");
    }
    List<Object> items = Values.items(value);
    return items.isEmpty()
        ? new Undefined("No last item, sequence was empty.")
        : items.get(items.size() - 1);
  }

  private static Object join(Object value, Arguments arguments) {
    UnaryOperator<Object> getter = getter(arguments.get(1, "attribute", None.NONE));
    List<String> texts = Values.items(value).stream().map(getter).map(Text::of).toList();
    return Text.join(Text.of(arguments.get(0, "d", "")), texts);
  }

  private static Object reverse(Object value) {
    if (value instanceof String text) {
      return new StringBuilder(text).reverse().toString();
    }
    return new Generator(Lists.reverse(Values.items(value)));
  }

  private static Object map(Object value, Arguments arguments) {
    Object attribute = arguments.named().get("attribute");
    if (attribute != null && arguments.positional().isEmpty()) {
      Object otherwise = arguments.named().getOrDefault("default", None.NONE);
      return mapped(value, getter(attribute, otherwise));
    }
    String filter = arguments.requireText(0, "filter");
    return mapped(value, item -> Filters.apply(filter, item, arguments.from(1)));
  }

  private static Object mapped(Object value, UnaryOperator<Object> mapper) {
    return new Generator(itemsIfAny(value).stream().map(mapper).toList());
  }

  private static Object select(Object value, Predicate<Object> test) {
    return new Generator(itemsIfAny(value).stream().filter(test).toList());
  }

  /** These filters pass over anything that is false, None and 0 too. */
  private static List<Object> itemsIfAny(Object value) {
    return Values.truth(value) ? Values.items(value) : List.of();
  }

  private static Predicate<Object> test(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      return Values::truth;
    }
    String name = arguments.requireText(0, "test");
    return item -> Tests.holds(name, item, arguments.from(1));
  }

  private static Predicate<Object> attributeTest(Arguments arguments) {
    UnaryOperator<Object> getter = getter(arguments.require(0, "attribute"));
    Predicate<Object> test = test(arguments.from(1));
    return item -> test.test(getter.apply(item));
  }

  private static UnaryOperator<Object> getter(Object attribute) {
    return getter(attribute, None.NONE);
  }

  /** Reads an attribute such as {@code a.b.0}, or the value itself where the attribute is None. */
  private static UnaryOperator<Object> getter(Object attribute, Object otherwise) {
    if (attribute == None.NONE) {
      return value -> value;
    }
    List<Object> path = new ArrayList<>();
    for (String part : Text.of(attribute).split("\\.", -1)) {
      path.add(part.matches("[0-9]{1,9}") ? (Object) Long.valueOf(part) : part);
    }
    return value -> {
      Object found = value;
      for (Object part : path) {
        Object item = Access.item(found, part);
        found = item instanceof Undefined && otherwise != None.NONE ? otherwise : item;
      }
      return found;
    };
  }

  /** What to order by: an attribute, with texts in lower case unless case counts. */
  private static UnaryOperator<Object> key(Object attribute, boolean caseSensitive) {
    UnaryOperator<Object> getter = getter(attribute);
    return value -> {
      Object key = getter.apply(value);
      return !caseSensitive && key instanceof String text ? text.toLowerCase(Locale.ROOT) : key;
    };
  }

  private static Object sort(Object value, Arguments arguments) {
    UnaryOperator<Object> key =
        key(
            arguments.get(2, "attribute", None.NONE),
            arguments.getFlag(1, "case_sensitive", false));
    return sorted(Values.items(value), key, arguments.getFlag(0, "reverse", false));
  }

  private static List<Object> sorted(
      List<Object> items, UnaryOperator<Object> key, boolean reverse) {
    Comparator<Object> order = (a, b) -> Values.compare(key.apply(a), key.apply(b));
    return items.stream().sorted(reverse ? order.reversed() : order).toList();
  }

  private static Object dictSort(Object value, Arguments arguments) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new TemplateException("dictsort needs a dict, got " + Values.typeName(value));
    }
    boolean byValue = Text.of(arguments.get(1, "by", "key")).equals("value");
    UnaryOperator<Object> key =
        key(byValue ? 1L : 0L, arguments.getFlag(0, "case_sensitive", false));
    return sorted(Access.pairs(map), key, arguments.getFlag(2, "reverse", false));
  }

  private static Object extreme(Object value, Arguments arguments, int sign) {
    UnaryOperator<Object> key =
        key(
            arguments.get(1, "attribute", None.NONE),
            arguments.getFlag(0, "case_sensitive", false));
    Optional<Object> best =
        Values.items(value).stream()
            .reduce((a, b) -> sign * Values.compare(key.apply(b), key.apply(a)) > 0 ? b : a);
    return best.orElseGet(() -> new Undefined("No aggregated item, sequence was empty."));
  }

  private static Object sum(Object value, Arguments arguments) {
    UnaryOperator<Object> getter = getter(arguments.get(0, "attribute", None.NONE));
    return Values.items(value).stream()
        .map(getter)
        .reduce(arguments.get(1, "start", 0L), (a, b) -> Arithmetic.apply("+", a, b));
  }

  private static Object unique(Object value, Arguments arguments) {
    UnaryOperator<Object> key =
        key(
            arguments.get(1, "attribute", None.NONE),
            arguments.getFlag(0, "case_sensitive", false));
    List<Object> seen = new ArrayList<>();
    return select(
        value,
        item -> {
          Object own = key.apply(item);
          boolean fresh = seen.stream().noneMatch(other -> Values.equal(other, own));
          seen.add(own);
          return fresh;
        });
  }
}
