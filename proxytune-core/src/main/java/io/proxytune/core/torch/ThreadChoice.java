package io.proxytune.core.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How many threads passes of one kind are best run on, learnt from the time that they take. It
 * depends on more than their size: where another program, a quota or another virtual machine takes
 * a core away, all threads of an operator wait for the one on that core, and fewer are faster.
 *
 * <p>Most passes run on the number that was best so far. Now and then a few try half or twice as
 * many; sooner where passes suddenly take longer, later where the last trial gained nothing.
 *
 * <p>For one thread at a time.
 */
final class ThreadChoice {
  private static final int WINDOW = 5;

  /** Passes of a trial; the first finds threads asleep and caches cold, and does not count. */
  private static final int TRIAL = 4;

  private static final int SOONEST = 16;

  /** The most passes between trials of fewer threads. */
  private static final int LATEST = 512;

  /** And of more, which may be free again: what was in their way is often gone soon. */
  private static final int LATEST_FOR_MORE = 128;

  /** What is gained by less may be chance. */
  private static final double BETTER = 0.95;

  /** From here on something has changed. */
  private static final double SUDDENLY = 1.4;

  /** A trial whose pass takes as much longer has failed, and such trials are worth few. */
  private static final double CLEARLY_WORSE = 1.3;

  private static final int RARER = 4;

  private final int[] numbers; // rising
  private int present;
  private int trying;
  private int untilTrial = SOONEST;
  private int interval = SOONEST;
  private boolean fewerNext = true;
  private double usual = Double.POSITIVE_INFINITY;
  private final List<Double> times = new ArrayList<>();
  private final List<Double> trial = new ArrayList<>();

  /**
   * Begins with the most threads, or with one.
   *
   * @param most at least 1
   * @param small whether passes are so small that one thread is likely to be best
   */
  ThreadChoice(int most, boolean small) {
    this.numbers = numbers(most);
    this.present = small ? 0 : numbers.length - 1;
    this.trying = present;
  }

  /** The most, half of it, and so on to one. */
  private static int[] numbers(int most) {
    int count = 32 - Integer.numberOfLeadingZeros(most);
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[count - 1 - i] = most >> i;
    }
    return numbers;
  }

  /** The number for the next pass. */
  int threads() {
    return numbers[trying];
  }

  /** Learns what that pass took, in any unit. */
  void took(double time) {
    if (trying == present) {
      passed(time);
    } else {
      tried(time);
    }
  }

  private void passed(double time) {
    times.add(time);
    if (times.size() > WINDOW) {
      times.remove(0);
    }
    untilTrial--;
    boolean sudden = times.size() == WINDOW && median(times) > SUDDENLY * usual;
    if (times.size() == WINDOW && (sudden || untilTrial <= 0)) {
      interval = sudden ? SOONEST : interval;
      usual = median(times);
      beginTrial(sudden);
    }
  }

  private void beginTrial(boolean fewer) {
    boolean down = present > 0 && (fewer || fewerNext || present == numbers.length - 1);
    boolean up = !down && present < numbers.length - 1;
    trying = present + (down ? -1 : up ? 1 : 0);
    fewerNext = !down;
    trial.clear();
    untilTrial = interval;
  }

  private void tried(double time) {
    trial.add(time);
    boolean counts = trial.size() > 1 || trying < present; // fewer threads are awake already
    if (counts && time > CLEARLY_WORSE * usual) {
      goBack(RARER);
    } else if (trial.size() == TRIAL) {
      decide(median(trial.subList(1, TRIAL)));
    }
  }

  private void decide(double found) {
    if (found >= BETTER * usual) {
      goBack(2);
      return;
    }
    present = trying;
    usual = found;
    interval = SOONEST;
    untilTrial = interval;
    times.clear();
  }

  private void goBack(int rarer) {
    boolean more = trying > present;
    interval = more ? Math.min(2 * interval, LATEST_FOR_MORE) : Math.min(rarer * interval, LATEST);
    trying = present;
    untilTrial = interval;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  @Override
  public String toString() {
    return "ThreadChoice[" + numbers[present] + " of " + Arrays.toString(numbers) + "]";
  }
}
