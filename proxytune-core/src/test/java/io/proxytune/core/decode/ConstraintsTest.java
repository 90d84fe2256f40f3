package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenConstraints;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tuner.RandomRequests;
import io.proxytune.core.tuner.TunerFixture;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lengths that count the prompt, and what may or must stand where, in whole texts. */
class ConstraintsTest {
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

  private static Prompt prompt(int tokens) {
    return Prompt.ofIds(IntStream.range(5, 5 + tokens).toArray());
  }

  private Generation say(String text, int promptTokens, GenerationOptions options) {
    ProxyTuner tuner = fixture.tuner(FakeModel.saying(promptTokens, ids(text)));
    return tuner.generate(prompt(promptTokens), options);
  }

  @Test
  void aMaximumOfTheLengthCountsThePrompt() {
    for (int promptTokens = 1; promptTokens < 6; promptTokens++) {
      Generation generation = say("xyzxyz", promptTokens, OPTIONS.withMaxLength(6));
      assertThat(generation.tokenIds()).hasSize(6 - promptTokens);
      assertThat(generation.finishReason()).isEqualTo(FinishReason.MAX_NEW_TOKENS);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> say("abc", 6, OPTIONS.withMaxLength(6)))
        .withMessageContaining("prompt has 6 tokens")
        .withMessageContaining("at most 6 with the prompt has no room")
        .withMessageContaining("--max-new-tokens");
  }

  @Test
  void aMinimumOfTheLengthCountsThePrompt() {
    assertThat(say("</s>", 2, OPTIONS.withMinLength(5)).tokenIds()).hasSize(4).endsWith(EOS);
    assertThat(say("</s>", 5, OPTIONS.withMinLength(5)).tokenIds()).containsExactly(EOS);
    assertThat(say("</s>", 2, OPTIONS.withMinLength(500)).tokenIds())
        .as("no more than the maximum")
        .hasSize(12)
        .doesNotContain(EOS);
  }

  @Test
  void eachPromptOfABatchHasItsOwnLength() {
    ProxyTuner tuner = fixture.tuner(RandomRequests.markov("base", 1, 100));
    GenerationOptions options = OPTIONS.withIgnoreEndOfText(true).withMaxLength(8);
    List<Generation> generations =
        tuner.generateAll(List.of(prompt(2), prompt(7), prompt(4)), options);
    assertThat(generations.stream().map(generation -> generation.tokenIds().size()))
        .containsExactly(6, 1, 4);
    assertThat(generations.get(2).tokenIds())
        .isEqualTo(tuner.generate(prompt(4), options).tokenIds());
  }

  @Test
  void anEndIsForcedAtTheLimit() {
    TokenConstraints forced = TokenConstraints.NONE.withForcedEndIds(Set.of(EOS));
    Generation generation = say("xyzxyz", 2, OPTIONS.withMaxLength(6).withConstraints(forced));
    assertThat(generation.text()).isEqualTo("xyz");
    assertThat(generation.tokenIds()).hasSize(4).endsWith(EOS);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.END_OF_TEXT);
  }

  @Test
  void aBannedSequenceIsNeverWritten() {
    int[] xyz = ids("xyz");
    TokenConstraints banned =
        TokenConstraints.NONE.withBannedSequences(List.of(List.of(xyz[1], xyz[2])));
    Generation generation = say("xyz", 2, OPTIONS.withConstraints(banned));
    assertThat(generation.tokenIds())
        .startsWith(xyz[0], xyz[1])
        .doesNotContainSequence(xyz[1], xyz[2])
        .contains(xyz[2]);
  }

  @Test
  void idsBeyondTheVocabularyAreRefused() {
    TokenConstraints none = TokenConstraints.NONE;
    for (TokenConstraints wrong :
        List.of(
            none.withBannedSequences(List.of(List.of(2, 999))),
            none.withBannedAtBegin(Set.of(999)),
            none.withForcedBeginId(999),
            none.withForcedEndIds(Set.of(999)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> say("abc", 1, OPTIONS.withConstraints(wrong)))
          .withMessageContaining("token id 999 is not in the vocabulary");
    }
  }
}
