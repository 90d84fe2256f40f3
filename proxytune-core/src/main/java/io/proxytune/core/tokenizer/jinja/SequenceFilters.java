package io.proxytune.core.tokenizer.jinja;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.Lists;
import io.proxytune.core.tokenizer.jinja.Operations.Operation;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Jinja2's filters on sequences. */
final class SequenceFilters {
  /** The filters, for {@link Filters} to run. */
  static final Map<String, Operation> FILTERS =
      Map.ofEntries(
          Map.entry("count", (value, a) -> Values.length(value)),
          Map.entry("dictsort", SequenceFilters::dictSort),
          Map.entry("first", (value, a) -> first(value, a)),
          Map.entry("join", SequenceFilters::join),
          Map.entry("last", (value, a) -> last(value, a)),
          Map.entry("length", (value, a) -> Values.length(value)),
          Map.entry("list", (value, a) -> Values.items(a.budget(), value)),
          Map.entry("map", lazily(SequenceFilters::map)),
          Map.entry("max", (value, a) -> extreme(value, a, 1)),
          Map.entry("min", (value, a) -> extreme(value, a, -1)),
          Map.entry("reject", lazily((value, a) -> select(value, a, test(a).negate()))),
          Map.entry(
              "rejectattr", lazily((value, a) -> select(value, a, attributeTest(a).negate()))),
          Map.entry("reverse", (value, a) -> reverse(value, a)),
          Map.entry("select", lazily((value, a) -> select(value, a, test(a)))),
          Map.entry("selectattr", lazily((value, a) -> select(value, a, attributeTest(a)))),
          Map.entry("sort", SequenceFilters::sort),
          Map.entry("sum", SequenceFilters::sum),
          Map.entry("unique", SequenceFilters::unique));

  private static final CharMatcher DIGIT = CharMatcher.inRange('0', '9');
  private static final int MOST_DIGITS = 9;

  private SequenceFilters() {}

  /** These filters pass over anything that is false, None and 0 too, whatever their arguments. */
  private static Operation lazily(Operation filter) {
    return (value, arguments) ->
        Values.truth(value) ? filter.apply(value, arguments) : new Generator(List.of());
  }

  private static Object first(Object value, Arguments arguments) {
    List<Object> items =
        value instanceof Generator generator
            ? generator.drainOne()
            : Values.items(arguments.budget(), value);
    return items.isEmpty() ? new Undefined("No first item, sequence was empty.") : items.get(0);
  }

  private static Object last(Object value, Arguments arguments) {
    if (value instanceof Generator) {
      throw new TemplateException("'generator' object is not reversible");
    }
    List<Object> items = Values.items(arguments.budget(), value);
    return items.isEmpty()
        ? new Undefined("No last item, sequence was empty.")
        : items.get(items.size() - 1);
  }

  private static Object join(Object value, Arguments arguments) {
    UnaryOperator<Object> getter = getter(arguments, arguments.get(1, "attribute", None.NONE));
    String separator = Text.of(arguments.budget(), arguments.get(0, "d", ""));
    TextWriter out = new TextWriter(arguments.budget());
    String between = "";
    for (Object item : Values.items(arguments.budget(), value)) {
      Text.write(out.append(between), getter.apply(item));
      between = separator;
    }
    return out.toString();
  }

  private static Object reverse(Object value, Arguments arguments) {
    if (value instanceof String text) {
      return new TextWriter(arguments.budget()).append(text).reverse().toString();
    }
    return new Generator(Lists.reverse(Values.items(arguments.budget(), value)));
  }

  private static Object map(Object value, Arguments arguments) {
    Object attribute = arguments.named().get("attribute");
    if (attribute != null && arguments.positional().isEmpty()) {
      Object otherwise = arguments.named().getOrDefault("default", None.NONE);
      return mapped(value, arguments, getter(arguments, attribute, otherwise));
    }
    String filter = arguments.requireText(0, "filter");
    return mapped(value, arguments, item -> Filters.apply(filter, item, arguments.from(1)));
  }

  private static Object mapped(Object value, Arguments arguments, UnaryOperator<Object> mapper) {
    ListWriter mapped = new ListWriter(arguments.budget());
    Values.items(arguments.budget(), value).forEach(item -> mapped.add(mapper.apply(item)));
    return new Generator(mapped.list());
  }

  private static Object select(Object value, Arguments arguments, Predicate<Object> test) {
    ListWriter selected = new ListWriter(arguments.budget());
    Values.items(arguments.budget(), value).stream().filter(test).forEach(selected::add);
    return new Generator(selected.list());
  }

  private static Predicate<Object> test(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      return Values::truth;
    }
    String name = arguments.requireText(0, "test");
    return item -> Tests.holds(name, item, arguments.from(1));
  }

  private static Predicate<Object> attributeTest(Arguments arguments) {
    UnaryOperator<Object> getter = getter(arguments, arguments.require(0, "attribute"));
    Predicate<Object> test = test(arguments.from(1));
    return item -> test.test(getter.apply(item));
  }

  private static UnaryOperator<Object> getter(Arguments arguments, Object attribute) {
    return getter(arguments, attribute, None.NONE);
  }

  /** Reads an attribute such as {@code a.b.0}, or the value itself where the attribute is None. */
  private static UnaryOperator<Object> getter(
      Arguments arguments, Object attribute, Object otherwise) {
    if (attribute == None.NONE) {
      return value -> value;
    }
    Budget budget = arguments.budget();
    ListWriter path = new ListWriter(budget);
    for (String part : Splitter.on('.').split(Text.of(budget, attribute))) {
      boolean number = !part.isEmpty() && part.length() <= MOST_DIGITS && DIGIT.matchesAllOf(part);
      path.add(number ? (Object) Long.valueOf(part) : part);
    }
    return value -> {
      Object found = value;
      for (Object part : path.list()) {
        Object item = Access.item(budget, found, part);
        found = item instanceof Undefined && otherwise != None.NONE ? otherwise : item;
      }
      return found;
    };
  }

  /** What to order by: an attribute, with texts in lower case unless case counts. */
  private static UnaryOperator<Object> key(
      Arguments arguments, Object attribute, boolean caseSensitive) {
    UnaryOperator<Object> getter = getter(arguments, attribute);
    return value -> {
      Object key = getter.apply(value);
      if (caseSensitive || !(key instanceof String text)) {
        return key;
      }
      arguments.budget().newText(text.length());
      return text.toLowerCase(Locale.ROOT);
    };
  }

  private static Object sort(Object value, Arguments arguments) {
    UnaryOperator<Object> key =
        key(
            arguments,
            arguments.get(2, "attribute", None.NONE),
            arguments.getFlag(1, "case_sensitive", false));
    List<Object> items = Values.items(arguments.budget(), value);
    return sorted(items, key, arguments, arguments.getFlag(0, "reverse", false));
  }

  /** An item and what it is ordered by. */
  private record Keyed(Object key, Object item) {}

  private static List<Object> sorted(
      List<Object> items, UnaryOperator<Object> key, Arguments arguments, boolean reverse) {
    Budget budget = arguments.budget();
    Keyed[] keyed = new Keyed[items.size()];
    for (int i = 0; i < keyed.length; i++) {
      budget.newObject();
      keyed[i] = new Keyed(key.apply(items.get(i)), items.get(i));
    }
    Comparator<Keyed> order = (a, b) -> Values.compare(budget, a.key, b.key);
    Arrays.sort(keyed, reverse ? order.reversed() : order);
    ListWriter sorted = new ListWriter(budget);
    for (Keyed entry : keyed) {
      sorted.add(entry.item);
    }
    return sorted.list();
  }

  private static Object dictSort(Object value, Arguments arguments) {
    if (!(value instanceof Map)) {
      throw new TemplateException("dictsort needs a dict, got " + Values.typeName(value));
    }
    boolean byValue = Text.of(arguments.budget(), arguments.get(1, "by", "key")).equals("value");
    UnaryOperator<Object> key =
        key(arguments, byValue ? 1L : 0L, arguments.getFlag(0, "case_sensitive", false));
    List<Object> pairs = Access.pairs(arguments.budget(), value);
    return sorted(pairs, key, arguments, arguments.getFlag(2, "reverse", false));
  }

  private static Object extreme(Object value, Arguments arguments, int sign) {
    UnaryOperator<Object> key =
        key(
            arguments,
            arguments.get(1, "attribute", None.NONE),
            arguments.getFlag(0, "case_sensitive", false));
    Budget budget = arguments.budget();
    Optional<Object> best =
        Values.items(budget, value).stream()
            .reduce(
                (a, b) -> sign * Values.compare(budget, key.apply(b), key.apply(a)) > 0 ? b : a);
    return best.orElseGet(() -> new Undefined("No aggregated item, sequence was empty."));
  }

  private static Object sum(Object value, Arguments arguments) {
    Budget budget = arguments.budget();
    UnaryOperator<Object> getter = getter(arguments, arguments.get(0, "attribute", None.NONE));
    return Values.items(budget, value).stream()
        .map(getter)
        .reduce(arguments.get(1, "start", 0L), (a, b) -> Arithmetic.apply(budget, "+", a, b));
  }

  private static Object unique(Object value, Arguments arguments) {
    UnaryOperator<Object> key =
        key(
            arguments,
            arguments.get(1, "attribute", None.NONE),
            arguments.getFlag(0, "case_sensitive", false));
    Set<Object> seen = new HashSet<>();
    return select(
        value,
        arguments,
        item -> {
          Object own = key.apply(item);
          Keys.pay(arguments.budget(), own, seen.size());
          arguments.budget().newObject();
          return seen.add(own);
        });
  }
}
