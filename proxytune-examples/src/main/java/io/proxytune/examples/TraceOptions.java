package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Tokenizer;
import io.proxytune.examples.batch.ResultFile;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.trace.TraceFile;
import io.proxytune.examples.trace.TraceJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A file that tells of each token what steering did. */
final class TraceOptions {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description =
          "Also write a row for each token, with what steering did to it and what each model gave"
              + " it: JSON lines, or CSV where FILE ends in .csv.")
  private @Nullable Path file;

  /** Whether traces are asked for. */
  boolean given() {
    return file != null;
  }

  /** Refuses a file that can't be written, before anything is loaded. */
  void check(FileOptions files) {
    if (file != null) {
      checkFile("--trace", file, files);
    }
  }

  /** Refuses a file that can't be written, or has another use. */
  static void checkFile(String option, Path file, FileOptions files) {
    Usage.check(!files.uses(file), "%s %s is --input or --output: name another", option, file);
    Path folder = file.toAbsolutePath().getParent();
    Usage.check(
        folder != null && Files.isWritable(folder) && !Files.isDirectory(file),
        "%s %s can't be written: it must name a file in a folder that exists and may be written",
        option,
        file);
  }

  GenerationOptions applyTo(GenerationOptions options) {
    return file == null ? options : options.withTrace(true);
  }

  /** Writes the file, if one is asked for, of the texts of one prompt: column n, from 1. */
  void write(List<Generation> texts, Tokenizer tokenizer) {
    if (file == null) {
      return;
    }
    TraceJson json = new TraceJson(tokenizer);
    TraceFile.write(
        file,
        out -> {
          for (int i = 0; i < texts.size(); i++) {
            out.add(JSON.objectNode().put("n", i + 1), json.of(texts.get(i).tokens()));
          }
        });
  }

  /**
   * Writes the file of all texts that a file of results holds: columns line and line_id.
   *
   * @return how many results have no trace, because they were made without
   */
  int write(ResultFile results) {
    int[] without = {0};
    TraceFile.write(
        requireNonNull(file),
        out ->
            results.forEach(
                result -> {
                  without[0] += result.has(JsonReport.TRACE) ? 0 : 1;
                  out.add(names(result), result.path(JsonReport.TRACE));
                }));
    return without[0];
  }

  /** What tells a result of a file from others. */
  static ObjectNode names(JsonNode result) {
    ObjectNode names = JSON.objectNode();
    names.set(ResultFile.LINE, result.path(ResultFile.LINE));
    JsonNode id = result.path(ResultFile.ID);
    names.set("line_id", id.isMissingNode() ? JSON.nullNode() : id);
    return names;
  }
}
