package io.proxytune.core.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the values of a template behave: as in Python. */
final class Values {
  private Values() {}

  /**
   * The template's value for an application's.
   *
   * @param value a string, number, boolean, list, map, or null
   * @return the value
   * @throws IllegalArgumentException if it is of another kind, which templates may not touch
   */
  static Object fromJava(@Nullable Object value) {
    if (value == null) {
      return None.NONE;
    } else if (value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double
        || value instanceof Invocable) {
      return value;
    } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    } else if (value instanceof Float) {
      return ((Number) value).doubleValue();
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, item) -> copy.put(fromJava(key), fromJava(item)));
      return copy;
    } else if (value instanceof Iterable<?> items) {
      List<Object> copy = new ArrayList<>();
      items.forEach(item -> copy.add(fromJava(item)));
      return copy;
    }
    throw new IllegalArgumentException(
        "a template variable must be a string, number, boolean, list, map or null, got "
            + value.getClass().getName());
  }

  static boolean truth(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    } else if (isNumber(value)) {
      return toDouble(value) != 0;
    } else if (value == None.NONE || value instanceof Undefined) {
      return false;
    }
    return !hasLength(value) || length(value) > 0;
  }

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  /** An integer in Python's eyes, where booleans are integers. */
  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  static double toDouble(Object number) {
    return number instanceof Double d ? d : (double) toLong(number);
  }

  static long toLong(Object integer) {
    if (integer instanceof Boolean flag) {
      return flag ? 1 : 0;
    } else if (integer instanceof Long number) {
      return number;
    }
    throw new TemplateException("expected an integer, got " + typeName(integer));
  }

  static int toInt(Object integer) {
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, toLong(integer)));
  }

  static boolean equal(Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      boolean whole = isInteger(a) && isInteger(b);
      return whole ? toLong(a) == toLong(b) : toDouble(a) == toDouble(b);
    } else if (a instanceof List<?> left && b instanceof List<?> right) {
      return equalItems(left, right);
    } else if (a instanceof Tuple left && b instanceof Tuple right) {
      return equalItems(left.items(), right.items());
    } else if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      return left.size() == right.size()
          && left.entrySet().stream()
              .allMatch(
                  e -> right.containsKey(e.getKey()) && equal(e.getValue(), right.get(e.getKey())));
    }
    return a.equals(b) || (a instanceof Undefined && b instanceof Undefined);
  }

  private static boolean equalItems(List<?> left, List<?> right) {
    boolean same = left.size() == right.size();
    Iterator<?> other = right.iterator();
    for (Object item : left) {
      same = same && equal(item, other.next());
    }
    return same;
  }

  /** Orders two values as {@code <} does. */
  static int compare(Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      boolean whole = isInteger(a) && isInteger(b);
      return whole ? Long.compare(toLong(a), toLong(b)) : Double.compare(toDouble(a), toDouble(b));
    } else if (a instanceof String left && b instanceof String right) {
      return Text.compare(left, right);
    } else if (a instanceof List<?> left && b instanceof List<?> right) {
      return compareItems(left, right);
    } else if (a instanceof Tuple left && b instanceof Tuple right) {
      return compareItems(left.items(), right.items());
    }
    throw unsupported("<", a, b);
  }

  private static int compareItems(List<?> left, List<?> right) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      if (!equal(left.get(i), right.get(i))) {
        return compare(left.get(i), right.get(i));
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  static TemplateException unsupported(String operator, Object a, Object b) {
    for (Object value : new Object[] {a, b}) {
      if (value instanceof Undefined undefined) {
        return undefined.failure();
      }
    }
    return new TemplateException(
        "'%s' is not supported between '%s' and '%s'"
            .formatted(operator, typeName(a), typeName(b)));
  }

  static boolean isIterable(Object value) {
    return hasLength(value) || value instanceof Generator;
  }

  /** The items of anything that a loop can run over. */
  static List<Object> items(Object value) {
    if (value instanceof List<?> list) {
      return Collections.unmodifiableList(list);
    } else if (value instanceof Tuple tuple) {
      return tuple.items();
    } else if (value instanceof Map<?, ?> map) {
      return List.copyOf(map.keySet());
    } else if (value instanceof String string) {
      return string.codePoints().<Object>mapToObj(Character::toString).toList();
    } else if (value instanceof Generator generator) {
      return generator.drain();
    } else if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException("'" + typeName(value) + "' object is not iterable");
  }

  static boolean hasLength(Object value) {
    return isSequence(value) || value instanceof Undefined;
  }

  /** What has a length and items, in Jinja2's wide sense. */
  static boolean isSequence(Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Tuple
        || value instanceof Map;
  }

  static long length(Object value) {
    if (value instanceof String string) {
      return string.codePointCount(0, string.length());
    } else if (hasLength(value)) {
      return value instanceof Map<?, ?> map ? map.size() : items(value).size();
    }
    throw new TemplateException("object of type '" + typeName(value) + "' has no len()");
  }

  static boolean contains(Object container, Object item) {
    if (container instanceof String string) {
      if (item instanceof String part) {
        return string.contains(part);
      }
      throw unsupported("in", item, container);
    }
    return container instanceof Map<?, ?> map
        ? map.containsKey(item)
        : items(container).stream().anyMatch(other -> equal(other, item));
  }

  /** The name of a value's type in Python. */
  static String typeName(Object value) {
    if (value instanceof String) {
      return "str";
    } else if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof Long) {
      return "int";
    } else if (value instanceof Double) {
      return "float";
    } else if (value instanceof List) {
      return "list";
    } else if (value instanceof Map) {
      return "dict";
    } else if (value == None.NONE) {
      return "NoneType";
    }
    return value instanceof Invocable
        ? "function"
        : value.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }
}
