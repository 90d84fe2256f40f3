package io.proxytune.examples.statistics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * By how much one system scores higher than another on the same items: immutable.
 *
 * @param mean the mean of the differences, first minus second
 * @param interval its 95 % interval; nothing where none would be honest
 * @param method how the interval was made, or why there is none
 */
public record PairedDifference(double mean, Optional<Interval> interval, Method method) {
  /** From so many items on, resampling right and wrong was seen to keep what it promises. */
  static final int MANY = 50;

  /** Where systems differ on fewer, resampling takes a few lucky items for more than they are. */
  static final int DIFFERING = 10;

  /** The same for graded scores, which are rarely all equal. */
  static final int MANY_GRADED = 20;

  /** How intervals are made, for people. */
  public static final String METHODS =
      "Bootstrap: questions are resampled with the scores of both, 2,000 times, seed 1. Newcombe:"
          + " his interval for paired proportions, where questions are fewer than "
          + MANY
          + ", or the two differ on fewer than "
          + DIFFERING
          + ". None: graded scores of fewer than "
          + MANY_GRADED
          + " questions, or of the same difference on all. Where a range holds zero, the difference"
          + " may be noise.";

  /** How an interval is made. */
  public enum Method {
    /** Items are resampled together with both their scores. */
    BOOTSTRAP("bootstrap"),

    /** Of answers right or wrong, where items are few, or those on which the two differ. */
    NEWCOMBE("Newcombe"),

    /** A constant can't be resampled, and few graded scores tell too little. */
    NONE("none");

    private final String words;

    Method(String words) {
      this.words = words;
    }

    /** For people. */
    public String words() {
      return words;
    }
  }

  /**
   * Compares two systems.
   *
   * @param scores the first one's scores, from 0 to 1, at least one
   * @param others the second one's of the same items in the same order
   */
  public static PairedDifference of(List<Double> scores, List<Double> others) {
    checkArgument(
        scores.size() == others.size() && !scores.isEmpty(),
        "expected as many scores of both systems, at least one, got %s and %s",
        scores.size(),
        others.size());
    List<Double> differences =
        IntStream.range(0, scores.size()).mapToObj(i -> scores.get(i) - others.get(i)).toList();
    double mean = MeanScore.mean(differences);
    boolean binary = MeanScore.isBinary(scores) && MeanScore.isBinary(others);
    if (isMuch(differences, binary)) {
      return new PairedDifference(mean, MeanScore.resampled(differences), Method.BOOTSTRAP);
    }
    return binary
        ? new PairedDifference(
            mean, Optional.of(PairedProportions.of(scores, others).interval()), Method.NEWCOMBE)
        : new PairedDifference(mean, Optional.empty(), Method.NONE);
  }

  /** Whether there is enough to resample. */
  private static boolean isMuch(List<Double> differences, boolean binary) {
    long differing = differences.stream().filter(difference -> difference != 0).count();
    boolean varies = differences.stream().distinct().limit(2).count() == 2;
    return binary
        ? varies && differences.size() >= MANY && differing >= DIFFERING
        : varies && differences.size() >= MANY_GRADED;
  }

  /** Whether the first system is clearly better: the whole interval lies above zero. */
  public boolean isClearGain() {
    return interval.map(Interval::isPositive).orElse(false);
  }
}
