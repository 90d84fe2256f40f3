package io.proxytune.core.torch;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the process from ending inside of native work.
 *
 * <p>When a JVM ends, it waits 0.3 s for threads in native code, and then LibTorch is taken apart
 * under those that still are there: the process crashes instead of ending as it was told. A pass of
 * a large model, or a step of training, takes longer. So a shutdown hook waits for the work that
 * runs, and lets no other begin.
 *
 * <p>Hooks of the application may need more work, such as to let requests come to their end. As
 * long as they run, work goes on. Nobody tells which threads they are, but hooks begin when the JVM
 * ends: they are threads that were not there when the work that runs began. Another thread that
 * began in that time is taken for one of them, which makes the end later and no worse.
 *
 * <p>Safe for use by several threads.
 */
final class ExitGate {
  /** To list the threads before each of many short passes would take time from them. */
  private static final long LISTED_FOR_NANOS = Duration.ofMillis(50).toNanos();

  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int PAUSES = 2;

  private final Duration patience;
  private Set<Long> before = Set.of();
  private long listed = System.nanoTime() - LISTED_FOR_NANOS;
  private boolean busy;
  private boolean shut;

  /**
   * Opens a gate.
   *
   * @param patience how long the end of the JVM waits at most for hooks of the application, and how
   *     long for work after them
   */
  ExitGate(Duration patience) {
    this.patience = patience;
  }

  /** Does work, unless the JVM has come to its end; then this never returns. */
  <T extends @Nullable Object> T pass(Supplier<T> work) {
    enter();
    try {
      return work.get();
    } finally {
      leave();
    }
  }

  private synchronized void enter() {
    while (shut) {
      waitFor(Long.MAX_VALUE);
    }
    long now = System.nanoTime();
    if (now - listed >= LISTED_FOR_NANOS) {
      Set<Long> ids = threads().map(Thread::getId).collect(Collectors.toSet());
      if (!isJvmEnding()) { // asked after the list was made, so that no hook is in it
        before = ids;
        listed = now;
      }
    }
    busy = true;
  }

  private synchronized void leave() {
    busy = false;
    notifyAll();
  }

  /** The shutdown hook's task. */
  void close() {
    long end = System.nanoTime() + patience.toNanos();
    int quiet = 0; // at first the other hooks may not have begun yet
    while (quiet < PAUSES && System.nanoTime() < end) {
      Uninterruptibles.sleepUninterruptibly(PAUSE);
      quiet = otherHooksRun() ? 0 : quiet + 1;
    }
    shut();
  }

  private synchronized void shut() {
    shut = true;
    long end = System.nanoTime() + patience.toNanos();
    for (long left = end - System.nanoTime(); busy && left > 0; left = end - System.nanoTime()) {
      waitFor(left);
    }
  }

  @SuppressWarnings("WaitNotInLoop") // who calls this has the loop
  private void waitFor(long nanos) {
    try {
      wait(Math.max(1, nanos / 1_000_000));
    } catch (InterruptedException e) {
      // The JVM ends in any case.
    }
  }

  private boolean otherHooksRun() {
    Set<Long> known = knownThreads();
    return threads()
        .filter(thread -> !known.contains(thread.getId()))
        .anyMatch(thread -> thread != Thread.currentThread() && mayBeHook(thread));
  }

  private synchronized Set<Long> knownThreads() {
    return before;
  }

  /**
   * Not what runs the hooks, which may be a new thread, too, such as that of a signal; and none of
   * the JVM's own, which run no Java.
   */
  private static boolean mayBeHook(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return stack.length > 0
        && Arrays.stream(stack).noneMatch(it -> it.getClassName().equals("java.lang.Shutdown"));
  }

  private static boolean isJvmEnding() {
    try {
      Runtime.getRuntime().removeShutdownHook(Thread.currentThread()); // which is none
      return false;
    } catch (IllegalStateException hooksHaveBegun) {
      return true;
    }
  }

  private static Stream<Thread> threads() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    Thread[] found = new Thread[group.activeCount() + 8];
    while (group.enumerate(found) == found.length) { // what has no room is left out
      found = new Thread[2 * found.length];
    }
    return Arrays.stream(found).filter(Objects::nonNull);
  }
}
