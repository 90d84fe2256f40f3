package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.proxytune.model.FunctionLogitSource;
import io.proxytune.spi.TunerSpec;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class FusionTest {
  private static final LogitSource BASE = source("base");
  private static final LogitSource EXPERT = source("expert");

  private static LogitSource source(String name) {
    return FunctionLogitSource.of(name, 3, 10, ids -> new float[3]);
  }

  @Test
  void changesMakeNewFusions() {
    Fusion fusion =
        Fusion.proxyTuning()
            .withSpace(Fusion.Space.PROBABILITIES)
            .withCandidates(CandidateSet.topP(0.9))
            .withStrength(Strength.firstTokens(2))
            .withSource(EXPERT, 0.5)
            .withPair(EXPERT, BASE, -1);

    assertThat(fusion.terms())
        .containsExactly(FusionTerm.of(EXPERT, 0.5), FusionTerm.pair(EXPERT, BASE, -1));
    assertThat(fusion.strength()).isEqualTo(new Strength.FirstTokens(2, 1));
    assertThat(fusion.candidates()).isEqualTo(CandidateSet.topP(0.9));
    assertThat(fusion).isEqualTo(fusion.withSpace(Fusion.Space.PROBABILITIES));
    assertThat(Fusion.proxyTuning())
        .isEqualTo(
            new Fusion(Fusion.Space.LOGITS, CandidateSet.all(), Strength.constant(1), List.of()));
  }

  @Test
  void outOfRangeIsRefused() {
    assertRefused(() -> CandidateSet.topK(0), "k must be >= 1, got 0");
    assertRefused(() -> CandidateSet.topP(0), "topP must be in (0, 1], got 0.0");
    assertRefused(() -> CandidateSet.plausible(1.5), "plausible must be in [0, 1], got 1.5");
    assertRefused(() -> CandidateSet.inBothTop(0), "k must be >= 1");
    assertRefused(() -> CandidateSet.inEitherTop(-1), "k must be >= 1");
    assertRefused(() -> CandidateSet.common(0), "common tokens must be >= 1, got 0");
    assertRefused(() -> Strength.constant(Double.NaN), "finite number, got NaN");
    assertRefused(() -> Strength.firstTokens(-1), "first tokens must be >= 0, got -1");
    assertRefused(() -> Strength.linear(0, 1, 0), "number of tokens must be >= 1, got 0");
    assertRefused(() -> Strength.klMatched(0), "largest strength must be > 0, got 0.0");
    assertRefused(() -> Strength.whereEntropyIsAtLeast(-1), ">= 0 nats, got -1.0");
    assertRefused(() -> Strength.whereTopProbabilityIsAtMost(2), "in [0, 1], got 2.0");
    assertRefused(
        () -> Strength.whereEntropyIsAtLeast(1).withAudited(1.5),
        "the share of audited tokens must be in [0, 1], got 1.5");
    assertRefused(() -> FusionTerm.of(EXPERT, 1.0 / 0), "weight must be a finite number");
  }

  @Test
  void aFusionWithoutItsTermsIsRefused() {
    Fusion both = Fusion.proxyTuning().withCandidates(CandidateSet.inBothTop(5));
    assertRefused(() -> spec(both), "the base alone: add a pair or a source");
    assertThat(spec(both.withSource(EXPERT, 1)).fusion().terms()).hasSize(1);
    Fusion matched = Fusion.proxyTuning().withStrength(Strength.klMatched());
    assertRefused(() -> spec(matched), "one pair, and there are 0 terms");
    assertRefused(
        () -> spec(matched.withSource(EXPERT, 1)), "there are 1 terms, with a source alone");
    Fusion ready = matched.withPair(EXPERT, BASE, 1);
    assertThat(spec(ready).fusion()).isEqualTo(ready);
    assertRefused(() -> spec(ready.withPair(EXPERT, BASE, 1)), "there are 2 terms");
    assertRefused(() -> spec(ready.withSpace(Fusion.Space.PROBABILITIES)), "not in PROBABILITIES");
  }

  private static TunerSpec spec(Fusion fusion) {
    return TunerSpec.builder().base(BASE).fusion(fusion).build();
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }
}
