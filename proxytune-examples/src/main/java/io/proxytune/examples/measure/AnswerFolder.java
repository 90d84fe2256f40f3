package io.proxytune.examples.measure;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.DurableFiles;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.batch.ResultFile;
import io.proxytune.examples.cli.TextFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder with the answers of each system, in a file a system, so that a run that ended early goes
 * on where it was. {@code run.json} says what they are answers of. For one thread.
 */
public final class AnswerFolder {
  private final String option;
  private final Path folder;

  private AnswerFolder(String option, Path folder) {
    this.option = option;
    this.folder = folder;
  }

  /**
   * Opens a folder, or makes it.
   *
   * @param run what all answers depend on: models, data, options
   * @throws IllegalArgumentException if it holds answers of another run
   */
  public static AnswerFolder open(String option, Path folder, ObjectNode run) {
    Path file = folder.resolve("run.json");
    try {
      Files.createDirectories(folder);
      if (Files.exists(file)) {
        requireSame(option, folder, file, run);
      } else {
        DurableFiles.write(file, out -> out.write((run + "\n").getBytes(UTF_8)));
      }
      return new AnswerFolder(option, folder);
    } catch (IOException e) {
      throw new UncheckedIOException(
          option + " " + folder + " can't be written: " + e.getMessage(), e);
    }
  }

  private static void requireSame(String option, Path folder, Path file, ObjectNode run) {
    JsonNode before;
    try {
      before = JsonText.parse(TextFiles.read(option, file, InputStream.nullInputStream()));
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException(file + " is no JSON, " + e.getMessage(), e);
    }
    for (Map.Entry<String, JsonNode> fact : run.properties()) {
      if (!before.path(fact.getKey()).toString().equals(fact.getValue().toString())) {
        throw new IllegalArgumentException(
            "%s %s holds answers of another run: \"%s\" differs; choose another folder"
                .formatted(option, folder, fact.getKey()));
      }
    }
  }

  /** The answers of one system; closed by the caller. */
  Answers open(String system) {
    return new Answers(ResultFile.open(option, folder.resolve(system + ".jsonl")));
  }

  /** A file of answers. For one thread. */
  static final class Answers implements Interview.Taker, AutoCloseable {
    private final ResultFile file;

    private Answers(ResultFile file) {
      this.file = file;
    }

    /** Those that are there of these questions. */
    Map<Long, Answer> of(List<Question> questions) {
      Map<Long, Question> wanted = new HashMap<>();
      questions.forEach(question -> wanted.put(question.line(), question));
      Map<Long, Answer> answers = new HashMap<>();
      file.forEach(
          result -> {
            long line = result.path(ResultFile.LINE).longValue();
            if (wanted.containsKey(line)) {
              answers.put(line, Answer.of(result));
            }
          });
      return answers;
    }

    @Override
    public void take(Question question, Answer answer) {
      ObjectNode result = JsonNodeFactory.instance.objectNode();
      result.put(ResultFile.LINE, question.line());
      if (!question.request().id().isMissingNode()) {
        result.set(ResultFile.ID, question.request().id());
      }
      file.add(result.setAll(answer.json()));
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
