package io.proxytune.core.tokenizer.jinja;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions that every template has. */
final class Globals {
  /** The most numbers of a range, as in Jinja2's sandbox. */
  private static final int MAX_RANGE = 100_000;

  private static final Operations FUNCTIONS =
      new Operations(
          "function",
          Map.of(
              "range", (none, a) -> range(a),
              "dict", (none, a) -> dict(a),
              "namespace", (none, a) -> namespace(a)),
          Set.of());

  private Globals() {}

  static Operations operations() {
    return FUNCTIONS;
  }

  static Map<String, Invocable> functions() {
    Map<String, Invocable> functions = new HashMap<>();
    for (String name : FUNCTIONS.names()) {
      functions.put(name, arguments -> FUNCTIONS.run(name, None.NONE, arguments));
    }
    return functions;
  }

  private static Object range(Arguments arguments) {
    boolean startGiven = arguments.positional().size() > 1;
    long first = Values.toLong(arguments.require(0, "start"));
    long start = startGiven ? first : 0;
    long stop = startGiven ? Values.toLong(arguments.require(1, "stop")) : first;
    long step = Values.toLong(arguments.get(2, "step", 1L));
    if (step == 0) {
      throw new TemplateException("range() arg 3 must not be zero");
    }
    ListWriter numbers = new ListWriter(arguments.budget());
    long count = count(start, stop, step);
    for (long i = 0; i < count; i++) {
      numbers.add(start + i * step);
    }
    return numbers.list();
  }

  private static long count(long start, long stop, long step) {
    BigInteger span = BigInteger.valueOf(stop).subtract(BigInteger.valueOf(start));
    BigInteger[] steps = span.divideAndRemainder(BigInteger.valueOf(step));
    BigInteger count = steps[1].signum() == 0 ? steps[0] : steps[0].add(BigInteger.ONE);
    if (span.signum() * Long.signum(step) <= 0) {
      return 0;
    } else if (count.compareTo(BigInteger.valueOf(MAX_RANGE)) > 0) {
      throw new TemplateException("a range has more than " + MAX_RANGE + " numbers");
    }
    return count.longValueExact();
  }

  private static Map<Object, Object> dict(Arguments arguments) {
    Budget budget = arguments.budget();
    DictWriter dict = new DictWriter(budget);
    for (Object source : arguments.positional()) {
      List<Object> pairs =
          source instanceof Map<?, ?> map
              ? Access.pairs(budget, map)
              : Values.items(budget, source);
      for (Object pair : pairs) {
        List<Object> entry = Values.items(budget, pair);
        if (entry.size() != 2) {
          throw new TemplateException(
              "dict() needs pairs, got an item with " + entry.size() + " items");
        }
        dict.put(entry.get(0), entry.get(1));
      }
    }
    arguments.named().forEach(dict::put);
    return dict.dict();
  }

  private static Object namespace(Arguments arguments) {
    Namespace namespace = new Namespace();
    dict(arguments)
        .forEach((name, value) -> namespace.set(Text.of(arguments.budget(), name), value));
    return namespace;
  }
}
