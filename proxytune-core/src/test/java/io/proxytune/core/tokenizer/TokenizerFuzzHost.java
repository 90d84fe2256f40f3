package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.core.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs {@link TokenizerFuzz} in child processes, which may die or hang, and counts the outcomes.
 *
 * <p>One command for a long run, with the test classes on the class path: {@code java
 * io.proxytune.core.tokenizer.TokenizerFuzzHost COUNT FIRST_SEED FOLDER...}, where each folder
 * holds tokenizers, such as {@code ../shared/tokenizers} and {@code src/test/resources/tokenizers}.
 */
final class TokenizerFuzzHost {
  private static final int SECONDS_OF_START = 120;
  private static final int SECONDS_OF_ONE = 30;

  private final List<Path> files;
  private final Path folder;
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final List<String> findings = new ArrayList<>();

  /**
   * Makes a host.
   *
   * @param whole the tokenizers to damage, which may be large
   * @param folder an empty folder to write to
   */
  TokenizerFuzzHost(List<Path> whole, Path folder) throws IOException {
    this.folder = folder;
    List<Path> shrunk = new ArrayList<>();
    for (Path file : whole) {
      JsonNode root = new ObjectMapper().readTree(Files.readString(file));
      Path small = folder.resolve("shrunk-" + shrunk.size() + ".json");
      shrunk.add(Files.writeString(small, TokenizerMutator.shrunk(root).toString()));
    }
    files = List.copyOf(shrunk);
  }

  /** How often each outcome came. */
  Map<String, Integer> outcomes() {
    return outcomes;
  }

  /** What is to be mended: dead and hanging processes, and unclear messages. */
  List<String> findings() {
    return findings;
  }

  /** Runs some seeds, with a new process after each that died. */
  void run(long first, int count) throws IOException, InterruptedException {
    long next = first;
    while (next < first + count) {
      next = runUntilDeath(next, first + count);
    }
  }

  private long runUntilDeath(long from, long to) throws IOException, InterruptedException {
    Process process = start(from, to);
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    long open = from - 1;
    boolean ended = true;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      ScheduledFuture<?> end = alarm(clock, process, SECONDS_OF_START);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 3);
        if (words[0].equals("run") || words[0].equals("end")) {
          end.cancel(false);
          end = alarm(clock, process, SECONDS_OF_ONE);
          open = Long.parseLong(words[1]);
          ended = words[0].equals("end");
          if (ended) {
            count(open, words[2]);
          }
        }
      }
    } finally {
      clock.shutdownNow();
    }
    int code = process.waitFor();
    if (!ended) {
      count(open, code == 137 || code == 143 ? "not ended" : "dead JVM, exit code " + code);
    } else if (open + 1 < to) {
      throw new IOException("the process ended with " + code + " before seed " + (open + 1));
    }
    return open + 1;
  }

  private static ScheduledFuture<?> alarm(
      ScheduledExecutorService clock, Process process, int seconds) {
    return clock.schedule(process::destroyForcibly, seconds, TimeUnit.SECONDS);
  }

  private void count(long seed, String outcome) {
    boolean fine = outcome.equals("opened") || outcome.startsWith("refused");
    String kind = fine ? outcome : outcome.substring(0, outcome.indexOf(' '));
    outcomes.merge(kind, 1, Integer::sum);
    if (!fine) {
      findings.add("seed " + seed + ": " + outcome);
    }
  }

  private Process start(long from, long to) throws IOException {
    List<String> options =
        List.of(
            "-Xmx512m",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:TieredStopAtLevel=1",
            "-XX:ErrorFile=" + folder.resolve("error.log"));
    List<Object> arguments = new ArrayList<>(List.of(folder, from, to));
    arguments.addAll(files);
    return ChildJvm.of(TokenizerFuzz.class, options, arguments.toArray())
        .redirectErrorStream(false)
        .redirectError(folder.resolve("stderr.txt").toFile())
        .start();
  }

  /** The tokenizers in the folders of a folder. */
  static List<Path> tokenizersIn(Path folder) throws IOException {
    try (Stream<Path> folders = Files.list(folder)) {
      return folders
          .map(each -> each.resolve("tokenizer.json"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  /**
   * A long run; tells the counts and the findings.
   *
   * @param args how many, the first seed, and folders with tokenizers
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (int i = 2; i < args.length; i++) {
      files.addAll(tokenizersIn(Path.of(args[i])));
    }
    TokenizerFuzzHost host = new TokenizerFuzzHost(files, Files.createTempDirectory("fuzz"));
    host.run(Long.parseLong(args[1]), Integer.parseInt(args[0]));
    host.outcomes().forEach((outcome, count) -> System.out.println(count + "\t" + outcome));
    host.findings().forEach(System.out::println);
  }
}
