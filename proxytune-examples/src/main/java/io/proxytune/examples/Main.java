package io.proxytune.examples;

import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.Terminal;

/**
 * The command line of ProxyTune. Exit status 0 for success, 2 for bad usage or bad input, 3 where
 * some lines of a file of prompts were bad, 130 when interrupted, 1 for an error inside the
 * program.
 */
public final class Main {
  private static final String MEMORY_CHECK = "org.bytedeco.javacpp.maxPhysicalBytes";

  private Main() {}

  /**
   * Runs one command. Returns after success, so that a host such as Maven's {@code exec:java} goes
   * on; ends the process otherwise.
   *
   * @param args the command and its options; none for a guide
   */
  public static void main(String[] args) {
    quickenNativeAllocations();
    int status;
    try (ShutdownHook hook = ShutdownHook.install(new Cancellation(Thread.currentThread()))) {
      status = new App(Terminal.system(), new TorchEngine(), hook.cancellation()).run(args);
    }
    if (status != 0) {
      System.exit(status);
    }
  }

  /**
   * With its default setting JavaCPP reads {@code /proc/self/statm} in a global lock at each native
   * allocation, which doubles the cost of a small operation. It looks at this property once, when
   * its first class loads, so that only a program, not a library, may set it.
   */
  private static void quickenNativeAllocations() {
    if (System.getProperty(MEMORY_CHECK) == null) {
      System.setProperty(MEMORY_CHECK, "0");
    }
  }
}
