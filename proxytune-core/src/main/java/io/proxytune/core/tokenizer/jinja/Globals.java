package io.proxytune.core.tokenizer.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template has. */
final class Globals {
  private Globals() {}

  static Map<String, Object> functions() {
    return Map.of(
        "range", (Invocable) Globals::range,
        "dict", (Invocable) Globals::dict,
        "namespace", (Invocable) Globals::namespace);
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
    List<Object> numbers = new ArrayList<>();
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      if (numbers.size() >= Limits.MAX_RANGE) {
        throw new TemplateException("a range has more than " + Limits.MAX_RANGE + " numbers");
      }
      numbers.add(i);
    }
    return numbers;
  }

  private static Map<Object, Object> dict(Arguments arguments) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    for (Object source : arguments.positional()) {
      List<Object> pairs =
          source instanceof Map<?, ?> map ? Access.pairs(map) : Values.items(source);
      for (Object pair : pairs) {
        dict.put(Access.item(pair, 0L), Access.item(pair, 1L));
      }
    }
    dict.putAll(arguments.named());
    return dict;
  }

  private static Object namespace(Arguments arguments) {
    Namespace namespace = new Namespace();
    dict(arguments).forEach((name, value) -> namespace.set(Text.of(name), value));
    return namespace;
  }
}
