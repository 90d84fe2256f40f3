package io.proxytune.core.tuner;

import static io.proxytune.core.tuner.HeldRequests.OPTIONS;
import static io.proxytune.core.tuner.HeldRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.core.ensemble.FakeModel;
import org.junit.jupiter.api.Test;

/** Experts whose passes run beside each other's. */
class PairedModelsTest {
  private final FakeModel base = FakeModel.hashed("base", 1);
  private final FakeModel expert = FakeModel.hashed("expert", 2);
  private final FakeModel antiExpert = FakeModel.hashed("anti", 3);

  private static Generation generated(FakeModel base, FakeModel expert, FakeModel antiExpert) {
    TunerFixture fixture = new TunerFixture();
    Generation text =
        fixture
            .tuner(base, ExpertPair.of(expert, antiExpert))
            .generate(prompt(0), OPTIONS.withSeed(1));
    fixture.assertNothingOpen();
    return text;
  }

  @Test
  void textsAreTheSame() {
    Generation alone = generated(base, expert, antiExpert);
    assertThat(expert.pairs()).isZero();
    Generation beside = generated(base, expert.pairedWith(antiExpert), antiExpert);
    assertThat(beside).isEqualTo(alone);
    assertThat(expert.pairs()).isEqualTo(6);
  }

  @Test
  void aModelThatGoesWithNoneRunsAlone() {
    Generation alone = generated(base, expert, antiExpert);
    FakeModel other = FakeModel.hashed("other", 4);
    assertThat(generated(base.pairedWith(other), expert.pairedWith(base), antiExpert))
        .isEqualTo(alone);
    assertThat(base.pairs() + expert.pairs()).isZero();
  }

  @Test
  void whatOneOfThemThrowsEndsTheRequestAlone() {
    Generation alone = generated(base, expert, antiExpert);
    TunerFixture fixture = new TunerFixture();
    DefaultProxyTuner tuner =
        fixture.tuner(base, ExpertPair.of(expert.pairedWith(antiExpert), antiExpert));
    int passes = antiExpert.passes().size();
    antiExpert.beforePass(
        pass -> {
          if (pass == passes + 2) {
            throw new IllegalStateException("out of memory");
          }
        });
    assertThatThrownBy(() -> tuner.generate(prompt(0), OPTIONS.withSeed(1)))
        .hasMessageContaining("out of memory");
    fixture.assertNothingOpen();
    antiExpert.beforePass(pass -> {});
    assertThat(tuner.generate(prompt(0), OPTIONS.withSeed(1)).tokens()).isEqualTo(alone.tokens());
    fixture.assertNothingOpen();
  }
}
