package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Python's {@code json.dumps}, as the filter {@code tojson} of transformers calls it. */
final class Json {
  private static final int STEPS_FOR_FORMAT = 100;

  private final TextWriter out;
  private final @Nullable String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean ascii;
  private final boolean sortKeys;

  private Json(Arguments arguments) {
    out = new TextWriter(arguments.budget());
    indent = indent(out.budget(), arguments.get(1, "indent", None.NONE));
    Object separators = arguments.get(2, "separators", None.NONE);
    List<Object> pair =
        separators == None.NONE
            ? List.of(indent == null ? ", " : ",", ": ")
            : Values.items(out.budget(), separators);
    if (pair.size() != 2) {
      throw new TemplateException("separators must be a pair, got " + pair.size() + " items");
    }
    itemSeparator = Text.of(out.budget(), pair.get(0));
    keySeparator = Text.of(out.budget(), pair.get(1));
    ascii = arguments.getFlag(0, "ensure_ascii", false);
    sortKeys = arguments.getFlag(3, "sort_keys", false);
  }

  private static @Nullable String indent(Budget budget, Object width) {
    if (width == None.NONE) {
      return null;
    }
    return width instanceof String text ? text : Text.repeat(budget, " ", Values.toLong(width));
  }

  /**
   * Writes a value as JSON.
   *
   * @param value the value
   * @param arguments ensure_ascii, indent, separators, sort_keys
   * @return the JSON text
   */
  static String write(Object value, Arguments arguments) {
    Json json = new Json(arguments);
    json.write(value, 0);
    return json.out.toString();
  }

  private void write(Object value, int depth) {
    out.budget().enter();
    writeInside(value, depth);
    out.budget().leave();
  }

  private void writeInside(Object value, int depth) {
    if (value instanceof String string) {
      quote(string);
    } else if (value instanceof Boolean || value instanceof Long || value == None.NONE) {
      out.append(value == None.NONE ? "null" : value.toString());
    } else if (value instanceof Double number) {
      out.append(ofDouble(number));
    } else if (value instanceof Map<?, ?> map) {
      writeObject(map, depth);
    } else if (value instanceof List || value instanceof Tuple) {
      writeArray(Values.items(out.budget(), value), depth);
    } else {
      throw new TemplateException(
          "Object of type " + Values.typeName(value) + " is not JSON serializable");
    }
  }

  private String ofDouble(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    return Double.isInfinite(number)
        ? (number > 0 ? "Infinity" : "-Infinity")
        : Text.ofDouble(out.budget(), number);
  }

  private void writeArray(List<Object> items, int depth) {
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      separate(i, depth);
      write(items.get(i), depth + 1);
    }
    close(items.isEmpty(), depth, ']');
  }

  private void writeObject(Map<?, ?> map, int depth) {
    Map<?, ?> entries = sortKeys ? sorted(map) : map;
    out.append('{');
    int i = 0;
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      separate(i++, depth);
      quote(key(entry.getKey()));
      out.append(keySeparator);
      write(entry.getValue(), depth + 1);
    }
    close(map.isEmpty(), depth, '}');
  }

  private Map<?, ?> sorted(Map<?, ?> map) {
    out.budget().newItems(map.size());
    Map<Object, Object> sorted = new TreeMap<>((a, b) -> Values.compare(out.budget(), a, b));
    sorted.putAll(map);
    return sorted;
  }

  private String key(Object key) {
    if (key instanceof String string) {
      return string;
    } else if (key instanceof Double number) {
      return ofDouble(number);
    }
    if (key == None.NONE || key instanceof Boolean || key instanceof Long) {
      return key == None.NONE ? "null" : key.toString();
    }
    throw new TemplateException(
        "keys must be str, int, float, bool or None, not " + Values.typeName(key));
  }

  private void separate(int index, int depth) {
    if (index > 0) {
      out.append(itemSeparator);
    }
    newLine(depth + 1);
  }

  private void close(boolean empty, int depth, char bracket) {
    if (!empty) {
      newLine(depth);
    }
    out.append(bracket);
  }

  private void newLine(int depth) {
    if (indent != null) {
      out.append('\n').repeat(indent, depth);
    }
  }

  private void quote(String string) {
    out.append('"');
    string.codePoints().forEach(this::appendEscaped);
    out.append('"');
  }

  private void appendEscaped(int c) {
    int simple = "\"\\\n\r\t\b\f".indexOf(c);
    if (simple >= 0) {
      out.append('\\').append("\"\\nrtbf".charAt(simple));
    } else if (c < ' ' || (ascii && c > '~')) {
      out.budget().work(STEPS_FOR_FORMAT);
      for (char unit : Character.toChars(c)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
      }
    } else {
      out.append(c);
    }
  }
}
