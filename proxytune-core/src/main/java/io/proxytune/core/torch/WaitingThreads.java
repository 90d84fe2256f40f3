package io.proxytune.core.torch;

import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the threads of an operator wait for each other, and for the next operator, before they
 * go to sleep. GNU's OpenMP, which LibTorch uses on Linux, has them ask 300,000 times, for some
 * milliseconds; where another program claims a core, that is lost to the thread which has the work
 * that they wait for. Threads that sleep at once cost a third of the speed on idle cores of a
 * virtual machine, where waking them takes long.
 *
 * <p>OpenMP reads its environment when it is loaded, so it is told before. What the environment
 * says already goes before.
 */
final class WaitingThreads {
  private static final Logger logger = LoggerFactory.getLogger(WaitingThreads.class);

  /** How often a thread asks before it sleeps. */
  static final String VARIABLE = "GOMP_SPINCOUNT";

  /** Long enough for the next operator of a pass to come: see Neighbours in the benchmarks. */
  static final String COUNT = "20000";

  /** What a user may have said instead. */
  private static final List<String> SAID = List.of(VARIABLE, "OMP_WAIT_POLICY");

  private WaitingThreads() {}

  /** Shortens the wait; LibTorch must not be loaded yet. */
  static void shorten() {
    if (wanted(System.getenv()) && Loader.getPlatform().startsWith("linux")) {
      boolean told = NativeEnvironment.add(VARIABLE, COUNT);
      logger.debug("{} is {}", VARIABLE, told ? COUNT : "left as it is");
    }
  }

  static boolean wanted(Map<String, String> environment) {
    return SAID.stream().noneMatch(environment::containsKey);
  }
}
