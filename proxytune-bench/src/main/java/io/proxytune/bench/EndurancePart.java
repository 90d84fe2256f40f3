package io.proxytune.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.LongUnaryOperator;
import java.util.function.ToLongFunction;

/**
 * Something that is done over and over, and what the process held meanwhile. Whether it stays flat
 * is judged by medians: of the samples' first third, after a tenth of the work to get warm, and of
 * their last third.
 */
final class EndurancePart {
  /** The C library's and the JVM's own memory goes up and down by as much. */
  private static final long SLACK_BYTES = 16L << 20;

  /** The JVM's compilers come and go, and threads that have been idle for a while. */
  private static final long SLACK_THREADS = 2;

  private static final int SAMPLES = 12;

  private final String name;
  private final List<EnduranceSample> samples = new ArrayList<>();
  private long done;
  private double seconds;

  private EndurancePart(String name) {
    this.name = name;
  }

  /** A part of which these samples were taken. */
  static EndurancePart of(String name, List<EnduranceSample> samples) {
    EndurancePart part = new EndurancePart(name);
    part.samples.addAll(samples);
    return part;
  }

  /**
   * Does work until enough is done.
   *
   * @param unit what is counted, such as {@code tokens}
   * @param count how many
   * @param work given how much was done, does some more; tells how much
   */
  static EndurancePart run(String unit, long count, LongUnaryOperator work) {
    EndurancePart part = new EndurancePart(unit);
    long start = System.nanoTime();
    long next = count / 10;
    while (part.done < count) {
      part.done += work.applyAsLong(part.done);
      if (part.done >= next) {
        part.samples.add(EnduranceSample.take());
        next += Math.max(1, (count - count / 10) / SAMPLES);
      }
    }
    part.samples.add(EnduranceSample.take());
    part.seconds = (System.nanoTime() - start) / 1e9;
    return part;
  }

  private long early(ToLongFunction<EnduranceSample> figure) {
    return median(samples.subList(0, Math.max(1, samples.size() / 3)), figure);
  }

  private long late(ToLongFunction<EnduranceSample> figure) {
    return median(samples.subList(samples.size() * 2 / 3, samples.size()), figure);
  }

  private static long median(List<EnduranceSample> some, ToLongFunction<EnduranceSample> figure) {
    List<EnduranceSample> sorted = some.stream().sorted(Comparator.comparingLong(figure)).toList();
    return figure.applyAsLong(sorted.get(sorted.size() / 2));
  }

  /** Whether nothing grew. */
  boolean isFlat() {
    return late(EnduranceSample::resident) - early(EnduranceSample::resident) <= SLACK_BYTES
        && late(EnduranceSample::heap) - early(EnduranceSample::heap) <= SLACK_BYTES
        && late(EnduranceSample::objects) <= early(EnduranceSample::objects)
        && late(EnduranceSample::threads) - early(EnduranceSample::threads) <= SLACK_THREADS
        && late(EnduranceSample::files) <= early(EnduranceSample::files);
  }

  static String heading() {
    return "| what | done | seconds | resident MiB | heap MiB | native objects | threads | files |"
        + " flat |\n"
        + "|---|---|---|---|---|---|---|---|---|\n";
  }

  /** A line of the table: each figure early, late, and at most. */
  String line() {
    return String.format(
        Locale.ROOT,
        "| %s | %,d | %.0f | %s | %s | %s | %s | %s | %s |%n",
        name,
        done,
        seconds,
        cell(EnduranceSample::resident, 20),
        cell(EnduranceSample::heap, 20),
        cell(EnduranceSample::objects, 0),
        cell(EnduranceSample::threads, 0),
        cell(EnduranceSample::files, 0),
        isFlat() ? "yes" : "**no**");
  }

  private String cell(ToLongFunction<EnduranceSample> figure, int shift) {
    long most = samples.stream().mapToLong(figure).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "%d → %d (≤ %d)",
        early(figure) >> shift,
        late(figure) >> shift,
        most >> shift);
  }
}
