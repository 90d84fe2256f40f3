package io.proxytune.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.core.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Fuzzes every target for as many inputs as is asked, each in processes of its own that may die,
 * and writes a table of what came of them:
 *
 * <pre>{@code
 * mvn -B test -pl proxytune-core -am -Dtest=FuzzCampaign -Dproxytune.fuzz.inputs=1000000
 *     -Dsurefire.failIfNoSpecifiedTests=false
 * }</pre>
 *
 * <p>{@code -Dproxytune.fuzz.targets=config,template} takes some of them. Counts, logs and the
 * inputs that were findings stay in {@code target/fuzz}.
 */
@EnabledIfSystemProperty(named = "proxytune.fuzz.inputs", matches = "\\d+")
class FuzzCampaign {
  /** Targets by name, with their share of a thousand inputs: slower ones get fewer. */
  private static final List<Target> TARGETS =
      List.of(
          new Target(CheckpointFilesFuzzTest.class, "safetensorsHeader", 500),
          new Target(CheckpointFilesFuzzTest.class, "shardIndex", 100),
          new Target(CheckpointFilesFuzzTest.class, "config", 40),
          new Target(CheckpointFilesFuzzTest.class, "generationConfig", 100),
          new Target(CheckpointFilesFuzzTest.class, "adapterConfig", 100),
          new Target(TokenizerFilesFuzzTest.class, "tokenizer", 15),
          new Target(TokenizerFilesFuzzTest.class, "tokenizerConfig", 10),
          new Target(TokenizerFilesFuzzTest.class, "template", 30),
          new Target(ChatDataFuzzTest.class, "chatData", 100),
          new Target(CallsFuzzTest.class, "calls", 5));

  /**
   * Jazzer's guidance through regular expressions, which took nine tenths of the time, and its
   * alarm where a file's words become one: patterns of adapters are meant to, and run on a budget.
   */
  private static final String NO_HOOKS =
      "com.code_intelligence.jazzer.sanitizers.RegexRoadblocks"
          + ":com.code_intelligence.jazzer.sanitizers.RegexInjection";

  /** A target that finds something again and again is left after so many times. */
  private static final int MOST_STARTS = 20;

  private static final ObjectMapper JSON = new ObjectMapper();
  private final Path folder = Path.of("target", "fuzz").toAbsolutePath();

  /** A fuzz test. */
  private record Target(Class<?> type, String method, int share) {
    /** How often it is run for so many inputs: with calls, one run makes many. */
    long runs(long inputs) {
      return type == CallsFuzzTest.class
          ? Math.max(1, inputs / (3 * CallsFuzzTest.CALLS_OF_A_THREAD))
          : inputs;
    }
  }

  /** What came of a target's inputs. */
  private static final class Outcome {
    private final Map<String, Long> counts = new TreeMap<>();
    private long slowestMillis;
    private int findings;
    private int notEnded;
    private int deadProcesses;

    private long inputs() {
      return counts.getOrDefault("inputs", 0L);
    }

    private void add(JsonNode child) {
      child
          .properties()
          .forEach(
              count -> {
                if (count.getKey().equals("slowestMillis")) {
                  slowestMillis = Math.max(slowestMillis, count.getValue().asLong());
                } else {
                  counts.merge(count.getKey(), count.getValue().asLong(), Long::sum);
                }
              });
    }

    private String row(String name) {
      String refusals =
          counts.entrySet().stream()
              .filter(entry -> entry.getKey().endsWith("Exception"))
              .map(entry -> String.format(Locale.ROOT, "%s %,d", entry.getKey(), entry.getValue()))
              .collect(Collectors.joining(", "));
      return String.format(
          Locale.ROOT,
          "| %s | %,d | %,d | %s | %d | %d | %d | %,d ms |",
          name,
          inputs(),
          counts.getOrDefault("accepted", 0L),
          refusals,
          findings,
          notEnded,
          deadProcesses,
          slowestMillis);
    }
  }

  @Test
  void campaign() throws IOException, InterruptedException {
    long inputs = Long.getLong("proxytune.fuzz.inputs");
    List<String> wanted = List.of(System.getProperty("proxytune.fuzz.targets", "").split(",", -1));
    List<String> rows = new ArrayList<>();
    int bad = 0;
    Files.createDirectories(folder);
    for (Target target : TARGETS) {
      if (wanted.equals(List.of("")) || wanted.contains(target.method())) {
        Outcome outcome = run(target, inputs * target.share() / 1000);
        rows.add(outcome.row(target.method()));
        bad += outcome.findings + outcome.notEnded + outcome.deadProcesses;
        Files.writeString(folder.resolve("table.md"), table(rows));
      }
    }
    assertThat(bad).as("findings, see %s\n%s", folder, table(rows)).isZero();
  }

  private static String table(List<String> rows) {
    return "| target | inputs | accepted | refused | unclear | not ended | dead JVMs | slowest |\n"
        + "|---|---|---|---|---|---|---|---|\n"
        + String.join("\n", rows)
        + "\n";
  }

  private Outcome run(Target target, long inputs) throws IOException, InterruptedException {
    Outcome outcome = new Outcome();
    for (int start = 0; start < MOST_STARTS && outcome.inputs() < inputs; start++) {
      Path work = Files.createDirectories(folder.resolve(target.method()).resolve("run" + start));
      Path counts = work.resolve("counts.json");
      Files.deleteIfExists(counts);
      int status = start(target, inputs - outcome.inputs(), work, counts);
      if (Files.exists(counts)) {
        outcome.add(JSON.readTree(counts.toFile()));
      }
      outcome.findings += status == 1 ? 1 : 0;
      outcome.notEnded += status == FuzzTally.NOT_ENDED_STATUS ? 1 : 0;
      outcome.deadProcesses += List.of(0, 1, FuzzTally.NOT_ENDED_STATUS).contains(status) ? 0 : 1;
    }
    return outcome;
  }

  private static int start(Target target, long inputs, Path work, Path counts)
      throws IOException, InterruptedException {
    List<String> options =
        List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-Dproxytune.threads=1",
            "-Djazzer.instrument=io.proxytune.**",
            "-Djazzer.instrumentation_excludes=io.proxytune.core.fuzz.**", // or it learns its words
            "-Djazzer.custom_hook_excludes=**",
            "-Djazzer.disabled_hooks=" + NO_HOOKS,
            "-Djazzer.max_executions=" + target.runs(inputs),
            "-D" + FuzzTally.FILE_PROPERTY + "=" + counts);
    String method = target.method() + "(com.code_intelligence.jazzer.api.FuzzedDataProvider)";
    ProcessBuilder builder =
        ChildJvm.of(FuzzChild.class, options, target.type().getName(), method)
            .directory(work.toFile())
            .redirectOutput(work.resolve("log.txt").toFile());
    builder.environment().put("JAZZER_FUZZ", "1");
    return builder.start().waitFor();
  }
}
