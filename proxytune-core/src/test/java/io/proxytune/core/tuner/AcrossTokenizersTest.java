package io.proxytune.core.tuner;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Sampler;
import io.proxytune.Score;
import io.proxytune.Speculation;
import io.proxytune.TranslationStats;
import io.proxytune.VocabularyMismatchException;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.model.FunctionLogitSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pairs that read texts in tokens of their own. */
class AcrossTokenizersTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults()
          .withMaxNewTokens(20)
          .withSampler(Sampler.temperature(1))
          .withSeed(3)
          .withIgnoreEndOfText(true);

  /** The base's letters at other ids, and other words of them. */
  private static final FakeTokenizer OTHER = other();

  private static FakeTokenizer other() {
    List<String> tokens = new ArrayList<>(List.of("</s>", "<s>", "th", "he", "ca", "at", "bc"));
    for (String letter : FakeTokenizer.letters()) {
      if (letter.length() == 1) {
        tokens.add(letter);
      }
    }
    return new FakeTokenizer(tokens, false);
  }

  private final TunerFixture fixture = new TunerFixture().prefillChunk(4);
  private final FakeModel base = FakeModel.hashed("base", 1, 40, 300).withEndOfTextIds(1);
  private final FakeModel expert = own("expert", 2, 300);
  private final FakeModel antiExpert = own("anti", 3, 300);

  private static FakeModel own(String name, long seed, int contextLength) {
    int width = OTHER.vocabularySize();
    return new FakeModel(
            FunctionLogitSource.of(
                    name,
                    width,
                    contextLength,
                    ids ->
                        FakeModel.hashedRow(
                            ids.subList(Math.max(0, ids.size() - 3), ids.size()), seed, width))
                .withTokenizer(OTHER)
                .withEndOfTextIds(Set.of(0)))
        .sharingPasses();
  }

  private ExpertPair pair() {
    return new ExpertPair(expert, antiExpert, 0.7).acrossTokenizers();
  }

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  @Test
  void areRefusedUnlessAskedFor() {
    assertThatExceptionOfType(VocabularyMismatchException.class)
        .isThrownBy(() -> fixture.tuner(base, new ExpertPair(expert, antiExpert, 1)))
        .withMessageContaining("vocabularies");
  }

  @Test
  void steerTextsAndTellWhatItTook() {
    int prompt = FakeTokenizer.LETTERS.encode("the cat", true).length;
    int[] letters = {21, 9, 6, 4, 2, 21}; // t h e c a t, of which others are th e ca t
    FakeModel spelling = FakeModel.saying(prompt, letters);
    try (DefaultProxyTuner tuner =
        fixture.tuner(spelling, new ExpertPair(expert, antiExpert, 0.01).acrossTokenizers())) {
      Generation text =
          tuner.generate(
              Prompt.of("the cat"), GenerationOptions.defaults().withMaxNewTokens(letters.length));

      TranslationStats stats = text.stats().translation();
      assertThat(text.text()).isEqualTo("thecat");
      assertThat(stats.tokens()).isEqualTo(letters.length);
      assertThat(stats.unmapped()).isPositive().isLessThan(0.01);
      assertThat(stats.spelledTokens()).isPositive();
      assertThat(stats.rereadTokens()).isEqualTo(2 * 2); // t and c, by both
    }
  }

  @Test
  void steerBySourcesOfTheirOwnBytes() {
    try (DefaultProxyTuner tuner = fixture.tuner(base, pair())) {
      Generation text = tuner.generate(Prompt.of("the cat"), OPTIONS);
      Generation unsteered;
      try (DefaultProxyTuner alone =
          fixture.tuner(base, new ExpertPair(expert, antiExpert, 0).acrossTokenizers())) {
        unsteered = alone.generate(Prompt.of("the cat"), OPTIONS);
      }
      assertThat(text.text()).isNotEqualTo(unsteered.text());
      assertThat(unsteered.stats().translation()).isEqualTo(TranslationStats.NONE);
    }
  }

  @Test
  void scoresAreThoseOfSteps() {
    try (DefaultProxyTuner tuner = fixture.tuner(base, pair())) {
      Generation text = tuner.generate(Prompt.of("the cat"), OPTIONS.withLogprobs(0));
      Score score = tuner.score(Prompt.of("the cat"), text.text());

      int[] ids = text.tokenIds().stream().mapToInt(Integer::intValue).toArray();
      List<Double> told =
          text.tokens().stream().map(token -> requireNonNull(token.logprobs()).logprob()).toList();
      assertThat(tuner.logprobs(Prompt.of("the cat"), ids, 0))
          .allSatisfy(each -> assertThat(each.logprob()).isNegative())
          .extracting(each -> each.logprob())
          .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-5 ? 0 : 1)
          .containsExactlyElementsOf(told);
      assertThat(score.tokens()).isNotEmpty();
    }
  }

  @Test
  void textsAreTheSameTogetherWithDraftsAndFromKeptPrompts() {
    List<Prompt> prompts = List.of(Prompt.of("the cat"), Prompt.of("a bat"), Prompt.of("abcabc"));
    base.sharingPasses().readingDrafts();
    List<String> alone = new ArrayList<>();
    try (DefaultProxyTuner tuner = fixture.prefixCache(0).tuner(base, pair())) {
      prompts.forEach(prompt -> alone.add(tuner.generate(prompt, OPTIONS).text()));
    }
    GenerationOptions drafting = OPTIONS.withSpeculation(Speculation.draft(3));
    try (DefaultProxyTuner tuner = fixture.prefixCache(1 << 20).tuner(base, pair())) {
      assertThat(tuner.generateAll(prompts, OPTIONS)).extracting(Generation::text).isEqualTo(alone);
      assertThat(tuner.generateMany(prompts.get(0), 3, OPTIONS).get(0).text())
          .isEqualTo(alone.get(0));
      Generation drafted = tuner.generate(prompts.get(1), drafting);
      assertThat(drafted.text()).isEqualTo(alone.get(1));
      assertThat(drafted.stats().draftedTokens()).isZero();
    }
  }

  @Test
  void whatWindowsHaveLeftBehindOfAKeptPromptIsNotReused() {
    List.of(expert, antiExpert).forEach(each -> each.withBytesPerToken(1).holdingLast(100));
    String kept = "abba ".repeat(54); // a token a letter
    try (DefaultProxyTuner tuner =
        new TunerFixture().prefixCache(1 << 20).prefillChunk(128).tuner(base, pair())) {
      tuner.generate(Prompt.of(kept), OPTIONS);
      tuner.generate(Prompt.of(kept.substring(0, 150) + "dada ".repeat(16)), OPTIONS);
      assertThat(tuner.prefixCache().hits()).isZero();
      tuner.generate(Prompt.of(kept), OPTIONS);
      assertThat(tuner.prefixCache().reusedTokens()).as("by both").isEqualTo(2 * 256);
    }
  }

  @Test
  void likeTokensOfTheBaseSteerAsTheyAre() {
    FakeModel like = FakeModel.hashed("like", 2, 40, 300);
    FakeModel unlike = FakeModel.hashed("unlike", 3, 40, 300);
    ExpertPair plain = new ExpertPair(like, unlike, 0.7);
    GenerationOptions options = OPTIONS.withLogprobs(2);
    try (DefaultProxyTuner one = fixture.tuner(base, plain);
        DefaultProxyTuner other = fixture.tuner(base, plain.acrossTokenizers())) {
      Generation text = other.generate(Prompt.of("the cat"), options);

      assertThat(text.tokens()).isEqualTo(one.generate(Prompt.of("the cat"), options).tokens());
      assertThat(text.stats().translation()).isEqualTo(TranslationStats.NONE);
    }
  }

  @Test
  void promptsOfTheirOwnAreReadInTheirTokens() {
    try (DefaultProxyTuner tuner = fixture.tuner(base, pair())) {
      Prompt prompt = Prompt.of("the cat").withText(Role.EXPERT, 0, "ca cat bc");

      assertThat(tuner.generate(prompt, OPTIONS).text())
          .isNotEqualTo(tuner.generate(Prompt.of("the cat"), OPTIONS).text());
      assertThat(expert.passes().stream().flatMap(List::stream).mapToInt(FakeModel.Call::tokens))
          .isNotEmpty();
    }
  }

  @Test
  void idsOfTheBaseAreReadAsTheirBytes() {
    int[] ids = FakeTokenizer.LETTERS.encode("the cat", true);
    try (DefaultProxyTuner tuner = fixture.tuner(base, pair())) {
      Generation text = tuner.generate(Prompt.ofIds(ids), OPTIONS);

      assertThat(text.text()).isEqualTo(tuner.generate(Prompt.of("the cat"), OPTIONS).text());
    }
  }

  /** The experts' end is the base's, whatever it is called. */
  @Test
  void endsOfTextsAreEnds() {
    FakeModel ending =
        new FakeModel(
            FunctionLogitSource.of(
                    "ending",
                    OTHER.vocabularySize(),
                    300,
                    ids -> {
                      float[] row = new float[OTHER.vocabularySize()];
                      row[0] = 30;
                      return row;
                    })
                .withTokenizer(OTHER)
                .withEndOfTextIds(Set.of(0)));
    try (DefaultProxyTuner tuner =
        fixture.tuner(base, new ExpertPair(ending, antiExpert, 1).acrossTokenizers())) {
      Generation text = tuner.generate(Prompt.of("the cat"), OPTIONS.withIgnoreEndOfText(false));

      assertThat(text.finishReason()).isEqualTo(FinishReason.END_OF_TEXT);
      assertThat(text.text()).isEmpty();
    }
  }

  @Test
  void textsEndWhereTheExpertsContextIsFull() {
    FakeModel small = own("small", 2, 24);
    try (DefaultProxyTuner tuner =
        fixture.tuner(base, new ExpertPair(small, antiExpert, 0.7).acrossTokenizers())) {
      Generation text = tuner.generate(Prompt.of("the cat"), OPTIONS.withMaxNewTokens(100));

      assertThat(text.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
      assertThat(text.tokens()).hasSizeBetween(5, 24);
    }
  }

  @Test
  void anExpertOfAnotherTokenizerThanItsAntiExpertIsRefused() {
    FakeModel another = FakeModel.hashed("another", 3);
    assertThatExceptionOfType(VocabularyMismatchException.class)
        .isThrownBy(
            () -> fixture.tuner(base, new ExpertPair(expert, another, 1).acrossTokenizers()))
        .withMessageContaining("one tokenizer of its own");
  }

  @Test
  void probabilitiesAddUpToOne() {
    try (DefaultProxyTuner tuner = fixture.tuner(base, pair())) {
      Generation text = tuner.generate(Prompt.of("cat"), OPTIONS.withLogprobs(40));

      assertThat(text.tokens())
          .allSatisfy(
              token ->
                  assertThat(
                          requireNonNull(token.logprobs()).top().stream()
                              .mapToDouble(each -> Math.exp(each.logprob()))
                              .sum())
                      .isCloseTo(1, within(1e-4)));
    }
  }
}
