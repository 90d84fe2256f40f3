package io.proxytune.core.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns an application's values into a template's. What is shared stays shared. */
final class FromJava {
  /** Of lists and maps within each other; far more than any real data has. */
  private static final int MAX_DEPTH = 200;

  private static final int MAX_ITEMS = 1 << 24;

  private final Budget budget;
  private final IdentityHashMap<Object, Object> converted = new IdentityHashMap<>();
  private int depth;
  private int items;

  FromJava(Budget budget) {
    this.budget = budget;
  }

  /**
   * The template's value for an application's.
   *
   * @param name the variable's name, for messages
   * @param value a string, number, boolean, list, map, or null
   * @return the value
   * @throws IllegalArgumentException if it is of another kind, which templates may not touch, or
   *     contains itself
   */
  Object convert(String name, @Nullable Object value) {
    try {
      return convert(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the template variable '" + name + "' " + e.getMessage(), e);
    }
  }

  private Object convert(@Nullable Object value) {
    if (value == null) {
      return None.NONE;
    } else if (value instanceof String text) {
      budget.allowFor(text.length());
      return text;
    } else if (value instanceof Boolean
        || value instanceof Long
        || value instanceof Double
        || value instanceof Invocable) {
      return value;
    } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    } else if (value instanceof Float) {
      return ((Number) value).doubleValue();
    } else if (value instanceof Map || value instanceof Iterable) {
      return container(value);
    }
    throw new IllegalArgumentException(
        "must be a string, number, boolean, list, map or null, got " + value.getClass().getName());
  }

  private Object container(Object value) {
    Object known = converted.get(value);
    if (known != null) {
      return known;
    } else if (++depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "nests lists and maps more than " + MAX_DEPTH + " levels deep: does it contain itself?");
    }
    Object copy = value instanceof Map<?, ?> map ? dict(map) : list((Iterable<?>) value);
    depth--;
    converted.put(value, copy);
    return copy;
  }

  private Map<Object, Object> dict(Map<?, ?> map) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    map.forEach(
        (key, item) -> {
          count();
          if (key instanceof Map || key instanceof Iterable) {
            throw new IllegalArgumentException("has a map with a list or map as a key");
          }
          dict.put(convert(key), convert(item));
        });
    return Collections.unmodifiableMap(dict);
  }

  private List<Object> list(Iterable<?> source) {
    List<Object> list = new ArrayList<>();
    for (Object item : source) {
      count();
      list.add(convert(item));
    }
    return Collections.unmodifiableList(list);
  }

  private void count() {
    budget.allowFor(1);
    if (++items > MAX_ITEMS) {
      throw new IllegalArgumentException("holds more than " + MAX_ITEMS + " items");
    }
  }
}
