package io.proxytune.examples;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Splitter;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.measure.AnswerFolder;
import io.proxytune.examples.measure.CheckerKind;
import io.proxytune.examples.measure.Checkers;
import io.proxytune.examples.measure.QuestionFile;
import io.proxytune.examples.measure.ScoringCommand;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Questions of the user's own, and how answers are scored. */
final class DataOptions {
  private static final int MOST_AT_ONCE = 1 << 10;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description =
          "A question a line, as JSON: {\"prompt\": TEXT, \"expected\": TEXT or [TEXT, ...]}, or"
              + " \"messages\": [...], or \"options\": [TEXT, ...] with the right one as"
              + " \"answer\"; beside it \"checker\", \"task\", \"id\" and options such as"
              + " \"max_new_tokens\".")
  private @Nullable Path file;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The first N questions only; all if not given.")
  private @Nullable Integer limit;

  @Option(
      names = "--check",
      paramLabel = "KIND",
      converter = KindConverter.class,
      description =
          "How answers are scored where a line does not say: exact (the default; case, spaces and"
              + " punctuation at the ends are of no account), contains, regex, number (the last"
              + " one) or command.")
  private CheckerKind kind = CheckerKind.EXACT;

  @Option(
      names = "--check-command",
      paramLabel = "COMMAND",
      description =
          "A program that reads a JSON object a line, with \"answer\" and \"item\", and writes"
              + " {\"score\": from 0 to 1} or {\"right\": true} for each; parted at spaces, read by"
              + " no shell.")
  private @Nullable String command;

  @Option(
      names = "--check-seconds",
      paramLabel = "SECONDS",
      description = "The time that it has for an answer; 60 if not given.")
  private double checkSeconds = 60;

  @Option(
      names = "--at-once",
      paramLabel = "COUNT",
      description = "The most questions that are answered at once; 32 if not given.")
  private int atOnce = 32;

  @Option(
      names = "--answers",
      paramLabel = "DIR",
      description =
          "Keep all answers in this folder; a run that was ended goes on where it was, and answers"
              + " are scored anew.")
  private @Nullable Path answers;

  /** Words for the checkers. */
  static final class KindConverter implements ITypeConverter<CheckerKind> {
    @Override
    public CheckerKind convert(String value) {
      return CheckerKind.of(value)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected one of %s, got '%s'"
                          .formatted(String.join(", ", CheckerKind.words()), value)));
    }
  }

  /** Refuses what can't work, before anything is read. */
  void check() {
    Usage.check(limit == null || limit >= 1, "--limit must be >= 1, got %s", limit);
    Usage.check(
        checkSeconds > 0 && checkSeconds <= 86_400,
        "--check-seconds must be above 0 and at most 86400, got %s",
        checkSeconds);
    Usage.check(
        atOnce >= 1 && atOnce <= MOST_AT_ONCE,
        "--at-once must be from 1 to %s, got %s",
        MOST_AT_ONCE,
        atOnce);
    Usage.check(
        kind != CheckerKind.COMMAND || command != null,
        "--check command needs the program: --check-command COMMAND");
    Usage.check(
        command == null || !command.isBlank(), "--check-command must name a program, got ''");
  }

  /** The program that scores answers, if there is one; the caller closes it. */
  Optional<ScoringCommand> scoringCommand() {
    return Optional.ofNullable(command)
        .map(words -> Splitter.on(' ').omitEmptyStrings().splitToList(words))
        .map(words -> new ScoringCommand(words, Duration.ofMillis((long) (checkSeconds * 1000))));
  }

  /** The questions; lines that can't be done are named. */
  QuestionFile read(LineRequests requests, Optional<ScoringCommand> scoring, PrintStream err) {
    QuestionFile read = QuestionFile.read("--data", file(), requests, new Checkers(kind, scoring));
    for (QuestionFile.Problem problem : read.problems()) {
      err.println(
          "proxytune: --data %s line %d: %s"
              .formatted(file, problem.line(), QuestionFile.oneLine(problem.why())));
    }
    return read.limit(Optional.ofNullable(limit));
  }

  Path file() {
    return requireNonNull(file);
  }

  int atOnce() {
    return atOnce;
  }

  /** Where answers are kept, if they are. */
  Optional<AnswerFolder> answers(MeasureRecord run) {
    return Optional.ofNullable(answers)
        .map(folder -> AnswerFolder.open("--answers", folder, run.ofAnswers()));
  }
}
