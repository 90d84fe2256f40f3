package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitsProcessor;
import io.proxytune.ModelException;
import io.proxytune.Prompt;
import io.proxytune.Sampler;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.Logits;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever fails reaches the caller, frees everything, and leaves the tuner usable. */
class FailureTest {
  private static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(6);
  private static final Prompt PROMPT = Prompt.ofIds(5, 6, 7);

  private final TunerFixture fixture = new TunerFixture().prefillChunk(2);
  private final FakeModel base = FakeModel.hashed("base", 1);
  private final FakeModel expert = FakeModel.hashed("expert", 2);
  private final FakeModel antiExpert = FakeModel.hashed("anti", 3);
  private final DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));

  private static final class Sabotage extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private void assertSabotaged(ThrowingCallable request) {
    assertThatThrownBy(request).isInstanceOf(Sabotage.class);
    fixture.assertNothingOpen();
    repair();
    assertThat(tuner.generate(PROMPT, OPTIONS).tokenIds()).hasSize(6);
    fixture.assertNothingOpen();
  }

  private void repair() {
    List.of(base, expert, antiExpert).forEach(model -> model.beforePass(pass -> {}));
  }

  private static void sabotage(FakeModel model, int atPass) {
    model.beforePass(
        pass -> {
          if (pass == atPass) {
            throw new Sabotage();
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5})
  void failingBase(int pass) {
    sabotage(base, pass);
    assertSabotaged(() -> tuner.generate(PROMPT, OPTIONS));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5})
  void failingAntiExpertAfterTheOthersRan(int pass) {
    sabotage(antiExpert, pass);
    assertSabotaged(() -> tuner.generate(PROMPT, OPTIONS.withLogprobs(2)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void failingBatch(int pass) {
    sabotage(expert, pass);
    assertSabotaged(() -> tuner.generateMany(PROMPT, 3, OPTIONS));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void failingBatchOfPrompts(int pass) {
    sabotage(expert, pass);
    assertSabotaged(() -> tuner.generateAll(List.of(PROMPT, Prompt.of("cat")), OPTIONS));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void failingScore(int pass) {
    sabotage(antiExpert, pass);
    assertSabotaged(() -> tuner.choose(PROMPT, List.of("cat", "abcd ef")));
  }

  @Test
  void throwingListener() {
    assertSabotaged(
        () ->
            tuner.generate(
                PROMPT,
                OPTIONS,
                token -> {
                  throw new Sabotage();
                }));
  }

  @Test
  void throwingSampler() {
    Sampler.Custom sampler =
        (logits, context) -> {
          if (context.generatedIds().size() == 2) {
            throw new Sabotage();
          }
          return 3;
        };
    assertSabotaged(() -> tuner.generate(PROMPT, OPTIONS.withSampler(sampler)));
    assertSabotaged(() -> tuner.generateMany(PROMPT, 2, OPTIONS.withSampler(sampler)));
  }

  @Test
  void throwingProcessor() {
    LogitsProcessor processor =
        (logits, context) -> {
          throw new Sabotage();
        };
    assertSabotaged(() -> tuner.generate(PROMPT, OPTIONS.withProcessors(List.of(processor))));
  }

  @Test
  void errorsFreeAsWell() {
    base.beforePass(
        pass -> {
          throw new OutOfMemoryError("sabotage");
        });

    assertThatThrownBy(() -> tuner.generate(PROMPT, OPTIONS)).isInstanceOf(OutOfMemoryError.class);
    fixture.assertNothingOpen();
  }

  @Test
  void failedStreamGoesOnFailing() {
    sabotage(base, 2);
    try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
      stream.iterator().next();

      assertThatThrownBy(() -> stream.iterator().next()).isInstanceOf(Sabotage.class);
      fixture.assertNothingOpen();
      assertThatThrownBy(() -> stream.iterator().hasNext()).isInstanceOf(Sabotage.class);
      assertThatThrownBy(stream::result).isInstanceOf(Sabotage.class);
    }
  }

  @Test
  void closedModelIsReportedAndNothingLeaks() {
    base.beforePass(
        pass -> {
          if (pass == 2) {
            base.close();
          }
        });

    assertThatThrownBy(() -> tuner.generate(PROMPT, OPTIONS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'base' is closed");
    fixture.assertNothingOpen();
  }

  private static Function<List<Integer>, float[]> spoiltAt(int length, float value) {
    return ids -> {
      float[] row = FakeModel.hashedRow(ids, 9, 40);
      row[7] = ids.size() == length ? value : row[7];
      return row;
    };
  }

  @Test
  void nanOfTheBaseIsNamedWithItsPosition() {
    FakeModel bad = FakeModel.of(100, spoiltAt(4, Float.NaN));
    DefaultProxyTuner spoilt = fixture.tuner(bad, ExpertPair.of(expert, antiExpert));

    assertThatThrownBy(() -> spoilt.generate(PROMPT, OPTIONS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("base ('saying') gave logit NaN for token id 7 at position 4")
        .hasMessageContaining("float32")
        .hasCauseInstanceOf(ModelException.class);
    fixture.assertNothingOpen();
  }

  @Test
  void infinityOfAnAntiExpertIsNamed() {
    FakeModel bad = FakeModel.of(100, spoiltAt(3, Float.NEGATIVE_INFINITY));
    DefaultProxyTuner spoilt =
        fixture.tuner(base, ExpertPair.of(expert, antiExpert), ExpertPair.of(expert, bad));

    assertThatThrownBy(() -> spoilt.generateMany(PROMPT, 2, OPTIONS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("anti-expert of pair 1 ('saying') gave logit -Infinity")
        .hasMessageContaining("position 3");
    fixture.assertNothingOpen();
  }

  @Test
  void nanInAScoreIsNamed() {
    FakeModel bad = FakeModel.of(100, spoiltAt(5, Float.NaN));
    DefaultProxyTuner spoilt = fixture.tuner(base, ExpertPair.of(bad, antiExpert));

    assertThatThrownBy(() -> spoilt.score(PROMPT, "dcba"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("expert of pair 0 ('saying') gave logit NaN for token id 7")
        .hasMessageContaining("at position 5");
    fixture.assertNothingOpen();
  }

  @Test
  void nanThatOnlyLogprobsSeeIsNamed() {
    FakeModel wide =
        new FakeModel(
                FunctionLogitSource.of(
                    "wide",
                    41,
                    100,
                    ids -> {
                      float[] row = FakeModel.hashedRow(ids, 9, 41);
                      row[40] = Float.NaN;
                      return row;
                    }))
            .withTokenizer(FakeTokenizer.LETTERS);
    DefaultProxyTuner spoilt = fixture.tuner(base, ExpertPair.of(wide, antiExpert));

    assertThat(spoilt.generate(PROMPT, OPTIONS).tokenIds()).hasSize(6);
    assertThatThrownBy(() -> spoilt.generate(PROMPT, OPTIONS.withLogprobs(0)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("expert of pair 0 ('wide') gave logit NaN for token id 40");
    fixture.assertNothingOpen();
  }

  @Test
  void failureThatIsNoModelsFaultIsLeftAsItIs() {
    LogitsProcessor processor = (logits, context) -> logits[3] = Float.NaN;

    assertThatThrownBy(() -> tuner.generate(PROMPT, OPTIONS.withProcessors(List.of(processor))))
        .isInstanceOf(ModelException.class)
        .hasMessageNotContaining("gave logit")
        .hasNoCause();
    fixture.assertNothingOpen();
  }

  @Test
  void wronglyShapedLogitsAreRefused() {
    DefaultProxyTuner wrong = fixture.tuner(base.answering(Logits.of(2)));

    assertThatThrownBy(() -> wrong.generate(PROMPT, OPTIONS.withMaxNewTokens(1)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("base ('base') returned logits [0, 2], expected [0, 40]");
    fixture.assertNothingOpen();
  }

  @Test
  void promptIsCheckedBeforeAnythingIsOpened() {
    assertThatThrownBy(() -> tuner.stream(Prompt.ofIds(99), OPTIONS))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(base.sessionsMade()).isZero();
  }

  @Test
  void concurrentRequestsDoNotDisturbEachOther() {
    Generation alone = tuner.generate(PROMPT, OPTIONS);
    List<Generation> together =
        IntStream.range(0, 64).parallel().mapToObj(i -> tuner.generate(PROMPT, OPTIONS)).toList();

    assertThat(together)
        .allSatisfy(text -> assertThat(text.tokenIds()).isEqualTo(alone.tokenIds()));
    fixture.assertNothingOpen();
  }
}
