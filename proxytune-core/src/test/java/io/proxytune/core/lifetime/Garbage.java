package io.proxytune.core.lifetime;

import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** What tests need of the garbage collector, and of the log lines about what it found. */
public final class Garbage {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Garbage() {}

  /** Collects garbage until something holds. */
  public static void collectUntil(String what, BooleanSupplier holds) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!holds.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        fail("not within %s: %s", PATIENCE, what);
      }
      System.gc();
      pause();
    }
  }

  /** Collects garbage several times, with time for what it sets off. */
  public static void collect() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      pause();
    }
  }

  /** What it is about to log, it logs before it comes to the next object. */
  private static void awaitTheFreeingThread() {
    AtomicBoolean reached = new AtomicBoolean();
    Forgotten.watch(new Object(), "a test's object", () -> !reached.compareAndSet(false, true));
    collectUntil("the next object is freed", reached::get);
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The lines that were logged meanwhile about what was dropped. */
  public static List<String> linesDuring(Runnable task) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      task.run();
      awaitTheFreeingThread();
    } finally {
      System.setErr(before);
    }
    String all = log.toString(StandardCharsets.UTF_8);
    before.print(all);
    return all.lines().filter(line -> line.contains("dropped without close()")).toList();
  }
}
