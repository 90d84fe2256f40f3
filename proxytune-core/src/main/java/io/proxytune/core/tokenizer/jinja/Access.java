package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  /** Methods of Python's {@code dict}. */
  static final Operations DICT_METHODS =
      new Operations(
          "method of a dict",
          Map.of(
              "items", (dict, a) -> pairs(a.budget(), dict),
              "keys", (dict, a) -> Values.items(a.budget(), dict),
              "values", (dict, a) -> values(a.budget(), dict),
              "copy", (dict, a) -> dict,
              "get", Access::get),
          Set.of("copy", "get"));

  /** Methods of Python's {@code list} and {@code tuple}. */
  static final Operations LIST_METHODS =
      new Operations(
          "method of a list",
          Map.of(
              "copy", (list, a) -> list,
              "count", Access::count,
              "index", Access::index),
          Set.of("copy"));

  private Access() {}

  /** What {@code object.name} gives: an attribute, else an item. */
  static Object attribute(Budget budget, Object object, String name) {
    budget.work(1);
    failIfUndefined(object);
    return ownAttribute(budget, object, name)
        .or(() -> entry(budget, object, name))
        .orElseGet(() -> Undefined.attribute(object, name));
  }

  /** What {@code object[key]} gives: an item, else an attribute. */
  static Object item(Budget budget, Object object, Object key) {
    budget.work(1);
    failIfUndefined(object);
    Optional<Object> item =
        object instanceof Map ? entry(budget, object, key) : position(budget, object, key);
    if (item.isPresent()) {
      return item.get();
    }
    return key instanceof String name
        ? ownAttribute(budget, object, name).orElseGet(() -> Undefined.attribute(object, name))
        : Undefined.element(budget, object, key);
  }

  private static void failIfUndefined(Object object) {
    if (object instanceof Undefined undefined) {
      throw undefined.failure();
    }
  }

  private static Optional<Object> entry(Budget budget, Object object, Object key) {
    boolean possible = object instanceof Map && Keys.isHashable(key);
    return possible ? Keys.find(budget, (Map<?, ?>) object, key) : Optional.empty();
  }

  private static Optional<Object> position(Budget budget, Object object, Object key) {
    boolean indexed = object instanceof String || object instanceof List || object instanceof Tuple;
    if (!indexed || !Values.isInteger(key)) {
      return Optional.empty();
    } else if (object instanceof String text) {
      return character(budget, text, Values.toLong(key));
    }
    long index = Values.toLong(key);
    List<Object> items = Values.items(budget, object);
    long place = index < 0 ? index + items.size() : index;
    return place >= 0 && place < items.size()
        ? Optional.of(items.get((int) place))
        : Optional.empty();
  }

  private static Optional<Object> character(Budget budget, String text, long index) {
    budget.readText(text.length());
    int size = text.codePointCount(0, text.length());
    long place = index < 0 ? index + size : index;
    if (place < 0 || place >= size) {
      return Optional.empty();
    }
    budget.newText(1);
    int at = text.offsetByCodePoints(0, (int) place);
    return Optional.of(Character.toString(text.codePointAt(at)));
  }

  private static Optional<Object> ownAttribute(Budget budget, Object object, String name) {
    if (object instanceof String string) {
      return bound(budget, StringMethods.METHODS, string, name);
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
    if (object instanceof Map) {
      return bound(budget, DICT_METHODS, object, name);
    }
    boolean list = object instanceof List || object instanceof Tuple;
    return list ? bound(budget, LIST_METHODS, object, name) : Optional.empty();
  }

  private static Optional<Object> bound(
      Budget budget, Operations methods, Object object, String name) {
    if (!methods.names().contains(name)) {
      return Optional.empty();
    }
    budget.newObject();
    return Optional.of((Invocable) arguments -> methods.run(name, object, arguments));
  }

  private static Object get(Object dict, Arguments arguments) {
    return entry(arguments.budget(), dict, arguments.require(0, "key"))
        .orElseGet(() -> arguments.get(1, "default", None.NONE));
  }

  /** The entries of a dict. */
  static List<Object> pairs(Budget budget, Object dict) {
    ListWriter pairs = new ListWriter(budget);
    ((Map<?, ?>) dict)
        .forEach(
            (key, value) -> {
              budget.newObject();
              pairs.add(Tuple.of(key, value));
            });
    return pairs.list();
  }

  private static List<Object> values(Budget budget, Object dict) {
    return new ListWriter(budget).addAll(((Map<?, ?>) dict).values()).list();
  }

  private static long count(Object list, Arguments arguments) {
    Budget budget = arguments.budget();
    Object sought = arguments.require(0, "value");
    return Values.items(budget, list).stream()
        .filter(item -> Values.equal(budget, item, sought))
        .count();
  }

  private static long index(Object list, Arguments arguments) {
    Budget budget = arguments.budget();
    Object sought = arguments.require(0, "value");
    List<Object> items = Values.items(budget, list);
    for (int i = 0; i < items.size(); i++) {
      if (Values.equal(budget, items.get(i), sought)) {
        return i;
      }
    }
    throw new TemplateException(Text.repr(budget, sought) + " is not in list");
  }
}
