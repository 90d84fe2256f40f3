package io.proxytune.core.lifetime;

import java.lang.ref.Cleaner;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees what an application dropped without closing it, once that is garbage, and says so in the
 * log. Garbage is found when the JVM looks for it, which may be late: closing is still the way.
 *
 * <p>Safe for use by several threads. Freeing happens on one daemon thread.
 */
public final class Forgotten {
  private static final Logger logger = LoggerFactory.getLogger(Forgotten.class);

  /** With the JDK's own kind of thread, which belongs to no application and inherits nothing. */
  private static final Cleaner cleaner = Cleaner.create();

  private static final LineBudget lines = new LineBudget(System::nanoTime);

  private Forgotten() {}

  /**
   * Watches an object.
   *
   * @param holder what the application is to close
   * @param what what it is, for the log
   * @param end ends and frees what is held; tells whether something still was. It must not reach
   *     the holder
   * @return what to clean where the holder was closed, so that it is watched no longer
   */
  public static Cleaner.Cleanable watch(Object holder, String what, BooleanSupplier end) {
    return cleaner.register(holder, new Freeing(what, end));
  }

  /** A record, so that it can't hold on to more than it says. */
  private record Freeing(String what, BooleanSupplier end) implements Runnable {
    @Override
    public void run() {
      try {
        if (end.getAsBoolean()) {
          report();
        }
      } catch (RuntimeException | Error e) {
        logger.warn("Freeing {}, which was not closed, failed", what, e);
      }
    }

    private void report() {
      int unsaid = lines.take();
      if (unsaid >= 0) {
        logger.warn(
            "{} was dropped without close() and is freed now, as it was found to be garbage: close"
                + " it, for example with try-with-resources{}",
            what,
            unsaid == 0 ? "" : " (and so were " + unsaid + " others since the last such line)");
      }
    }
  }
}
