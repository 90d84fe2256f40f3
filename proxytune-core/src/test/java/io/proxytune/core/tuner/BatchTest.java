package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Sampler;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.sampling.Seeds;
import io.proxytune.model.Segment.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final GenerationOptions WARM =
      GenerationOptions.defaults()
          .withMaxNewTokens(10)
          .withSampler(Sampler.temperature(2))
          .withSeed(42);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1).withEndOfTextIds(1, 4, 9, 11);
  private final FakeModel expert = FakeModel.hashed("expert", 2);
  private final FakeModel antiExpert = FakeModel.hashed("anti", 3);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private static void assertSame(Generation together, Generation alone) {
    assertThat(together.tokenIds()).isEqualTo(alone.tokenIds());
    assertThat(together.text()).isEqualTo(alone.text());
    assertThat(together.finishReason()).isEqualTo(alone.finishReason());
    assertThat(together.promptTokenIds()).isEqualTo(alone.promptTokenIds());
    assertThat(together.tokens()).isEqualTo(alone.tokens());
    assertThat(together.seed()).isEqualTo(alone.seed());
  }

  @Test
  void severalTextsOfOnePromptEqualWhatTheirSeedsGiveAlone() {
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
    Prompt prompt = Prompt.of("the cat").withText(Role.EXPERT, "be kind");
    List<Generation> many = tuner.generateMany(prompt, 5, WARM.withLogprobs(2));

    assertThat(many.get(0).seed()).isEqualTo(42);
    assertThat(many.stream().map(Generation::seed)).doesNotHaveDuplicates();
    assertThat(many.stream().map(Generation::tokenIds).distinct().count()).isGreaterThan(2);
    for (Generation text : many) {
      assertSame(text, tuner.generate(prompt, WARM.withLogprobs(2).withSeed(text.seed())));
    }
  }

  @Test
  void sharedPromptIsReadOnceAndFinishedTextsLeave() {
    DefaultProxyTuner tuner =
        fixture.prefillChunk(4).tuner(base, ExpertPair.of(expert, antiExpert));
    List<Generation> many = tuner.generateMany(Prompt.ofIds(5, 6, 7, 8, 9), 4, WARM);

    assertThat(base.passes().get(0)).containsExactly(new FakeModel.Call(0, 4, Rows.NONE));
    assertThat(base.passes().get(1)).containsExactly(new FakeModel.Call(4, 1, Rows.LAST));
    for (int step = 2; step < base.passes().size(); step++) {
      int generated = step - 1;
      long unfinished = many.stream().filter(t -> t.tokenIds().size() > generated).count();
      assertThat(base.passes().get(step)).hasSize((int) unfinished);
    }
  }

  @Test
  void seedIsDrawnWhereNoneIsGiven() {
    DefaultProxyTuner tuner = fixture.tuner(base);
    GenerationOptions noSeed =
        GenerationOptions.defaults().withSampler(Sampler.temperature(2)).withMaxNewTokens(4);
    Generation first = tuner.generate(Prompt.ofIds(5), noSeed);

    assertThat(first.seed()).isNotEqualTo(tuner.generate(Prompt.ofIds(5), noSeed).seed());
    assertSame(first, tuner.generate(Prompt.ofIds(5), noSeed.withSeed(first.seed())));
  }

  @Test
  void differentPromptsTogetherEqualEachAlone() {
    DefaultProxyTuner tuner = fixture.tuner(base, new ExpertPair(expert, antiExpert, 0.8));
    List<Prompt> prompts = randomPrompts(new Random(5), 12);
    List<Generation> together = tuner.generateAll(prompts, WARM.withLogprobs(1));

    assertThat(together).hasSize(12);
    for (int i = 0; i < prompts.size(); i++) {
      assertSame(together.get(i), tuner.generate(prompts.get(i), WARM.withLogprobs(1)));
    }
  }

  private static List<Prompt> randomPrompts(Random random, int count) {
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Prompt prompt = Prompt.ofIds(random.ints(1 + random.nextInt(20), 2, 40).toArray());
      prompts.add(random.nextBoolean() ? prompt : prompt.withText(Role.ANTI_EXPERT, "cat"));
    }
    return prompts;
  }

  @Test
  void promptsReadTogetherShareTheRoomOfAPass() {
    DefaultProxyTuner tuner = fixture.prefillChunk(6).tuner(base);
    tuner.generateAll(
        List.of(Prompt.ofIds(5, 6, 7, 8, 9), Prompt.ofIds(5, 6)), WARM.withMaxNewTokens(1));

    assertThat(base.passes())
        .containsExactly(
            List.of(new FakeModel.Call(0, 5, Rows.LAST), new FakeModel.Call(0, 1, Rows.NONE)),
            List.of(new FakeModel.Call(1, 1, Rows.LAST)));
  }

  /** With one prompt the pair adds nothing, with the other it does. */
  @Test
  void promptsThatDifferInTheirPairsEqualEachAlone() {
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, expert));
    List<Prompt> prompts =
        List.of(
            Prompt.ofIds(5, 6), Prompt.ofIds(5, 6).withText(Role.EXPERT, "cat"), Prompt.ofIds(7));
    List<Generation> together = tuner.generateAll(prompts, WARM);

    for (int i = 0; i < prompts.size(); i++) {
      assertSame(together.get(i), tuner.generate(prompts.get(i), WARM));
    }
  }

  @Test
  void deadlineEndsEverySequence() {
    base.beforePass(pass -> fixture.clock.addAndGet(1_000_000));
    List<Generation> texts =
        fixture
            .tuner(base)
            .generateMany(
                Prompt.ofIds(5),
                3,
                WARM.withIgnoreEndOfText(true).withTimeLimit(Duration.ofMillis(4)));

    assertThat(texts)
        .hasSize(3)
        .allSatisfy(
            text -> {
              assertThat(text.finishReason()).isEqualTo(FinishReason.DEADLINE);
              assertThat(text.tokenIds()).hasSize(4);
            });
  }

  @Test
  void numberOfTextsIsChecked() {
    DefaultProxyTuner tuner = fixture.tuner(base);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.generateMany(Prompt.ofIds(5), 0, WARM))
        .withMessageContaining("must be >= 1, got 0");
    assertThat(tuner.generateAll(List.of(), WARM)).isEmpty();
  }

  @Test
  void derivedSeedsAreSplitMix64() {
    assertThat(Seeds.derive(0, 0)).isZero();
    assertThat(Seeds.derive(0, 1)).isEqualTo(0xE220A8397B1DCDAFL);
    assertThat(Seeds.derive(0, 2)).isEqualTo(0x6E789E6AA1B965F4L);
    assertThat(Seeds.derive(42, 0)).isEqualTo(42);
  }
}
