package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads CSV as RFC 4180 has it, with a header; quoted fields may hold line ends. For one use. */
final class CsvFile {
  private final Path file;
  private final String text;
  private int at;
  private int line = 1;

  private CsvFile(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * The records below the header, by the header's names.
   *
   * @throws IllegalArgumentException naming the line, if one has more or fewer fields, or a quote
   *     that does not end
   */
  static List<Row> read(Path file) {
    String text = Rows.text(file);
    return new CsvFile(file, text.startsWith("\ufeff") ? text.substring(1) : text).rows();
  }

  private List<Row> rows() {
    List<String> header = at < text.length() ? line() : List.of();
    List<Row> rows = new ArrayList<>();
    while (at < text.length()) {
      String place = file + ", line " + line;
      List<String> fields = line();
      if (fields.size() == 1 && fields.get(0).isEmpty()) {
        continue; // a blank line
      }
      rows.add(row(place, header, fields));
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(file + " holds no records below a header");
    }
    return rows;
  }

  private static Row row(String place, List<String> header, List<String> fields) {
    if (fields.size() != header.size()) {
      throw new IllegalArgumentException(
          place + ": " + fields.size() + " fields, and the header has " + header.size());
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < header.size(); i++) {
      json.put(header.get(i), fields.get(i));
    }
    return new Row(place, json);
  }

  /** The fields up to the next line end that is in no quotes. */
  private List<String> line() {
    List<String> fields = new ArrayList<>();
    fields.add(field());
    while (at < text.length() && text.charAt(at) == ',') {
      at++;
      fields.add(field());
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    line++;
    return fields;
  }

  private String field() {
    if (at >= text.length() || text.charAt(at) != '"') {
      int from = at;
      while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(from, at);
    }
    return quoted();
  }

  private String quoted() {
    int begin = line;
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"' && !text.startsWith("\"\"", at)) {
        at++;
        return value.toString();
      }
      at += c == '"' ? 1 : 0;
      line += c == '\n' ? 1 : 0;
      value.append(c);
    }
    throw new IllegalArgumentException(
        file + ", line " + begin + ": a quote that is opened here does not end");
  }
}
