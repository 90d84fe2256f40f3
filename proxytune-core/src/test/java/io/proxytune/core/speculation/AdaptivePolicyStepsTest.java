package io.proxytune.core.speculation;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.speculation.StepReport.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the policy learns from single steps. */
class AdaptivePolicyStepsTest {
  private static final Set<DraftKind> EXPERT = Set.of(DraftKind.EXPERT);

  @Test
  void nothingIsDraftedBeforeAPlainStepWasMeasured() {
    AdaptivePolicy policy = new AdaptivePolicy();
    assertThat(policy.next(EXPERT, 1).isNone()).isTrue();
    policy.learn(report(null, 0, 0, 1));
    assertThat(policy.next(Set.of(), 1).isNone()).isTrue();
    assertThat(policy.next(EXPERT, 1).of(DraftKind.EXPERT)).isOne();
    assertThat(policy.next(EXPERT, 2).isNone()).as("other steps").isTrue();
  }

  /** As where the expert would end the text: its step gave nothing to check. */
  @Test
  void draftThatEndsBeforeItsFirstTokenIsLearntFrom() {
    AdaptivePolicy policy = new AdaptivePolicy();
    policy.learn(report(null, 0, 0, 1));
    Outcome nothing = new Outcome(null, 0, 0, false, 1);
    policy.learn(new StepReport(List.of(nothing), 1, 100_000, 1_000_000));

    assertThat(policy.next(EXPERT, 1).of(DraftKind.EXPERT)).isBetween(0, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyStepsCanBeLearntFrom(int seed) {
    Random random = new Random(seed);
    for (int text = 0; text < 200; text++) {
      AdaptivePolicy policy = new AdaptivePolicy();
      for (int i = 0; i < 30; i++) {
        int sequences = 1 + random.nextInt(3);
        policy.learn(randomReport(random, sequences));
        DraftLengths lengths = policy.next(Set.of(DraftKind.values()), sequences);
        assertThat(lengths.byKind().values()).allMatch(n -> n <= AdaptivePolicy.LONGEST);
      }
    }
  }

  private static StepReport randomReport(Random random, int sequences) {
    List<DraftKind> kinds = List.of(DraftKind.values());
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int drafted = Math.max(0, random.nextInt(24) - 6);
      int accepted = random.nextInt(drafted + 1);
      DraftKind kind = kinds.get(random.nextInt(kinds.size()));
      boolean rejected = accepted < drafted && random.nextBoolean();
      outcomes.add(
          new Outcome(drafted == 0 ? null : kind, drafted, accepted, rejected, accepted + 1));
    }
    return new StepReport(
        outcomes, random.nextInt(4), random.nextInt(3) * 100_000L, random.nextInt(3) * 1_000_000L);
  }

  /** A pass of the expert takes a third of a step, whether it drafts for one text or for eight. */
  private static StepReport drafted(int texts, int together) {
    Outcome right = new Outcome(DraftKind.EXPERT, 1, 1, false, 2);
    return new StepReport(
        Collections.nCopies(texts, right), 1, 300_000, 1_030_000, together, texts);
  }

  @Test
  void draftsOfSomeTextsHaveToPayForTheStepOfAll() {
    AdaptivePolicy policy = new AdaptivePolicy();
    Outcome plain = new Outcome(null, 0, 0, false, 1);
    for (int i = 0; i < 3; i++) {
      policy.learn(new StepReport(Collections.nCopies(8, plain), 0, 0, 1_000_000));
      policy.learn(drafted(8, 8));
    }

    assertThat(policy.next(EXPERT, 8, 8).of(DraftKind.EXPERT)).isPositive();
    assertThat(policy.next(EXPERT, 6, 8).of(DraftKind.EXPERT)).isPositive();
    assertThat(policy.next(EXPERT, 1, 8).isNone()).isTrue();
  }

  @Test
  void stepsInWhichOthersWereDraftedForAreNotPlain() {
    AdaptivePolicy policy = new AdaptivePolicy();
    Outcome plain = new Outcome(null, 0, 0, false, 1);
    policy.learn(new StepReport(List.of(plain), 0, 0, 1_000_000, 2, 5));
    assertThat(policy.plainIsDue(2)).isTrue();

    policy.learn(new StepReport(List.of(plain), 0, 0, 1_000_000, 2, 0));
    assertThat(policy.plainIsDue(2)).isFalse();
  }

  @Test
  void batchThatFillsAPassDraftsNothing() {
    AdaptivePolicy policy = new AdaptivePolicy();
    Outcome plain = new Outcome(null, 0, 0, false, 1);
    policy.learn(new StepReport(Collections.nCopies(200, plain), 0, 0, 1_000_000));

    assertThat(policy.next(EXPERT, 200).isNone()).isTrue();
    assertThat(policy.next(EXPERT, 129).isNone()).isTrue();
  }

  private static StepReport report(DraftKind kind, int drafted, int accepted, int emitted) {
    Outcome outcome = new Outcome(kind, drafted, accepted, accepted < drafted, emitted);
    return new StepReport(List.of(outcome), drafted, 100_000L * drafted, 1_000_000);
  }
}
