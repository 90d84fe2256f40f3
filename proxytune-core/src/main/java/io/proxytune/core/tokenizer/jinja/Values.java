package io.proxytune.core.tokenizer.jinja;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How the values of a template behave: as in Python. */
final class Values {
  private Values() {}

  static boolean truth(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    } else if (isNumber(value)) {
      return toDouble(value) != 0;
    } else if (value == None.NONE || value instanceof Undefined) {
      return false;
    }
    return !hasLength(value) || Budget.size(value) > 0;
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

  static boolean equal(Budget budget, Object a, Object b) {
    budget.enter();
    boolean equal = equalInside(budget, a, b);
    budget.leave();
    return equal;
  }

  private static boolean equalInside(Budget budget, Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      boolean whole = isInteger(a) && isInteger(b);
      return whole ? toLong(a) == toLong(b) : toDouble(a) == toDouble(b);
    } else if (a instanceof String left && b instanceof String right) {
      budget.readText(left.length() == right.length() ? left.length() : 0);
      return left.equals(right);
    } else if (a instanceof List<?> left && b instanceof List<?> right) {
      return equalItems(budget, left, right);
    } else if (a instanceof Tuple left && b instanceof Tuple right) {
      return equalItems(budget, left.items(), right.items());
    } else if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      return equalEntries(budget, left, right);
    }
    return a == b || (a instanceof Undefined && b instanceof Undefined);
  }

  private static boolean equalItems(Budget budget, List<?> left, List<?> right) {
    if (left.size() != right.size()) {
      return false;
    }
    Iterator<?> other = right.iterator();
    for (Object item : left) {
      if (!equal(budget, item, other.next())) {
        return false;
      }
    }
    return true;
  }

  private static boolean equalEntries(Budget budget, Map<?, ?> left, Map<?, ?> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : left.entrySet()) {
      Optional<Object> other = Keys.find(budget, right, entry.getKey());
      if (other.isEmpty() || !equal(budget, entry.getValue(), other.get())) {
        return false;
      }
    }
    return true;
  }

  /** Orders two values as {@code <} does. */
  static int compare(Budget budget, Object a, Object b) {
    budget.enter();
    int order = compareInside(budget, a, b);
    budget.leave();
    return order;
  }

  private static int compareInside(Budget budget, Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      boolean whole = isInteger(a) && isInteger(b);
      return whole ? Long.compare(toLong(a), toLong(b)) : Double.compare(toDouble(a), toDouble(b));
    } else if (a instanceof String left && b instanceof String right) {
      return Text.compare(budget, left, right);
    } else if (a instanceof List<?> left && b instanceof List<?> right) {
      return compareItems(budget, left, right);
    } else if (a instanceof Tuple left && b instanceof Tuple right) {
      return compareItems(budget, left.items(), right.items());
    }
    throw unsupported("<", a, b);
  }

  private static int compareItems(Budget budget, List<?> left, List<?> right) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      if (!equal(budget, left.get(i), right.get(i))) {
        return compare(budget, left.get(i), right.get(i));
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

  /** The items of anything that a loop can run over; unmodifiable. */
  static List<Object> items(Budget budget, Object value) {
    if (value instanceof List<?> list) {
      return Collections.unmodifiableList(list);
    } else if (value instanceof Tuple tuple) {
      return tuple.items();
    } else if (value instanceof Map<?, ?> map) {
      return new ListWriter(budget).addAll(map.keySet()).list();
    } else if (value instanceof String string) {
      return characters(budget, string);
    } else if (value instanceof Generator generator) {
      return generator.drain();
    } else if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException("'" + typeName(value) + "' object is not iterable");
  }

  private static List<Object> characters(Budget budget, String text) {
    ListWriter characters = new ListWriter(budget);
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      characters.addText(Character.toString(text.codePointAt(i)));
    }
    return characters.list();
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
      return Budget.size(value);
    }
    throw new TemplateException("object of type '" + typeName(value) + "' has no len()");
  }

  static boolean contains(Budget budget, Object container, Object item) {
    if (container instanceof String string) {
      if (item instanceof String part) {
        return Search.contains(budget, string, part);
      }
      throw unsupported("in", item, container);
    } else if (container instanceof Map<?, ?> map) {
      return Keys.find(budget, map, item).isPresent();
    }
    for (Object other : items(budget, container)) {
      if (equal(budget, other, item)) {
        return true;
      }
    }
    return false;
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
