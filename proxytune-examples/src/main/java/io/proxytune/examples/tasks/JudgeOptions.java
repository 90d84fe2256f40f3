package io.proxytune.examples.tasks;

import io.proxytune.examples.cli.TextFiles;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.tasks.judge.CommandJudge;
import io.proxytune.examples.tasks.judge.Judge;
import io.proxytune.examples.tasks.judge.KeptVerdicts;
import io.proxytune.examples.tasks.judge.ServerJudge;
import io.proxytune.examples.tasks.judge.VerdictFile;
import io.proxytune.examples.tasks.sandbox.CodeRunner;
import io.proxytune.examples.tasks.sandbox.PythonSandbox;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who judges answers. */
public final class JudgeOptions {
  private static final double MAX_SECONDS = 86_400;

  /** As the published results have it. */
  private static final Duration PROGRAM_LIMIT = Duration.ofSeconds(3);

  @Option(
      names = "--judge-command",
      paramLabel = "COMMAND",
      description =
          "Judges: reads a question a line, as JSON, and writes {\"verdict\": 0.9} a line; run by"
              + " sh, as you.")
  private @Nullable String command;

  @Option(
      names = "--judge-url",
      paramLabel = "URL",
      description =
          "Judges: a server of OpenAI's protocol, such as http://127.0.0.1:8000/v1; the verdict is"
              + " the probability of \" yes\".")
  private @Nullable String url;

  @Option(names = "--judge-model", paramLabel = "NAME", description = "The model of --judge-url.")
  private @Nullable String model;

  @Option(
      names = "--judge-key-file",
      paramLabel = "FILE",
      description = "Holds the key for --judge-url in its first line.")
  private @Nullable Path keyFile;

  @Option(
      names = "--verdicts",
      paramLabel = "FILE",
      description =
          "Judges: verdicts that were given before, a line each: {\"id\": ..., \"asks\": ...,"
              + " \"verdict\": 0.9}.")
  private @Nullable Path verdicts;

  @Option(
      names = "--keep-verdicts",
      paramLabel = "FILE",
      description =
          "Adds verdicts to a file as they come, and asks for none that it holds; --verdicts reads"
              + " it too.")
  private @Nullable Path kept;

  @Option(
      names = "--judge-time-limit",
      paramLabel = "SECONDS",
      description = "The most time for a verdict; 60 if not given.")
  private double seconds = 60;

  /** Refuses what can't work, before anything is loaded. */
  public void check() {
    long judges = Stream.of(command, url, verdicts).filter(Objects::nonNull).count();
    Usage.check(judges <= 1, "give one of --judge-command, --judge-url and --verdicts");
    Usage.check(
        (url == null) == (model == null), "--judge-url and --judge-model go together: give both");
    Usage.check(
        kept == null || command != null || url != null,
        "--keep-verdicts needs --judge-command or --judge-url, whose verdicts it keeps");
    Usage.check(url != null || keyFile == null, "--judge-key-file needs --judge-url");
    Usage.check(
        seconds > 0 && seconds <= MAX_SECONDS,
        "--judge-time-limit must be above 0 and at most %.0f seconds, got %s",
        MAX_SECONDS,
        seconds);
  }

  /** Opens the judge; the caller closes it. */
  public Judge judge() {
    Judge judge = asked();
    try {
      return kept == null ? judge : KeptVerdicts.of(judge, kept);
    } catch (Throwable e) {
      judge.close();
      throw e;
    }
  }

  private Judge asked() {
    Duration limit = Duration.ofNanos((long) Math.ceil(seconds * 1e9));
    if (command != null) {
      return CommandJudge.start(command, limit);
    }
    if (url != null) {
      return new ServerJudge(url, Objects.requireNonNull(model), key(), limit);
    }
    return verdicts == null ? Judge.none() : VerdictFile.read(verdicts);
  }

  private Optional<String> key() {
    if (keyFile == null) {
      return Optional.empty();
    }
    String text = TextFiles.read("--judge-key-file", keyFile, InputStream.nullInputStream());
    String key = text.lines().findFirst().orElse("").strip();
    Usage.check(
        key.matches("[!-~]+"), "--judge-key-file %s must hold a key in its first line", keyFile);
    return Optional.of(key);
  }

  /** What runs the programs of a benchmark that needs it; the caller closes it. */
  public CodeRunner runner(PaperTask task) {
    return task.runsPrograms()
        ? PythonSandbox.open(PROGRAM_LIMIT)
        : CodeRunner.refusing("its texts are no programs");
  }
}
