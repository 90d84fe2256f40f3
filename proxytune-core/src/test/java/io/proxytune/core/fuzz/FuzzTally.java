package io.proxytune.core.fuzz;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ProxyTuneException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges what came of each input, and counts. An input is accepted, or refused by one of the
 * library's own exceptions with a message that a stranger can act on; everything else fails the
 * test. An input that does not end halts the process, as nothing else would end it.
 */
final class FuzzTally {
  /** The file that counts are written to; {@link FuzzCampaign} reads it. */
  static final String FILE_PROPERTY = "proxytune.fuzz.counts";

  static final int NOT_ENDED_STATUS = 77;

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LONGEST_MESSAGE = 4000;
  private static final int WRITE_EVERY = 500;

  /** Words of libraries and of the language, which say nothing to a user. */
  private static final Pattern FOREIGN =
      Pattern.compile(
          "fasterxml|FAIL_ON|JsonReadFeature|REDACTED|StreamReadConstraints|NullPointer|\\bjava\\.(lang|util|nio)\\.|Cannot"
              + " invoke|out of bounds for length|(?<!, got )\\bnull$"
              + "|panicked|io\\.proxytune\\.core",
          Pattern.CASE_INSENSITIVE);

  /** What a message quotes is the file's own. */
  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"|'[^']*'");

  private static final Map<String, Long> counts = new TreeMap<>();
  private static final AtomicLong began = new AtomicLong(Long.MAX_VALUE);
  private static final Thread watchdog = new Thread(FuzzTally::watch, "fuzz-watchdog");
  private static long slowestNanos;

  static {
    watchdog.setDaemon(true);
    watchdog.start();
    Runtime.getRuntime().addShutdownHook(new Thread(FuzzTally::write, "fuzz-counts"));
  }

  private FuzzTally() {}

  /** What is tried with an input. */
  interface Trial {
    void run() throws IOException;
  }

  /**
   * Runs a trial.
   *
   * @param named what a refusal's message must contain, such as the file's name; null for nothing
   */
  static void judge(@Nullable String named, Trial trial) {
    long start = System.nanoTime();
    began.set(start);
    try {
      trial.run();
      count("accepted");
    } catch (ProxyTuneException e) {
      requireClear(e, named);
      count(e.getClass().getSimpleName());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      began.set(Long.MAX_VALUE);
      slowestNanos = Math.max(slowestNanos, System.nanoTime() - start);
      count("inputs");
    }
  }

  /** Counts what was judged elsewhere: what ended as documented, by its name. */
  static synchronized void add(Map<String, Integer> outcomes) {
    outcomes.forEach(
        (outcome, count) -> {
          counts.merge(
              outcome.endsWith("Exception") ? outcome : "accepted", (long) count, Long::sum);
          counts.merge("inputs", (long) count, Long::sum);
        });
    write();
  }

  private static void requireClear(ProxyTuneException e, @Nullable String named) {
    String message = String.valueOf(e.getMessage());
    boolean clear =
        !message.isBlank()
            && message.length() <= LONGEST_MESSAGE
            && !FOREIGN.matcher(QUOTED.matcher(message).replaceAll("")).find()
            && (named == null || message.contains(named));
    if (!clear) {
      throw new AssertionError("unclear: " + message, e);
    }
  }

  private static synchronized void count(String what) {
    long now = counts.merge(what, 1L, Long::sum);
    if (what.equals("inputs") && now % WRITE_EVERY == 0) {
      write();
    }
  }

  private static synchronized void write() {
    String file = System.getProperty(FILE_PROPERTY);
    if (file == null) {
      return;
    }
    ObjectNode json = new ObjectMapper().createObjectNode();
    counts.forEach(json::put);
    json.put("slowestMillis", TimeUnit.NANOSECONDS.toMillis(slowestNanos));
    try {
      Files.writeString(Path.of(file), json.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void watch() {
    while (true) {
      try {
        Thread.sleep(1000);
      } catch (InterruptedException e) {
        return;
      }
      if (System.nanoTime() - began.get() > PATIENCE.toNanos() && began.get() != Long.MAX_VALUE) {
        Thread.getAllStackTraces()
            .forEach(
                (thread, frames) -> {
                  System.err.println(thread);
                  for (StackTraceElement frame : frames) {
                    System.err.println("    " + frame);
                  }
                });
        Runtime.getRuntime().halt(NOT_ENDED_STATUS);
      }
    }
  }
}
