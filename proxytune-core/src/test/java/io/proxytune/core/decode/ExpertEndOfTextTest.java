package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Speculation;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.TunerFixture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which of the models' end-of-text ids end a text. The base says "ab.c"; its own id is 1. */
class ExpertEndOfTextTest {
  private static final int DOT = FakeTokenizer.LETTERS.id(".").orElseThrow();
  private static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(6);
  private static final int[] SAID = FakeTokenizer.LETTERS.encode("ab.c", false);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.saying(1, SAID);

  /** Expert and anti-expert are equal, so that the text is the base's. */
  private final FakeModel plain = FakeModel.hashed("plain", 2);

  private final FakeModel ending = FakeModel.hashed("ending", 2).withEndOfTextIds(DOT);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private Generation generate(GenerationOptions options, ExpertPair... pairs) {
    return fixture.tuner(base, pairs).generate(Prompt.ofIds(5), options);
  }

  private static void assertEnded(Generation generation) {
    assertThat(generation.finishReason()).isEqualTo(FinishReason.END_OF_TEXT);
    assertThat(generation.text()).isEqualTo("ab");
    assertThat(generation.stopId()).hasValue(DOT);
  }

  private static void assertGoesOn(Generation generation) {
    assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
    assertThat(generation.text()).isEqualTo("ab.ccc");
    assertThat(generation.stopId()).isEmpty();
  }

  @Test
  void theExpertsIdEndsTheText() {
    assertEnded(generate(OPTIONS, ExpertPair.of(ending, plain)));
    assertEnded(generate(OPTIONS.withLogprobs(1), ExpertPair.of(ending, plain)));
  }

  @Test
  void thatCanBeSwitchedOff() {
    ExpertPair pair = ExpertPair.of(ending, plain);

    assertGoesOn(generate(OPTIONS.withIgnoreExpertEndOfText(true), pair));
    assertGoesOn(generate(OPTIONS.withIgnoreEndOfText(true), pair));
  }

  @Test
  void theBasesIdsCountWhateverTheExpertsAre() {
    FakeModel ended = FakeModel.saying(1, FakeTokenizer.LETTERS.encode("a</s>", false));
    Generation generation =
        fixture
            .tuner(ended, ExpertPair.of(ending, plain))
            .generate(Prompt.ofIds(5), OPTIONS.withIgnoreExpertEndOfText(true));

    assertThat(generation.stopId()).hasValue(1);
  }

  @Test
  void everyPairCounts() {
    FakeModel other = FakeModel.hashed("other", 3);
    assertEnded(generate(OPTIONS, ExpertPair.of(other, other), ExpertPair.of(ending, plain)));
  }

  @Test
  void theModelThatIsSteeredTowardsCounts() {
    assertGoesOn(generate(OPTIONS, ExpertPair.of(plain, ending)));
    assertGoesOn(generate(OPTIONS, new ExpertPair(ending, plain, -1)));
    assertEnded(generate(OPTIONS, new ExpertPair(plain, ending, -1)));
  }

  @Test
  void aPairThatAddsNothingDoesNotCount() {
    assertGoesOn(generate(OPTIONS, new ExpertPair(ending, plain, 0)));
    assertGoesOn(generate(OPTIONS.withLogprobs(0), new ExpertPair(ending, plain, 0)));
    assertGoesOn(generate(OPTIONS, ExpertPair.of(ending, ending)));
  }

  @Test
  void eachPromptSaysWhetherAPairCounts() {
    FakeModel silent =
        FakeModel.of(100, history -> FakeModel.oneHot(SAID[Math.min(3, history.size() - 1)]))
            .withEndOfTextIds(DOT);
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(silent, silent));
    Prompt same = Prompt.ofIds(5);
    Prompt other = same.withText(Role.EXPERT, "a").withText(Role.ANTI_EXPERT, "b");
    List<Generation> generations = tuner.generateAll(List.of(same, other, same), OPTIONS);

    assertGoesOn(generations.get(0));
    assertEnded(generations.get(1));
    assertGoesOn(generations.get(2));
  }

  @Test
  void idsThatTheBaseLacksDoNotCount() {
    List<String> tokens = new ArrayList<>(FakeTokenizer.letters());
    tokens.set(DOT, "");
    FakeModel lacking = base.withTokenizer(new FakeTokenizer(tokens, false));
    FakeModel wide = FakeModel.withoutTokenizer("wide", 2, 60).withEndOfTextIds(DOT, 55);
    Generation generation =
        fixture
            .tuner(lacking, ExpertPair.of(wide, FakeModel.withoutTokenizer("anti", 2, 60)))
            .generate(Prompt.ofIds(5), OPTIONS);

    assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
  }

  @Test
  void anIdThatTheExpertHasNoTokenForDoesNotCount() {
    List<String> tokens = new ArrayList<>(FakeTokenizer.letters());
    tokens.set(DOT, "");
    FakeModel nameless = ending.withTokenizer(new FakeTokenizer(tokens, false));

    assertGoesOn(generate(OPTIONS, ExpertPair.of(nameless, plain)));
  }

  @Test
  void modelsWithoutTokenizersAreTakenToShareIds() {
    FakeModel bare = FakeModel.withoutTokenizer("bare", 2).withEndOfTextIds(DOT);

    assertEnded(generate(OPTIONS, ExpertPair.of(bare, plain)));
  }

  @Test
  void theMinimumBansItUntilThen() {
    Generation generation = generate(OPTIONS.withMinNewTokens(4), ExpertPair.of(ending, plain));

    assertThat(generation.tokenIds().subList(0, 4)).doesNotContain(DOT);
  }

  @Test
  void draftsThatHoldItEndThere() {
    FakeModel second = FakeModel.saying(1, SAID).withEndOfTextIds(DOT);
    for (int length = 1; length < 6; length++) {
      GenerationOptions drafting = OPTIONS.withSpeculation(Speculation.draft(length));
      ExpertPair pair = ExpertPair.of(second, plain);
      ExpertPair opposite = new ExpertPair(second, ending, -0.01);
      Generation generation = generate(drafting, pair);
      Generation expected = generate(OPTIONS.withSpeculation(Speculation.off()), pair);

      assertThat(generation.tokenIds()).isEqualTo(expected.tokenIds());
      assertThat(generation.stopId()).isEqualTo(expected.stopId()).hasValue(DOT);
      assertEnded(generate(drafting, opposite));
    }
  }

  @Test
  void severalTextsAndStreamsEndThere() {
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(ending, plain));

    tuner.generateMany(Prompt.ofIds(5), 3, OPTIONS).forEach(ExpertEndOfTextTest::assertEnded);
    assertEnded(tuner.stream(Prompt.ofIds(5), OPTIONS).result());
    assertThat(tuner.score(Prompt.ofIds(5), "ab.c").tokens()).as("scoring reads on").hasSize(4);
  }
}
