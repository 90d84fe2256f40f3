package io.proxytune.core.speculation;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/** What steps take on a machine that is made up, in plain steps; the clock may show more. */
final class SimulatedMachine {
  private static final double PLAIN_NANOS = 1e6;

  private final double draftStep;
  private final IntToDoubleFunction check;
  private final Random random = new Random(5);
  private double deviation;
  private double pauses;
  private double firstTimes = 1;
  private DoubleUnaryOperator slowness = time -> 1;
  private final boolean[] checked = new boolean[65];
  private boolean drafted;
  private double time;

  /**
   * A machine whose clock is exact.
   *
   * @param draftStep the cost of one step of the expert
   * @param check the cost of a pass that checks so many drafted tokens of each sequence
   */
  SimulatedMachine(double draftStep, IntToDoubleFunction check) {
    this.draftStep = draftStep;
    this.check = check;
  }

  /** Checks cost one plain step and a share of one for each drafted token. */
  static SimulatedMachine growing(double draftStep, double growth) {
    return new SimulatedMachine(draftStep, drafted -> 1 + growth * drafted);
  }

  /** Times vary by such a share of themselves, and some are ten times as long. */
  SimulatedMachine withNoise(double share, double shareOfPauses) {
    deviation = share;
    pauses = shareOfPauses;
    return this;
  }

  /** Everything takes so many times as long when it is done for the first time. */
  SimulatedMachine withSlowFirstTimes(double factor) {
    firstTimes = factor;
    return this;
  }

  /** Everything takes so many times as long, depending on the time in plain steps. */
  SimulatedMachine withSlowness(DoubleUnaryOperator factor) {
    slowness = factor;
    return this;
  }

  double costOfDrafting(int steps) {
    return steps * draftStep;
  }

  double costOfChecking(int drafted) {
    return drafted == 0 ? 1 : check.applyAsDouble(drafted);
  }

  /** What the clock shows for drafting. */
  long nanosOfDrafting(int steps) {
    boolean first = steps > 0 && !drafted;
    drafted |= steps > 0;
    return nanos(costOfDrafting(steps), first);
  }

  /** What the clock shows for checking. */
  long nanosOfChecking(int drafted) {
    boolean first = !checked[drafted];
    checked[drafted] = true;
    return nanos(costOfChecking(drafted), first);
  }

  private long nanos(double cost, boolean first) {
    time += cost;
    double factor = slowness.applyAsDouble(time) * (first ? firstTimes : 1);
    factor *= Math.exp(deviation * random.nextGaussian());
    factor *= random.nextDouble() < pauses ? 10 : 1;
    return (long) (PLAIN_NANOS * cost * factor);
  }
}
