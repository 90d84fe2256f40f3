package io.proxytune.core.torch;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a model's passes on the CPU on as many threads as are best for them, at most on those that
 * the calling thread may use. How many there are changes no result.
 *
 * <p>Passes of many tokens always use all: they are long, and rare enough that nothing is learnt
 * from one for the next.
 *
 * <p>For the compute thread alone.
 */
public final class PassThreads {
  private static final Logger logger = LoggerFactory.getLogger(PassThreads.class);

  private static final int MANY_TOKENS = 65;

  /** Multiplications of a pass in which one thread is likely to be done before others wake up. */
  private static final long SMALL = 30_000_000;

  private final String model;
  private final long weights;
  private final Map<Kind, ThreadChoice> choices = new HashMap<>();

  /**
   * Passes that cost about the same: by the threads they may use and the tokens, in powers of 4.
   */
  record Kind(int most, int size) {
    static Kind of(int most, int tokens) {
      return new Kind(most, (33 - Integer.numberOfLeadingZeros(tokens - 1)) / 2);
    }
  }

  /**
   * Learns for one model.
   *
   * @param model its name
   * @param weights how many each token is multiplied with
   */
  public PassThreads(String model, long weights) {
    this.model = model;
    this.weights = weights;
  }

  /**
   * Runs a pass.
   *
   * @param tokens how many it reads
   * @param pass what to run
   * @return its result
   */
  public <T> T run(int tokens, Supplier<T> pass) {
    int most = TorchRuntime.presentThreads();
    if (most == 1 || tokens >= MANY_TOKENS) {
      return pass.get();
    }
    ThreadChoice choice =
        choices.computeIfAbsent(
            Kind.of(most, tokens), kind -> new ThreadChoice(most, weights * tokens < SMALL));
    int threads = choice.threads();
    try (TorchRuntime.ThreadsScope own = TorchRuntime.useThreads(threads)) {
      long start = System.nanoTime();
      T result = pass.get();
      choice.took((double) (System.nanoTime() - start));
      logger.trace("{}: {} tokens on {}", model, tokens, choice);
      return result;
    }
  }
}
