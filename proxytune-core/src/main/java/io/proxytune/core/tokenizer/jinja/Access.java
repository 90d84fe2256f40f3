package io.proxytune.core.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Attributes, items and slices of values. */
final class Access {
  /** Methods that change a list or dict; the sandbox forbids them. */
  private static final Set<String> MUTATORS =
      Set.of(
          "append",
          "clear",
          "extend",
          "insert",
          "pop",
          "popitem",
          "remove",
          "reverse",
          "setdefault",
          "sort",
          "update");

  private Access() {}

  /** What {@code object.name} gives: an attribute, else an item. */
  static Object attribute(Object object, String name) {
    failIfUndefined(object);
    return ownAttribute(object, name)
        .or(() -> entry(object, name))
        .orElseGet(() -> Undefined.attribute(object, name));
  }

  /** What {@code object[key]} gives: an item, else an attribute. */
  static Object item(Object object, Object key) {
    failIfUndefined(object);
    Optional<Object> item = object instanceof Map ? entry(object, key) : position(object, key);
    if (item.isPresent()) {
      return item.get();
    }
    return key instanceof String name
        ? ownAttribute(object, name).orElseGet(() -> Undefined.attribute(object, name))
        : Undefined.element(object, key);
  }

  private static void failIfUndefined(Object object) {
    if (object instanceof Undefined undefined) {
      throw undefined.failure();
    }
  }

  private static Optional<Object> entry(Object object, Object key) {
    return object instanceof Map<?, ?> map ? Optional.ofNullable(map.get(key)) : Optional.empty();
  }

  private static Optional<Object> position(Object object, Object key) {
    boolean indexed = object instanceof String || object instanceof List || object instanceof Tuple;
    if (!indexed || !Values.isInteger(key)) {
      return Optional.empty();
    }
    long index = Values.toLong(key);
    List<Object> items = Values.items(object);
    long place = index < 0 ? index + items.size() : index;
    return place >= 0 && place < items.size()
        ? Optional.of(items.get((int) place))
        : Optional.empty();
  }

  private static Optional<Object> ownAttribute(Object object, String name) {
    if (object instanceof String string) {
      return StringMethods.find(string, name).map(method -> method);
    } else if (object instanceof Attributes attributes) {
      return attributes.attribute(name);
    }
    boolean mutable = object instanceof List || object instanceof Map;
    if (mutable && MUTATORS.contains(name)) {
      return Optional.of(
          new Undefined(
              "the method '%s' of a %s changes it, which templates may not do"
                  .formatted(name, Values.typeName(object))));
    }
    return object instanceof Map<?, ?> map ? dictMethod(map, name) : listMethod(object, name);
  }

  private static Optional<Object> dictMethod(Map<?, ?> map, String name) {
    return Optional.ofNullable(
        switch (name) {
          case "items" -> method(arguments -> pairs(map));
          case "keys" -> method(arguments -> Values.items(map));
          case "values" -> method(arguments -> List.copyOf(map.values()));
          case "copy" -> method(arguments -> map);
          case "get" ->
              method(
                  arguments -> {
                    Object key = arguments.require(0, "key");
                    return entry(map, key).orElseGet(() -> arguments.get(1, "default", None.NONE));
                  });
          default -> null;
        });
  }

  private static Object method(Invocable method) {
    return method;
  }

  /** The entries of a dict. */
  static List<Object> pairs(Map<?, ?> map) {
    List<Object> pairs = new ArrayList<>();
    map.forEach((key, value) -> pairs.add(Tuple.of(key, value)));
    return pairs;
  }

  private static Optional<Object> listMethod(Object object, String name) {
    boolean list = object instanceof List || object instanceof Tuple;
    return Optional.ofNullable(
        switch (list ? name : "") {
          case "copy" -> method(arguments -> object);
          case "count" ->
              method(
                  arguments -> {
                    Object sought = arguments.require(0, "value");
                    return Values.items(object).stream()
                        .filter(item -> Values.equal(item, sought))
                        .count();
                  });
          case "index" -> method(arguments -> index(object, arguments.require(0, "value")));
          default -> null;
        });
  }

  private static Object index(Object list, Object sought) {
    List<Object> items = Values.items(list);
    for (int i = 0; i < items.size(); i++) {
      if (Values.equal(items.get(i), sought)) {
        return (long) i;
      }
    }
    throw new TemplateException(Text.repr(sought) + " is not in list");
  }

  /**
   * What {@code object[start:stop:step]} gives.
   *
   * @param bounds start, stop and step; null where left out
   */
  static Object slice(Object object, @Nullable Long[] bounds) {
    failIfUndefined(object);
    if (!Values.isSequence(object) || object instanceof Map) {
      throw new TemplateException("'" + Values.typeName(object) + "' object can't be sliced");
    }
    List<Object> items = Values.items(object);
    List<Object> chosen = slice(items, bounds[0], bounds[1], bounds[2]);
    if (object instanceof String) {
      return Text.join("", chosen.stream().map(Text::of).toList());
    }
    return object instanceof Tuple ? new Tuple(chosen) : chosen;
  }

  private static List<Object> slice(
      List<Object> items, @Nullable Long start, @Nullable Long stop, @Nullable Long step) {
    long stride = step == null ? 1 : step;
    if (stride == 0) {
      throw new TemplateException("slice step cannot be zero");
    }
    int size = items.size();
    long low = stride > 0 ? 0 : -1;
    long high = stride > 0 ? size : size - 1L;
    long from = start == null ? (stride > 0 ? low : high) : bound(start, size, low, high);
    long to = stop == null ? (stride > 0 ? high : low) : bound(stop, size, low, high);
    List<Object> chosen = new ArrayList<>();
    for (long i = from; stride > 0 ? i < to : i > to; i += stride) {
      chosen.add(items.get((int) i));
    }
    return chosen;
  }

  private static long bound(long index, int size, long low, long high) {
    long place = index < 0 ? index + size : index;
    return Math.max(low, Math.min(high, place));
  }
}
