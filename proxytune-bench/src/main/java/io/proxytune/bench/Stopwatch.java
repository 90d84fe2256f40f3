package io.proxytune.bench;

/** Times a piece of work. */
final class Stopwatch {
  private Stopwatch() {}

  static double milliseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }
}
