package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Token;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tuner.TunerFixture;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FinishTest {
  private static final int EOS = 1;
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(12);

  private final TunerFixture fixture = new TunerFixture();

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private static int[] ids(String text) {
    return FakeTokenizer.LETTERS.encode(text, false);
  }

  /** What a model that says a text gives; it repeats the last token for ever. */
  private Generation say(String text, GenerationOptions options) {
    Generation generation =
        fixture.tuner(FakeModel.saying(1, ids(text))).generate(Prompt.ofIds(5), options);
    assertThat(generation.tokens().stream().map(Token::text).collect(Collectors.joining()))
        .as("the streamed text")
        .isEqualTo(generation.text());
    assertThat(generation.tokenIds())
        .isEqualTo(generation.tokens().stream().map(Token::id).toList());
    return generation;
  }

  @Test
  void endOfTextIdEndsAndLeavesNoText() {
    Generation generation = say("a cat</s>", OPTIONS);

    assertThat(generation.finishReason()).isEqualTo(FinishReason.END_OF_TEXT);
    assertThat(generation.text()).isEqualTo("a cat");
    assertThat(generation.tokenIds()).containsExactly(box(ids("a cat</s>")));
  }

  private static Integer[] box(int[] ids) {
    return Arrays.stream(ids).boxed().toArray(Integer[]::new);
  }

  @Test
  void maximumEndsTheText() {
    Generation generation = say("ab", OPTIONS.withMaxNewTokens(3));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
    assertThat(generation.text()).isEqualTo("abb");
  }

  @Test
  void endOfTextWinsOverTheMaximum() {
    assertThat(say("ab</s>", OPTIONS.withMaxNewTokens(3)).finishReason())
        .isEqualTo(FinishReason.END_OF_TEXT);
  }

  @Test
  void stopStringWinsOverTheMaximum() {
    assertThat(say("ab", OPTIONS.withMaxNewTokens(2).withStopStrings("b")).finishReason())
        .isEqualTo(FinishReason.STOP_STRING);
  }

  @Test
  void stopIdEndsWithoutItsText() {
    Generation generation = say("ab.cat", OPTIONS.withStopIds(Set.of(ids(".")[0])));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_ID);
    assertThat(generation.text()).isEqualTo("ab");
    assertThat(generation.tokenIds()).hasSize(3).endsWith(ids(".")[0]);
  }

  @Test
  void endOfTextCanBeIgnored() {
    Generation generation = say("a</s>b", OPTIONS.withIgnoreEndOfText(true).withMaxNewTokens(3));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
    assertThat(generation.text()).isEqualTo("ab");
    assertThat(generation.tokenIds()).contains(EOS);
  }

  @Test
  void ignoredEndOfTextStillEndsAsStopId() {
    Generation generation =
        say("a</s>b", OPTIONS.withIgnoreEndOfText(true).withStopIds(Set.of(EOS)));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_ID);
  }

  @Test
  void theIdThatEndedTheTextIsReported() {
    int dot = ids(".")[0];

    assertThat(say("a</s>", OPTIONS).stopId()).hasValue(EOS);
    assertThat(say("a.", OPTIONS.withStopIds(Set.of(dot))).stopId()).hasValue(dot);
    assertThat(say("a.", OPTIONS.withStopStrings(".")).stopId()).isEmpty();
    assertThat(say("ab", OPTIONS).stopId()).isEmpty();
  }

  @Test
  void stopStringThatIsASpecialTokenIsAStopId() {
    Generation generation = say("ab<s>c", OPTIONS.withStopStrings("<s>"));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_ID);
    assertThat(generation.stopId()).hasValue(0);
    assertThat(generation.text()).isEqualTo("ab");
    GenerationOptions enough =
        OPTIONS.withStopStrings("<s>").withIgnoreEndOfText(true).withMinNewTokens(3);
    assertThat(say("<s>", enough).tokenIds())
        .as("banned until there are enough")
        .containsExactly(1, 1, 1, 0);
  }

  @Test
  void stopStringThatIsTheEndOfTextTokenEndsTheTextThoughThatIsIgnored() {
    Generation generation =
        say("a</s>b", OPTIONS.withIgnoreEndOfText(true).withStopStrings("</s>"));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_ID);
    assertThat(generation.text()).isEqualTo("a");
    assertThat(say("a</s>b", OPTIONS.withStopStrings("</s>")).finishReason())
        .isEqualTo(FinishReason.END_OF_TEXT);
  }

  @Test
  void stopStringWithSpecialTokensInsideEndsTheTextBeforeIt() {
    assertStopped("xab<s>c", "ab<s>", "x");
    assertStopped("ab<s>cat", "<s>cat", "ab");
    assertStopped("ab<s>ca", "b<s>c", "a");
    assertStopped("ab</s>", "b</s>", "a");
    assertStopped("ab<s>cat", "bcat", "a");
    assertThat(say("ab<s>cccccccccc", OPTIONS.withStopStrings("b<s>d")).text())
        .as("what was held back")
        .isEqualTo("abccccccccc");
    assertThat(say("ab<s>c", OPTIONS.withStopStrings("s", ">", "<s")).finishReason())
        .as("parts of a token's name are no text")
        .isEqualTo(FinishReason.MAX_NEW_TOKENS);
  }

  private void assertStopped(String said, String stop, String text) {
    Generation generation = say(said, OPTIONS.withStopStrings(stop));
    assertThat(generation.finishReason()).as(stop).isEqualTo(FinishReason.STOP_STRING);
    assertThat(generation.text()).as(stop).isEqualTo(text);
    assertThat(generation.stopId()).isEmpty();
  }

  /** As in transformers, where a minimum is of ids alone. */
  @Test
  void stopStringEndsTheTextBelowTheMinimumOfTokens() {
    Generation generation = say("a.b.c", OPTIONS.withStopStrings(".").withMinNewTokens(3));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_STRING);
    assertThat(generation.text()).isEqualTo("a");
  }

  @Test
  void stopStringMayBeginWithASpace() {
    Generation generation = say(" cat", OPTIONS.withStopStrings(" cat"));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_STRING);
    assertThat(generation.text()).isEmpty();
  }

  @Test
  void minimumBansEndingIdsUntilThen() {
    Generation generation = say("</s>", OPTIONS.withMinNewTokens(3));

    assertThat(generation.tokenIds()).hasSize(4).endsWith(EOS).startsWith(0, 0, 0);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.END_OF_TEXT);
  }

  @Test
  void minimumAboveTheMaximumIsRefused() {
    GenerationOptions options = OPTIONS.withMaxNewTokens(2).withMinNewTokens(3);

    assertThatThrownBy(() -> say("abc", options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 3 new tokens and at most 2 contradict each other")
        .hasMessageContaining("--min-new-tokens");
  }

  @Test
  void stopStringOverTokensEndsTheTextBeforeIt() {
    Generation generation = say("ab.a.bc", OPTIONS.withStopStrings(".bc", "?!"));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_STRING);
    assertThat(generation.text()).isEqualTo("ab.a");
    assertThat(generation.tokens().stream().map(Token::text))
        .containsExactly("a", "b", "", ".a", "", "", "");
  }

  @Test
  void heldBackTextComesWithTheLastToken() {
    Generation generation = say("ab.</s>", OPTIONS.withStopStrings(".bc"));

    assertThat(generation.text()).isEqualTo("ab.");
    assertThat(generation.tokens().stream().map(Token::text)).containsExactly("a", "b", "", ".");
    assertThat(say("ab.", OPTIONS.withMaxNewTokens(3).withStopStrings(".bc")).text())
        .isEqualTo("ab.");
  }

  @Test
  void fullContextEndsTheTextWithTheLastTokenIncluded() {
    FakeModel base = FakeModel.saying(3, 6, ids("ab"));
    Generation generation = fixture.tuner(base).generate(Prompt.ofIds(5, 6, 7), OPTIONS);

    assertThat(generation.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    assertThat(generation.text()).isEqualTo("abbb");
  }

  @Test
  void contextOfAnExpertCounts() {
    FakeModel base = FakeModel.saying(3, ids("ab"));
    FakeModel expert = FakeModel.hashed("expert", 2, 40, 4);
    FakeModel antiExpert = FakeModel.hashed("anti", 2, 40, 100);
    Generation generation =
        fixture
            .tuner(base, ExpertPair.of(expert, antiExpert))
            .generate(Prompt.ofIds(5, 6, 7), OPTIONS);

    assertThat(generation.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    assertThat(generation.text()).isEqualTo("ab");
  }

  @Test
  void endOfTextWinsOverTheFullContext() {
    FakeModel base = FakeModel.saying(3, 4, ids("a</s>"));

    assertThat(fixture.tuner(base).generate(Prompt.ofIds(5, 6, 7), OPTIONS).finishReason())
        .isEqualTo(FinishReason.END_OF_TEXT);
  }

  @Test
  void maximumBeyondAnyContextIsNoOverflow() {
    FakeModel base = FakeModel.saying(1, 6, ids("a"));
    Generation generation =
        fixture.tuner(base).generate(Prompt.ofIds(5), OPTIONS.withMaxNewTokens(Integer.MAX_VALUE));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    assertThat(generation.tokenIds()).hasSize(6);
  }

  @Test
  void deadlineEndsTheTextAtItsNextStep() {
    FakeModel base =
        FakeModel.saying(1, ids("ab")).beforePass(pass -> fixture.clock.addAndGet(1_000_000));
    Generation generation =
        fixture.tuner(base).generate(Prompt.ofIds(5), OPTIONS.withTimeLimit(Duration.ofMillis(3)));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.DEADLINE);
    assertThat(generation.text()).isEqualTo("abb");
  }

  @Test
  void deadlineIsCheckedBetweenChunksOfThePrompt() {
    FakeModel base =
        FakeModel.saying(1, ids("ab")).beforePass(pass -> fixture.clock.addAndGet(1_000_000));
    Generation generation =
        fixture
            .prefillChunk(1)
            .tuner(base)
            .generate(Prompt.ofIds(5, 6, 7, 8), OPTIONS.withTimeLimit(Duration.ofMillis(2)));

    assertThat(generation.finishReason()).isEqualTo(FinishReason.DEADLINE);
    assertThat(generation.tokenIds()).isEmpty();
    assertThat(base.passes()).hasSize(2);
  }

  @Test
  void hugeTimeLimitIsNoOverflow() {
    assertThat(say("a</s>", OPTIONS.withTimeLimit(Duration.ofSeconds(Long.MAX_VALUE))).text())
        .isEqualTo("a");
  }

  @Test
  void timesAreMeasuredFromTheRequest() {
    FakeModel base =
        FakeModel.saying(2, ids("ab")).beforePass(pass -> fixture.clock.addAndGet(1_000_000));
    Generation generation =
        fixture
            .prefillChunk(1)
            .tuner(base)
            .generate(Prompt.ofIds(5, 6), OPTIONS.withMaxNewTokens(4));

    assertThat(generation.stats().promptTokens()).isEqualTo(2);
    assertThat(generation.stats().generatedTokens()).isEqualTo(4);
    assertThat(generation.stats().prefill()).isEqualTo(Duration.ofMillis(2));
    assertThat(generation.stats().timeToFirstToken()).isEqualTo(Duration.ofMillis(2));
    assertThat(generation.stats().decode()).isEqualTo(Duration.ofMillis(3));
  }
}
