package io.proxytune.examples.trace;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.DurableFiles;
import io.proxytune.core.files.JsonOutput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A file of traces for a notebook: a row a token, as JSON lines, or as CSV where the file's name
 * ends so. The whole file is there, or what was there before.
 */
public final class TraceFile {
  private final Sink rows;

  private TraceFile(Writer out, boolean csv) {
    CsvRows table = new CsvRows(out);
    this.rows = csv ? table::add : row -> out.write(JsonOutput.compact(row) + "\n");
  }

  /** Takes rows. */
  private interface Sink {
    void add(ObjectNode row) throws IOException;
  }

  /** Adds texts to a file. */
  public interface Body {
    /** Adds them. */
    void writeTo(TraceFile file);
  }

  /**
   * Writes a file, over one that exists.
   *
   * @param file where, in a folder that exists
   * @param body adds the texts
   * @throws UncheckedIOException if it can't be written
   */
  public static void write(Path file, Body body) {
    boolean csv = file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
    try {
      DurableFiles.write(
          file,
          out -> {
            Writer writer = new BufferedWriter(new OutputStreamWriter(out, UTF_8));
            body.writeTo(new TraceFile(writer, csv));
            writer.flush();
          });
    } catch (IOException | UncheckedIOException e) {
      throw new UncheckedIOException(
          "--trace " + file + " can't be written: " + e.getMessage(), asIo(e));
    }
  }

  private static IOException asIo(Exception e) {
    return e instanceof UncheckedIOException unchecked ? unchecked.getCause() : (IOException) e;
  }

  /**
   * Adds a text.
   *
   * @param names what each of its rows begins with
   * @param trace its tokens, as {@link TraceJson} makes them
   */
  public void add(ObjectNode names, JsonNode trace) {
    try {
      for (JsonNode token : trace) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.setAll(names);
        row.setAll((ObjectNode) token);
        rows.add(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
