package io.proxytune.core.torch;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs passes of two models on the CPU one after the other, each on as many threads as are best for
 * it, or at the same time, each on one thread: whichever took less time. Between the products of a
 * small model one thread works and the others wait for it, which costs nothing where each thread
 * has a model of its own.
 *
 * <p>For the compute thread alone.
 */
public final class PassPairs {
  private static final Logger logger = LoggerFactory.getLogger(PassPairs.class);

  /** Passes of more tokens are long enough for all threads. */
  private static final int MOST_TOKENS = 64;

  private static final int AT_ONCE = 2;

  private final String models;
  private final Map<PassThreads.Kind, ThreadChoice> choices = new HashMap<>();

  /**
   * Learns for two models.
   *
   * @param models their names
   */
  public PassPairs(String models) {
    this.models = models;
  }

  /**
   * Whether two passes may run at the same time, where the calling thread is not told to use one
   * thread.
   *
   * @return whether there are threads for both
   */
  public static boolean possible() {
    return TorchRuntime.presentThreads() >= AT_ONCE;
  }

  /**
   * Runs a pass of each.
   *
   * @param tokens how many the larger one reads
   * @param first a pass that chooses its threads, or takes the one that it is given
   * @param second the same of the other model
   */
  public void run(int tokens, Runnable first, Runnable second) {
    int most = TorchRuntime.presentThreads();
    if (most < AT_ONCE || tokens > MOST_TOKENS) {
      first.run();
      second.run();
      return;
    }
    ThreadChoice choice =
        choices.computeIfAbsent(
            PassThreads.Kind.of(most, tokens),
            kind -> new ThreadChoice(AT_ONCE, most > AT_ONCE)); // begins with what is likely best
    boolean atOnce = choice.threads() == AT_ONCE;
    long start = System.nanoTime();
    if (atOnce) {
      ComputeThread.beside(() -> onOneThread(first), () -> onOneThread(second));
    } else {
      first.run();
      second.run();
    }
    choice.took((double) (System.nanoTime() - start));
    logger.trace("{}: {} tokens on {}", models, tokens, choice);
  }

  private static void onOneThread(Runnable pass) {
    try (TorchRuntime.ThreadsScope one = TorchRuntime.useThreads(1)) {
      pass.run();
    }
  }
}
