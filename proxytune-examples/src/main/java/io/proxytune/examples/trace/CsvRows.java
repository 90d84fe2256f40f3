package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes objects as rows of a table in CSV (RFC 4180, with line feeds), the names of the first one
 * above. What is inside an object has that one's name before its own: {@code base_logprob}. Null is
 * an empty field, and numbers are spelled as in JSON. For one thread.
 */
final class CsvRows {
  private final Writer out;
  private List<String> columns = List.of();

  CsvRows(Writer out) {
    this.out = out;
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if its columns are not those of the first one
   */
  void add(ObjectNode row) throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    flatten("", row, fields);
    List<String> names = List.copyOf(fields.keySet());
    if (columns.isEmpty()) {
      columns = names;
      write(columns);
    }
    if (!columns.equals(names)) {
      throw new IllegalArgumentException(
          "texts of other models have other columns: expected " + columns + ", got " + names);
    }
    write(List.copyOf(fields.values()));
  }

  private static void flatten(String prefix, JsonNode row, Map<String, String> fields) {
    for (Map.Entry<String, JsonNode> field : row.properties()) {
      JsonNode value = field.getValue();
      String name = prefix + field.getKey();
      if (value.isObject()) {
        flatten(name + "_", value, fields);
      } else {
        fields.put(name, value.isNull() ? "" : value.asText());
      }
    }
  }

  private void write(List<String> fields) throws IOException {
    out.write(fields.stream().map(CsvRows::quoted).collect(Collectors.joining(",", "", "\n")));
  }

  /** With blanks too, which some readers strip. */
  private static String quoted(String field) {
    boolean plain =
        field.chars().allMatch(c -> c > ' ' && c != ',' && c != '"' && !Character.isWhitespace(c));
    return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
  }
}
