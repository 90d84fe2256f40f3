package io.proxytune.core.files;

import java.time.Duration;

/** The wait for files that were just written. */
public final class Ticks {
  private Ticks() {}

  /** Never waits from here on, for tests that write a file thousands of times a second. */
  public static void none() {
    FileState.tick = Duration.ZERO;
  }
}
