package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The policy against machines and texts that are made up. */
class AdaptivePolicyTest {
  private static final Set<DraftKind> EXPERT = Set.of(DraftKind.EXPERT);
  private static final double PLAIN = 1000;

  /** What rounds cost and how often drafts are right, in plain steps. */
  private static final class Machine {
    private final Random random = new Random(7);
    private final double draft;
    private final IntToDoubleFunction check;
    private double acceptance;
    private double time;
    private double tokens;
    private double rounds;
    private double drafted;

    Machine(double draft, IntToDoubleFunction check, double acceptance) {
      this.draft = draft;
      this.check = check;
      this.acceptance = acceptance;
    }

    void run(DraftPolicy policy, Set<DraftKind> kinds, int newTokens) {
      for (double end = tokens + newTokens; tokens < end; ) {
        DraftLengths lengths = policy.next(kinds, 1);
        DraftKind kind =
            lengths.isNone() ? null : lengths.byKind().keySet().stream().sorted().findFirst().get();
        policy.learn(round(kind, kind == null ? 0 : lengths.of(kind)));
      }
    }

    private RoundReport round(DraftKind kind, int k) {
      int accepted = 0;
      while (accepted < k && random.nextDouble() < acceptance) {
        accepted++;
      }
      double drafting = kind == DraftKind.EXPERT ? k * draft : 0;
      double checking = k == 0 ? 1 : check.applyAsDouble(k);
      time += drafting + checking;
      tokens += accepted + 1;
      rounds++;
      drafted += k;
      return new RoundReport(
          List.of(new RoundReport.Outcome(kind, k, accepted, accepted < k, accepted + 1)),
          kind == DraftKind.EXPERT ? k : 0,
          (long) (drafting * PLAIN),
          (long) (checking * PLAIN));
    }

    double speedup() {
      return tokens / time;
    }

    double meanLength() {
      return drafted / rounds;
    }

    void forget() {
      time = 0;
      tokens = 0;
      rounds = 0;
      drafted = 0;
    }
  }

  private static double best(double draft, IntToDoubleFunction check, double p) {
    double best = 1;
    for (int k = 1; k <= AdaptivePolicy.LONGEST; k++) {
      double expected = (1 - Math.pow(p, k + 1)) / (1 - p);
      best = Math.max(best, expected / (k * draft + check.applyAsDouble(k)));
    }
    return best;
  }

  @ParameterizedTest
  @CsvSource({"0.05, 0.03, 0.9", "0.1, 0.05, 0.8", "0.25, 0.05, 0.9", "0.25, 0.1, 0.7"})
  void comesNearTheBestFixedLength(double draft, double growth, double acceptance) {
    IntToDoubleFunction check = k -> 1 + growth * k;
    Machine machine = new Machine(draft, check, acceptance);
    machine.run(new AdaptivePolicy(), EXPERT, 5000);

    assertThat(machine.speedup()).isGreaterThan(0.92 * best(draft, check, acceptance));
  }

  /** Whatever the machine and the text, 1 % and the first few steps are the most that is lost. */
  @ParameterizedTest
  @CsvSource({
    "0.25, 0.05, 0",
    "0.25, 0.05, 0.2",
    "0.6, 0.3, 0.5",
    "1, 1, 0.9",
    "0.05, 0.8, 0.5",
    "0, 2, 0.9"
  })
  void neverLosesMoreThanItMay(double draft, double growth, double acceptance) {
    Machine machine = new Machine(draft, k -> 1 + growth * k, acceptance);
    AdaptivePolicy policy = new AdaptivePolicy();
    for (int text = 0; text < 20; text++) {
      machine.run(policy, EXPERT, 200);
      assertThat(machine.time).isLessThan(1.012 * machine.tokens + 6);
      policy = policy.forNewText();
    }
    assertThat(machine.speedup()).isGreaterThan(0.98);
  }

  @Test
  void noDraftsWhereNoneIsRightButAFewProbes() {
    Machine machine = new Machine(0.25, k -> 1 + 0.05 * k, 0);
    machine.run(new AdaptivePolicy(), EXPERT, 3000);

    assertThat(machine.drafted).isBetween(20.0, 200.0);
  }

  @Test
  void followsATextThatTurnsEasyAndHardAgain() {
    Machine machine = new Machine(0.1, k -> 1 + 0.05 * k, 0);
    AdaptivePolicy policy = new AdaptivePolicy();
    machine.run(policy, EXPERT, 500);
    machine.acceptance = 0.95;
    machine.run(policy, EXPERT, 1000);
    machine.forget();
    machine.run(policy, EXPERT, 1000);
    assertThat(machine.speedup()).isGreaterThan(2);
    machine.acceptance = 0;
    machine.run(policy, EXPERT, 300);
    machine.forget();
    machine.run(policy, EXPERT, 1000);
    assertThat(machine.speedup()).isGreaterThan(0.98);
  }

  @Test
  void pauseOfTheMachineIsForgotten() {
    Machine machine = new Machine(0.1, k -> 1 + 0.05 * k, 0.9);
    AdaptivePolicy policy = new AdaptivePolicy();
    machine.run(policy, EXPERT, 200);
    policy.learn(
        new RoundReport(
            List.of(new RoundReport.Outcome(DraftKind.EXPERT, 4, 4, false, 5)),
            4,
            (long) (400 * PLAIN),
            (long) (500 * PLAIN)));
    machine.run(policy, EXPERT, 500);
    machine.forget();
    machine.run(policy, EXPERT, 1000);

    assertThat(machine.speedup()).isGreaterThan(2);
  }

  /** A check of two tokens is slow here, one of eight is not. */
  @Test
  void oneSlowLengthDoesNotHideTheOthers() {
    Machine machine = new Machine(0.02, k -> k <= 2 ? 2.2 : 1.2, 0.9);
    machine.run(new AdaptivePolicy(), EXPERT, 4000);

    assertThat(machine.meanLength()).isGreaterThan(3);
    assertThat(machine.speedup()).isGreaterThan(2);
  }

  @Test
  void lookupGoesAheadWhereItIsFaster() {
    AdaptivePolicy policy = new AdaptivePolicy();
    new Machine(0.3, k -> 1 + 0.02 * k, 0.8)
        .run(policy, EnumSet.of(DraftKind.LOOKUP_3, DraftKind.EXPERT), 300);

    DraftLengths lengths = policy.next(EnumSet.of(DraftKind.LOOKUP_3, DraftKind.EXPERT), 1);
    assertThat(lengths.of(DraftKind.LOOKUP_3)).isGreaterThan(3);
    assertThat(lengths.of(DraftKind.EXPERT)).isPositive();
  }

  @Test
  void nothingIsDraftedBeforePlainStepsWereMeasured() {
    AdaptivePolicy policy = new AdaptivePolicy();

    assertThat(policy.next(EXPERT, 1).isNone()).isTrue();
    assertThat(policy.next(Set.of(), 1).isNone()).isTrue();
    assertThat(policy.next(EXPERT, 300).isNone()).isTrue();
  }

  @Test
  void averageBeginsPlainAndClipsWhatIsFarOff() {
    Average average = new Average(0, 0, 0.1);
    average.addClipped(10);
    average.addClipped(20);
    assertThat(average.value()).isEqualTo(15);
    average.addClipped(1000);
    assertThat(average.value()).isEqualTo(25);
  }
}
