package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ChatMessage;
import io.proxytune.Choice;
import io.proxytune.ContextLengthException;
import io.proxytune.ExpertPair;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuneException;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.Score;
import io.proxytune.Score.TokenScore;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.TunerFixture;
import io.proxytune.model.FunctionLogitSource;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScorerTest {
  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1);
  private final FakeModel expert = FakeModel.hashed("expert", 2);
  private final FakeModel antiExpert = FakeModel.hashed("anti", 3);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private static List<Integer> ids(String text) {
    return Arrays.stream(FakeTokenizer.LETTERS.encode(text, false)).boxed().toList();
  }

  /** The formula at every token, with nothing cached. */
  private static List<TokenScore> naive(
      List<Integer> basePrompt, List<Integer> expertPrompt, List<Integer> continuation) {
    List<TokenScore> scores = new ArrayList<>();
    for (int i = 0; i < continuation.size(); i++) {
      List<Integer> before = continuation.subList(0, i);
      float[] fused = FakeModel.hashedRow(concat(basePrompt, before), 1, 40);
      float[] plus = FakeModel.hashedRow(concat(expertPrompt, before), 2, 40);
      float[] minus = FakeModel.hashedRow(concat(basePrompt, before), 3, 40);
      for (int id = 0; id < 40; id++) {
        fused[id] += plus[id] - minus[id];
      }
      int id = continuation.get(i);
      String token = FakeTokenizer.LETTERS.token(id).orElseThrow();
      scores.add(new TokenScore(id, token, Distributions.logprob(fused, id)));
    }
    return scores;
  }

  private static List<Integer> concat(List<Integer> first, List<Integer> second) {
    List<Integer> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }

  private static void assertScore(Score score, List<TokenScore> expected) {
    assertThat(score.tokens().stream().map(TokenScore::id))
        .containsExactlyElementsOf(expected.stream().map(TokenScore::id).toList());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(score.tokens().get(i).token()).isEqualTo(expected.get(i).token());
      assertThat(score.tokens().get(i).logprob())
          .isCloseTo(expected.get(i).logprob(), within(1e-4));
    }
    double total = expected.stream().mapToDouble(TokenScore::logprob).sum();
    assertThat(score.total()).isCloseTo(total, within(1e-3));
  }

  @Test
  void everyTokenIsScoredUnderTheFusedModel() {
    DefaultProxyTuner tuner =
        fixture.prefillChunk(3).tuner(base, ExpertPair.of(expert, antiExpert));
    Prompt prompt = Prompt.of("my cat").withText(Role.EXPERT, "a longer one");

    assertScore(
        tuner.score(prompt, " is fine."),
        naive(ids("<s>my cat"), ids("<s>a longer one"), ids(" is fine.")));
  }

  @Test
  void longContinuationsAreScoredInChunks() {
    FakeModel wide = FakeModel.hashed("base", 1, 40, 500);
    FakeModel wideExpert = FakeModel.hashed("expert", 2, 40, 500);
    FakeModel wideAntiExpert = FakeModel.hashed("anti", 3, 40, 500);
    DefaultProxyTuner tuner = fixture.tuner(wide, ExpertPair.of(wideExpert, wideAntiExpert));
    String continuation = " and so on".repeat(20);

    assertScore(
        tuner.score(Prompt.of("z"), continuation),
        naive(ids("<s>z"), ids("<s>z"), ids(continuation)));
    assertThat(wide.passes()).hasSize(1 + (200 - 1 + 63) / 64);
    assertThat(wide.passes().get(1).get(0).tokens()).isEqualTo(64);
  }

  @Test
  void idsAreReportedOnAsTextsAreScored() {
    DefaultProxyTuner tuner =
        fixture.prefillChunk(3).tuner(base, ExpertPair.of(expert, antiExpert));
    Prompt prompt = Prompt.of("my cat").withText(Role.EXPERT, "a longer one");
    Score score = tuner.score(prompt, " is fine.");
    int[] ids = score.tokens().stream().mapToInt(TokenScore::id).toArray();

    List<TokenLogprobs> reports = tuner.logprobs(prompt, ids, 2);

    assertThat(reports.stream().map(TokenLogprobs::logprob))
        .containsExactlyElementsOf(score.tokens().stream().map(TokenScore::logprob).toList());
    assertThat(reports)
        .allSatisfy(
            report -> {
              assertThat(report.top()).hasSize(2);
              assertThat(report.top().get(0).logprob()).isGreaterThanOrEqualTo(report.logprob());
              assertThat(report.roles().stream().map(TokenLogprobs.OfRole::role))
                  .containsExactly(Role.BASE, Role.EXPERT, Role.ANTI_EXPERT);
            });
    for (int i = 0; i < ids.length; i++) {
      List<Integer> before =
          concat(
              ids("<s>my cat"), score.tokens().subList(0, i).stream().map(TokenScore::id).toList());
      double alone = Distributions.logprob(FakeModel.hashedRow(before, 1, 40), ids[i]);
      assertThat(reports.get(i).roles().get(0).logprob()).isCloseTo(alone, within(1e-4));
    }
  }

  @Test
  void idsToReportOnAreChecked() {
    DefaultProxyTuner tuner = fixture.tuner(base);
    Prompt prompt = Prompt.of("my cat");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.logprobs(prompt, new int[0], 0))
        .withMessageContaining("at least one id");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.logprobs(prompt, new int[] {3}, -1))
        .withMessageContaining(">= 0, got -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.logprobs(prompt, new int[] {40}, 0))
        .withMessageContaining("token id 40");
  }

  private static List<String> tokens(Score score) {
    return score.tokens().stream().map(TokenScore::token).toList();
  }

  @Test
  void promptAndContinuationAreEncodedAsOneText() {
    DefaultProxyTuner tuner = fixture.tuner(base);

    assertThat(tokens(tuner.score(Prompt.of("b"), "abc"))).containsExactly("abc");
    assertThat(tokens(tuner.score(Prompt.ofIds(5), "cat"))).containsExactly("cat");
    assertScore(tuner.score(Prompt.of("b"), "abc"), alone(ids("<s>b"), ids("abc")));
  }

  @Test
  void aTokenThatSpansTheBorderIsScoredAfterWhatComesBeforeIt() {
    Score score = fixture.tuner(base).score(Prompt.of("the ca"), "tcat");

    assertScore(score, alone(ids("<s>the "), ids("catcat")));
  }

  /** The base's own distribution at every token. */
  private static List<TokenScore> alone(List<Integer> prompt, List<Integer> continuation) {
    List<TokenScore> scores = new ArrayList<>();
    for (int i = 0; i < continuation.size(); i++) {
      float[] row = FakeModel.hashedRow(concat(prompt, continuation.subList(0, i)), 1, 40);
      int id = continuation.get(i);
      String token = FakeTokenizer.LETTERS.token(id).orElseThrow();
      scores.add(new TokenScore(id, token, Distributions.logprob(row, id)));
    }
    return scores;
  }

  @Test
  void everyModelGoesBackBeforeATokenThatSpansTheBorder() {
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));

    assertScore(
        tuner.score(Prompt.of("my ca").withText(Role.EXPERT, "one ca"), "t."),
        naive(ids("<s>my "), ids("<s>one "), ids("cat.")));
  }

  @Test
  void whereAModelCannotGoBackTheContinuationBeginsAtTheBorder() {
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));

    assertScore(
        tuner.score(Prompt.of("my ca").withText(Role.EXPERT, "one:"), "t."),
        naive(ids("<s>my ca"), ids("<s>one:"), ids("t.")));
    assertScore(
        tuner.score(Prompt.of("my ca").withText(Role.EXPERT, "ca"), "t."),
        naive(ids("<s>my "), ids("<s>"), ids("cat.")));
  }

  @Test
  void whitespaceAtTheEndOfEveryPromptIsScored() {
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));

    assertScore(
        tuner.score(Prompt.of("my ").withText(Role.EXPERT, "one \n "), "cat"),
        naive(ids("<s>my"), ids("<s>one \n"), ids(" cat")));
    assertScore(
        tuner.score(Prompt.of("my ").withText(Role.EXPERT, "one"), "cat"),
        naive(ids("<s>my "), ids("<s>one"), ids("cat")));
    assertThat(tokens(fixture.tuner(base).score(Prompt.of(" "), "cat"))).containsExactly("cat");
  }

  @Test
  void optionsAreScoredAfterTheSameIds() {
    DefaultProxyTuner tuner = fixture.tuner(base);
    Choice choice = tuner.choose(Prompt.of("the ca"), List.of("t", "n", "r."));

    assertScore(choice.scores().get(0), alone(ids("<s>the "), ids("cat")));
    assertScore(choice.scores().get(1), alone(ids("<s>the "), ids("can")));
    assertScore(choice.scores().get(2), alone(ids("<s>the "), ids("car.")));
  }

  @Test
  void withoutSpecialTokensSomethingOfThePromptIsKept() {
    List<String> noBos = FakeTokenizer.letters();
    noBos.set(0, "");
    FakeModel model = base.withTokenizer(new FakeTokenizer(noBos, false));

    assertThat(tokens(fixture.tuner(model).score(Prompt.of("ca"), "t.")))
        .as("nothing is left before cat")
        .containsExactly("t", ".");
  }

  @Test
  void renderedConversationIsFollowedByTheContinuationAlone() {
    FakeModel chatty = base.withTokenizer(FakeTokenizer.LETTERS.withTemplate());
    DefaultProxyTuner tuner = fixture.tuner(chatty);
    Score score = tuner.score(Prompt.chat(ChatMessage.user("hi")), "the");

    float[] row = FakeModel.hashedRow(ids("<s>[user]hi[assistant]"), 1, 40);
    assertThat(score.total())
        .isCloseTo(Distributions.logprob(row, ids("the").get(0)), within(1e-5));
  }

  @Test
  void chooseReadsThePromptOnceAndScoresEachOptionAsAlone() {
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
    Prompt prompt = Prompt.of("which one? ");
    List<String> options = List.of("cat", "the dog", "a", "abc def");
    Choice choice = tuner.choose(prompt, options);

    assertThat(base.passes().stream().filter(pass -> pass.get(0).position() == 0)).hasSize(1);
    double best = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < options.size(); i++) {
      assertThat(choice.scores().get(i)).isEqualTo(tuner.score(prompt, options.get(i)));
      best = Math.max(best, choice.scores().get(i).total());
    }
    assertThat(choice.scores().get(choice.index()).total()).isEqualTo(best);
    assertThat(choice.option()).isEqualTo(options.get(choice.index()));
  }

  @Test
  void tiesGoToTheFirst() {
    assertThat(fixture.tuner(base).choose(Prompt.of("x"), List.of("zzzz", "a", "a")).scores())
        .hasSize(3);
    assertThat(fixture.tuner(base).choose(Prompt.of("x"), List.of("a", "a")).index()).isZero();
  }

  @Test
  void tiesOfImpossibleOptionsGoToTheFirst() {
    FakeModel certain =
        FakeModel.of(
            100,
            history -> {
              float[] row = new float[40];
              Arrays.fill(row, Float.NEGATIVE_INFINITY);
              row[2] = 0;
              return row;
            });
    Choice choice = fixture.tuner(certain).choose(Prompt.of("x"), List.of("b", "c"));

    assertThat(choice.index()).isZero();
    assertThat(choice.scores().get(1).total()).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void wrongArgumentsAreRefused() {
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.score(Prompt.of("x"), ""))
        .withMessageContaining("continuation to score is empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.choose(Prompt.of("x"), List.of()))
        .withMessageContaining("at least one option");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.choose(Prompt.of("x"), List.of("a", "")))
        .withMessageContaining("empty");
    assertThatThrownBy(() -> tuner.score(Prompt.of("x"), "z".repeat(99)))
        .isInstanceOf(ContextLengthException.class)
        .hasMessageContaining("base ('base') has 2 tokens")
        .hasMessageContaining("at least 99");
    assertThat(base.sessionsMade()).isZero();
  }

  @Test
  void continuationThatAnExpertCannotReadIsRefused() {
    FakeModel small =
        FakeModel.hashed("small", 6, 30, 100)
            .withTokenizer(new FakeTokenizer(FakeTokenizer.letters().subList(0, 30), false));
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(small, antiExpert));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuner.score(Prompt.of("x"), "cat"))
        .withMessageContaining("the continuation holds token id 38")
        .withMessageContaining("expert of pair 0 ('small')");
  }

  @Test
  void interruptedThreadIsToldAndStaysInterrupted() {
    DefaultProxyTuner tuner = fixture.tuner(base);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> tuner.score(Prompt.of("x"), "cat"))
          .isInstanceOf(ProxyTuneException.class)
          .hasMessageContaining("interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void closingTheTunerEndsScoring() {
    DefaultProxyTuner tuner = fixture.tuner(base);
    base.beforePass(pass -> tuner.close());

    assertThatThrownBy(() -> tuner.score(Prompt.of("x"), "a cat"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  /** Encoding a text takes time and memory by its length. */
  @Test
  void aContinuationThatIsFarTooLongIsRefusedBeforeItIsEncoded() throws URISyntaxException {
    URL file = ScorerTest.class.getResource("/tokenizers/byte-level/tokenizer.json");
    CheckpointTokenizer real =
        CheckpointTokenizer.open(Path.of(requireNonNull(file).toURI()).getParent());
    LogitSource model =
        FunctionLogitSource.of("short", 700, 16, ids -> new float[700]).withTokenizer(real);
    String huge = " once upon a time".repeat(100_000);
    try (ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      for (Prompt prompt : List.of(Prompt.of("Once"), Prompt.ofIds(65, 66))) {
        assertThatExceptionOfType(ContextLengthException.class)
            .isThrownBy(() -> tuner.choose(prompt, List.of(" a", huge)))
            .withMessageContaining("characters, which are at least")
            .withMessageContaining("context holds 16 tokens: shorten");
      }
    }
  }
}
