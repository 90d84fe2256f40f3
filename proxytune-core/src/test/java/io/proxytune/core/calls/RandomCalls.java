package io.proxytune.core.calls;

import io.proxytune.core.lifetime.Garbage;
import io.proxytune.core.torch.NativeMemory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Random calls of several threads on objects that they share, in any order, with whatever is
 * closed, cancelled, dropped or interrupted meanwhile. The same seed makes the same calls; how
 * threads meet is up to the machine. For as long as one likes, by its {@code main}.
 */
public final class RandomCalls {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static boolean warm;

  private RandomCalls() {}

  /**
   * Some threads' calls, then the end of all objects.
   *
   * @param seed decides the calls
   * @param callsOfAThread how many each makes
   */
  public static CallOutcome run(long seed, int callsOfAThread) {
    warmUp();
    long objects = NativeMemory.objects();
    CallOutcome outcome = callAll(seed, callsOfAThread);
    Garbage.collectUntil(
        "native objects of " + objects + " are freed", () -> NativeMemory.objects() <= objects);
    Garbage.collectUntil("threads have ended", () -> asyncThreads() == 0);
    return outcome;
  }

  /** What the library keeps for good is there from here on. */
  private static synchronized void warmUp() {
    if (!warm) {
      new CallWorld().close();
      warm = true;
    }
  }

  private static CallOutcome callAll(long seed, int callsOfAThread) {
    Random random = new Random(seed);
    try (CallWorld world = new CallWorld()) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 2 + random.nextInt(3); i > 0; i--) {
        RandomCaller caller = new RandomCaller(world, random.nextLong());
        Thread thread = new Thread(() -> call(caller, callsOfAThread), "random-calls-" + i);
        thread.setDaemon(true);
        world.threads.add(thread, random);
        threads.add(thread);
      }
      threads.forEach(Thread::start);
      awaitAll(threads, world.outcome);
      return world.outcome;
    }
  }

  private static void call(RandomCaller caller, int calls) {
    for (int i = 0; i < calls; i++) {
      caller.call();
    }
  }

  private static void awaitAll(List<Thread> threads, CallOutcome outcome) {
    Instant end = Instant.now().plus(PATIENCE);
    for (Thread thread : threads) {
      try {
        thread.join(Math.max(1, Duration.between(Instant.now(), end).toMillis()));
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      if (thread.isAlive()) {
        outcome.violation("not ended: " + Arrays.toString(thread.getStackTrace()));
      }
    }
  }

  private static long asyncThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("proxytune-async"))
        .count();
  }

  /**
   * Runs seeds one after the other and prints what came of them.
   *
   * @param args the first seed, how many seconds, and how many calls a thread makes for each
   */
  public static void main(String[] args) {
    long seed = Long.parseLong(args[0]);
    Instant end = Instant.now().plusSeconds(Long.parseLong(args[1]));
    CallOutcome all = CallOutcome.empty();
    long seeds = 0;
    while (Instant.now().isBefore(end)) {
      CallOutcome outcome = run(seed + seeds, Integer.parseInt(args[2]));
      all.add(outcome);
      seeds++;
      if (!outcome.violations().isEmpty()) {
        System.out.println("seed " + (seed + seeds - 1) + ": " + outcome.violations());
      }
    }
    System.out.println(seeds + " seeds, " + all);
  }
}
