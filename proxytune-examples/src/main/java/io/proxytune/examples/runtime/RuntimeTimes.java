package io.proxytune.examples.runtime;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.examples.statistics.Bootstrap;
import io.proxytune.examples.statistics.Interval;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How long a system took in each trial: immutable.
 *
 * @param seconds of each trial, in their order
 * @param drafted the tokens drafted in all of them
 * @param accepted those of them that became part of a text
 */
public record RuntimeTimes(List<Double> seconds, long drafted, long accepted) {
  /**
   * With fewer trials resamples are too much alike for an interval to hold what it says: those of
   * two trials are two values and their mean.
   */
  public static final int FEWEST_FOR_INTERVAL = 10;

  public RuntimeTimes {
    seconds = List.copyOf(seconds);
    checkArgument(!seconds.isEmpty(), "there must be a trial");
  }

  /**
   * A system's time as a multiple of another's.
   *
   * @param value mean ÷ mean
   * @param interval the 95 % interval from resampling trials, which are paired; nothing where there
   *     are too few
   * @param lowest the least ratio of a trial
   * @param highest the greatest ratio of a trial
   */
  public record Ratio(double value, Optional<Interval> interval, double lowest, double highest) {}

  /** The mean seconds of a trial. */
  public double mean() {
    return mean(IntStream.range(0, seconds.size()).toArray());
  }

  private double mean(int[] trials) {
    return IntStream.of(trials).mapToDouble(seconds::get).average().orElseThrow();
  }

  /**
   * Compares with another system.
   *
   * @param other its times in the same trials
   * @param bootstrap how trials are resampled
   */
  public Ratio dividedBy(RuntimeTimes other, Bootstrap bootstrap) {
    checkArgument(
        seconds.size() == other.seconds.size(),
        "systems must have the same trials, got %s and %s",
        seconds.size(),
        other.seconds.size());
    List<Integer> trials = List.of(seconds.size());
    double[] ratios =
        IntStream.range(0, seconds.size())
            .mapToDouble(i -> seconds.get(i) / other.seconds.get(i))
            .sorted()
            .toArray();
    return new Ratio(
        mean() / other.mean(),
        seconds.size() < FEWEST_FOR_INTERVAL
            ? Optional.empty()
            : bootstrap.interval(trials, chosen -> mean(chosen[0]) / other.mean(chosen[0])),
        ratios[0],
        ratios[ratios.length - 1]);
  }
}
