package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Beside a made-up machine that tells what a pass takes on each number of threads. */
class ThreadChoiceTest {
  private final Random random = new Random(5);

  private static double idle(int threads) {
    return 30.0 / threads;
  }

  private static double aCoreIsBusy(int threads) {
    return threads == 1 ? 31 : 75;
  }

  /** The time of passes, each by up to a tenth longer or shorter than the machine says. */
  private double run(ThreadChoice choice, int passes, IntToDoubleFunction machine) {
    double sum = 0;
    for (int i = 0; i < passes; i++) {
      double time = machine.applyAsDouble(choice.threads()) * (0.9 + 0.2 * random.nextDouble());
      choice.took(time);
      sum += time;
    }
    return sum;
  }

  /** The number that most of the next passes are given. */
  private int usual(ThreadChoice choice, IntToDoubleFunction machine) {
    int[] counts = new int[65];
    for (int i = 0; i < 64; i++) {
      counts[choice.threads()]++;
      run(choice, 1, machine);
    }
    int best = 0;
    for (int i = 0; i < counts.length; i++) {
      best = counts[i] > counts[best] ? i : best;
    }
    return best;
  }

  @Test
  void staysWithAllWhereTheyAreBestAndHardlyLosesTime() {
    ThreadChoice choice = new ThreadChoice(2, false);
    double time = run(choice, 10_000, ThreadChoiceTest::idle);
    assertThat(time).isLessThan(1.02 * 10_000 * idle(2));
    assertThat(usual(choice, ThreadChoiceTest::idle)).isEqualTo(2);
  }

  /** A short text gets few passes, and should not pay for what is learnt. */
  @Test
  void aTrialThatIsClearlyWorseEndsWithItsFirstPass() {
    ThreadChoice choice = new ThreadChoice(2, false);
    double time = run(choice, 200, ThreadChoiceTest::idle);
    assertThat(time).isLessThan(1.03 * 200 * idle(2));
  }

  @Test
  void goesDownSoonAfterACoreIsTakenAwayAndUpAgainOnceItIsFree() {
    ThreadChoice choice = new ThreadChoice(2, false);
    run(choice, 5_000, ThreadChoiceTest::idle);
    run(choice, 12, ThreadChoiceTest::aCoreIsBusy);
    assertThat(usual(choice, ThreadChoiceTest::aCoreIsBusy)).isEqualTo(1);
    double busy = run(choice, 5_000, ThreadChoiceTest::aCoreIsBusy);
    assertThat(busy).isLessThan(1.05 * 5_000 * aCoreIsBusy(1));
    run(choice, 600, ThreadChoiceTest::idle);
    assertThat(usual(choice, ThreadChoiceTest::idle)).isEqualTo(2);
  }

  @Test
  void smallPassesBeginWithOneThreadAndMayFindMore() {
    assertThat(new ThreadChoice(8, true).threads()).isEqualTo(1);
    ThreadChoice choice = new ThreadChoice(8, true);
    run(choice, 2_000, ThreadChoiceTest::idle);
    assertThat(usual(choice, ThreadChoiceTest::idle)).isEqualTo(8);
  }

  @Test
  void findsANumberInBetween() {
    IntToDoubleFunction fourIsBest = threads -> 10 + Math.abs(threads - 4);
    ThreadChoice choice = new ThreadChoice(16, false);
    run(choice, 3_000, fourIsBest);
    assertThat(usual(choice, fourIsBest)).isEqualTo(4);
  }

  @Test
  void halvesAnyNumber() {
    IntToDoubleFunction oneIsBest = threads -> threads;
    ThreadChoice choice = new ThreadChoice(12, false);
    assertThat(choice.threads()).isEqualTo(12);
    assertThat(choice).hasToString("ThreadChoice[12 of [1, 3, 6, 12]]");
    run(choice, 3_000, oneIsBest);
    assertThat(usual(choice, oneIsBest)).isEqualTo(1);
  }

  @Test
  void oneThreadIsNoChoice() {
    ThreadChoice choice = new ThreadChoice(1, false);
    run(choice, 500, ThreadChoiceTest::idle);
    assertThat(choice.threads()).isEqualTo(1);
  }
}
