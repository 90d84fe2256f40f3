package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Python's {@code json.dumps}, as the filter {@code tojson} of transformers calls it. */
final class Json {
  private final StringBuilder out = new StringBuilder();
  private final @Nullable String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean ascii;
  private final boolean sortKeys;

  private Json(Arguments arguments) {
    Object width = arguments.get(1, "indent", None.NONE);
    indent = indent(width);
    Object separators = arguments.get(2, "separators", None.NONE);
    List<Object> pair =
        separators == None.NONE
            ? List.of(indent == null ? ", " : ",", ": ")
            : Values.items(separators);
    itemSeparator = Text.of(pair.get(0));
    keySeparator = Text.of(pair.get(1));
    ascii = arguments.getFlag(0, "ensure_ascii", false);
    sortKeys = arguments.getFlag(3, "sort_keys", false);
  }

  private static @Nullable String indent(Object width) {
    if (width == None.NONE) {
      return null;
    }
    return width instanceof String text ? text : Text.repeat(" ", Values.toLong(width));
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
    Limits.checkText(out.length());
    if (value instanceof String string) {
      quote(string);
    } else if (value instanceof Boolean || value instanceof Long || value == None.NONE) {
      out.append(value == None.NONE ? "null" : value.toString());
    } else if (value instanceof Double number) {
      out.append(ofDouble(number));
    } else if (value instanceof Map<?, ?> map) {
      writeObject(map, depth);
    } else if (value instanceof List || value instanceof Tuple) {
      writeArray(Values.items(value), depth);
    } else {
      throw new TemplateException(
          "Object of type " + Values.typeName(value) + " is not JSON serializable");
    }
  }

  private static String ofDouble(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    return Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : Text.of(number);
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

  private static Map<?, ?> sorted(Map<?, ?> map) {
    Map<Object, Object> sorted = new TreeMap<>(Values::compare);
    sorted.putAll(map);
    return sorted;
  }

  private static String key(Object key) {
    if (key instanceof String string) {
      return string;
    } else if (key instanceof Double number) {
      return ofDouble(number);
    }
    return key == None.NONE ? "null" : key.toString();
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
      out.append('\n').append(Text.repeat(indent, depth));
    }
  }

  private void quote(String string) {
    out.append('"');
    string.chars().forEach(this::appendEscaped);
    out.append('"');
  }

  private void appendEscaped(int c) {
    int simple = "\"\\\n\r\t\b\f".indexOf(c);
    if (simple >= 0) {
      out.append('\\').append("\"\\nrtbf".charAt(simple));
    } else if (c < ' ' || (ascii && c > '~')) {
      out.append(String.format(Locale.ROOT, "\\u%04x", c));
    } else {
      out.append((char) c);
    }
  }
}
