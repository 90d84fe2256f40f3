package io.proxytune.examples;

import io.proxytune.GenerationOptions;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.batch.BadLineException;
import io.proxytune.examples.batch.BatchRequest;
import io.proxytune.examples.batch.InputLines;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.diagnosis.DiagnosisRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The first prompts of a file. */
final class PromptLines {
  private PromptLines() {}

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if the file can't be read, a line is bad, or there is none
   */
  static List<DiagnosisRun.Request> read(
      Path file, int limit, PromptOptions prompts, GenerationOptions common) {
    LineRequests lines = new LineRequests(prompts, common);
    List<DiagnosisRun.Request> requests = new ArrayList<>();
    try (InputLines input = InputLines.open(file)) {
      Optional<InputLines.Line> line = input.next();
      while (line.isPresent() && requests.size() < limit) {
        requests.add(request(file, line.get(), lines));
        line = input.next();
      }
    }
    Usage.check(!requests.isEmpty(), "--input %s holds no prompt", file);
    return requests;
  }

  private static DiagnosisRun.Request request(Path file, InputLines.Line line, LineRequests lines) {
    try {
      BatchRequest asked = lines.apply(JsonText.parse(line.text()));
      return new DiagnosisRun.Request(asked.prompt(), asked.options());
    } catch (InvalidJsonException e) {
      throw bad(file, line, "it is no JSON, " + e.getMessage(), e);
    } catch (BadLineException e) {
      throw bad(file, line, String.valueOf(e.getMessage()), e);
    }
  }

  private static IllegalArgumentException bad(
      Path file, InputLines.Line line, String why, Exception cause) {
    return new IllegalArgumentException(
        String.format(Locale.ROOT, "--input %s line %d: %s", file, line.number(), why), cause);
  }
}
