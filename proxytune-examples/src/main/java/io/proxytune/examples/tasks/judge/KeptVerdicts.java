package io.proxytune.examples.tasks.judge;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.JsonOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Writes a judge's verdicts into a file as they come, and asks for none that the file holds: a run
 * that was ended goes on, and nothing is paid for twice. Closing it closes the judge. For one
 * thread.
 */
public final class KeptVerdicts implements Judge {
  private final Judge judge;
  private final Path file;
  private final Optional<VerdictFile> before;

  private KeptVerdicts(Judge judge, Path file, Optional<VerdictFile> before) {
    this.judge = judge;
    this.file = file;
    this.before = before;
  }

  /**
   * Keeps the verdicts of a judge.
   *
   * @param file is made if it is not there
   * @throws IllegalArgumentException if it holds anything else
   */
  public static KeptVerdicts of(Judge judge, Path file) {
    try {
      boolean any = Files.exists(file) && Files.size(file) > 0;
      return new KeptVerdicts(
          judge, file, any ? Optional.of(VerdictFile.read(file)) : Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read: " + e.getMessage(), e);
    }
  }

  @Override
  public String name() {
    return judge.name();
  }

  @Override
  public OptionalDouble verdict(JudgeQuestion question) {
    OptionalDouble known = before.map(it -> it.verdict(question)).orElseGet(OptionalDouble::empty);
    if (known.isPresent()) {
      return known;
    }
    OptionalDouble verdict = judge.verdict(question);
    verdict.ifPresent(value -> keep(question, value));
    return verdict;
  }

  private void keep(JudgeQuestion question, double verdict) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("id", question.id()).put("asks", question.asks());
    line.put("output", question.fields().get("output")).put("verdict", verdict);
    try {
      Files.writeString(
          file,
          JsonOutput.compact(line) + "\n",
          UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    judge.close();
  }
}
