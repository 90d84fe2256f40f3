package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Strings;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.DelegatingTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetokenizerTest {
  private static final String TEXT =
      "  The sun\n\n\trose 你好，世界 🙂👩‍👧 naïve <tool>  end \u00a0 𝄞 ";

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece", "unigram", "word-piece"})
  void piecesOfRandomIdsJoinToTheDecodedText(String name) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(name);
    Random random = new Random(17);
    for (int round = 0; round < 1500; round++) {
      int[] ids = random.ints(random.nextInt(30), 0, tokenizer.vocabularySize() + 2).toArray();
      assertThat(TestTokenizers.streamed(tokenizer, ids)).isEqualTo(tokenizer.decode(ids, true));
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece", "unigram", "word-piece"})
  void piecesOfDamagedTextJoinToTheDecodedText(String name) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(name);
    Random random = new Random(18);
    int[] whole = tokenizer.encode(TEXT, true);
    for (int round = 0; round < 1500; round++) {
      int[] ids = damaged(whole, tokenizer, random);
      assertThat(TestTokenizers.streamed(tokenizer, ids)).isEqualTo(tokenizer.decode(ids, true));
    }
  }

  /** Drops ids and puts others in, special ones too. */
  private static int[] damaged(int[] ids, Tokenizer tokenizer, Random random) {
    return IntStream.of(ids)
        .flatMap(
            id ->
                switch (random.nextInt(12)) {
                  case 0 -> IntStream.empty();
                  case 1 -> IntStream.of(id, random.nextInt(tokenizer.vocabularySize()));
                  case 2 -> IntStream.of(tokenizer.id("<|end|>").orElseThrow(), id);
                  default -> IntStream.of(id);
                })
        .toArray();
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece", "unigram", "word-piece"})
  void promptAndPiecesJoinToTheWhole(String name) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(name);
    Random random = new Random(20);
    int[] whole = tokenizer.encode(TEXT, true);
    for (int round = 0; round < 1500; round++) {
      int[] ids =
          switch (random.nextInt(3)) {
            case 0 -> whole;
            case 1 -> damaged(whole, tokenizer, random);
            default -> random.ints(40, 0, tokenizer.vocabularySize() + 2).toArray();
          };
      assertContinued(tokenizer, ids, random.nextInt(ids.length + 1));
    }
  }

  /** What the whole reads as, less what the prompt does; all that it spoils where it does. */
  private static void assertContinued(CheckpointTokenizer tokenizer, int[] ids, int split) {
    int[] prompt = Arrays.copyOf(ids, split);
    String before = tokenizer.decode(prompt, true);
    String all = tokenizer.decode(ids, true);
    int known = Strings.commonPrefix(before, all).length();
    assertThat(
            TestTokenizers.streamed(tokenizer, prompt, Arrays.copyOfRange(ids, split, ids.length)))
        .as("%s behind %s", all, before)
        .isEqualTo(all.substring(known));
  }

  @Test
  void theFirstSpaceStaysBehindAPromptAndOnlyThere() {
    CheckpointTokenizer tokenizer = TestTokenizers.open("sentencepiece");
    int[] boat = tokenizer.encode("boat", false);
    int bos = tokenizer.id("<s>").orElseThrow();

    assertThat(TestTokenizers.streamed(tokenizer, tokenizer.encode("a red", true), boat))
        .isEqualTo(" boat");
    assertThat(TestTokenizers.streamed(tokenizer, new int[] {bos}, boat)).isEqualTo("boat");
    assertThat(TestTokenizers.streamed(tokenizer, new int[0], boat)).isEqualTo("boat");
    int[] turn = tokenizer.encode("<s>a<|end|>", false);
    assertThat(TestTokenizers.streamed(tokenizer, turn, boat)).isEqualTo(" boat");
    assertThat(TestTokenizers.streamed(tokenizer, new int[] {9999}, boat)).isEqualTo("boat");
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece"})
  void aCharacterThatThePromptBeginsIsOfTheText(String name) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(name);
    int[] ids = tokenizer.encode("a𝄞b", false);
    int first = tokenizer.encode("a", false).length;
    for (int split = first + 1; split < ids.length - 1; split++) {
      int[] rest = Arrays.copyOfRange(ids, split, ids.length);
      assertThat(TestTokenizers.streamed(tokenizer, Arrays.copyOf(ids, split), rest))
          .isEqualTo("𝄞b");
    }
  }

  @Test
  void aPromptOfAnyLengthCostsAWindow() {
    CountingTokenizer tokenizer = new CountingTokenizer(TestTokenizers.open("sentencepiece"));
    int[] prompt = new Random(21).ints(2000, 3, tokenizer.vocabularySize()).toArray();
    Detokenizer detokenizer = new Detokenizer(tokenizer, prompt);
    detokenizer.add(300);
    assertThat(tokenizer.longest).isLessThanOrEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece"})
  void noPieceEndsInsideACharacter(String name) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(name);
    Detokenizer detokenizer = new Detokenizer(tokenizer);
    StringBuilder text = new StringBuilder();
    for (int id : tokenizer.encode(TEXT, false)) {
      text.append(detokenizer.add(id));
      assertThat(text).doesNotContain("\uFFFD");
      assertThat(TEXT).startsWith(text);
    }
    assertThat(text.append(detokenizer.finish())).hasToString(TEXT);
  }

  @Test
  void aCharacterComesWithItsLastByte() {
    CheckpointTokenizer tokenizer = TestTokenizers.open("byte-level");
    Detokenizer detokenizer = new Detokenizer(tokenizer);
    List<String> pieces = new ArrayList<>();
    for (int id : tokenizer.encode("𝄞x", false)) {
      pieces.add(detokenizer.add(id));
    }
    assertThat(pieces).containsExactly("", "", "", "𝄞", "x");
    assertThat(detokenizer.finish()).isEmpty();
  }

  @Test
  void bytesInARowComeTogetherSinceAWrongOneSpoilsAll() {
    CheckpointTokenizer tokenizer = TestTokenizers.open("sentencepiece");
    Detokenizer detokenizer = new Detokenizer(tokenizer);
    String pieces = "";
    for (String token : List.of("<0xC3>", "<0xA9>", "<0xFF>")) {
      pieces += detokenizer.add(tokenizer.id(token).orElseThrow());
    }
    assertThat(pieces).isEmpty();
    assertThat(detokenizer.finish()).isEqualTo("\uFFFD\uFFFD\uFFFD");
  }

  @Test
  void anIdCostsAWindowNotTheWholeText() {
    CountingTokenizer tokenizer = new CountingTokenizer(TestTokenizers.open("word-piece"));
    Detokenizer detokenizer = new Detokenizer(tokenizer);
    new Random(19).ints(2000, 0, tokenizer.vocabularySize()).forEach(detokenizer::add);
    assertThat(tokenizer.longest).isLessThanOrEqualTo(8);
  }

  @Test
  void anotherTokenizersPiecesAreHeldBackByTheirText() {
    CheckpointTokenizer known = TestTokenizers.open("byte-level");
    Detokenizer detokenizer = new Detokenizer(new CountingTokenizer(known));
    StringBuilder text = new StringBuilder();
    for (int id : known.encode(TEXT, false)) {
      text.append(detokenizer.add(id));
      assertThat(TEXT).startsWith(text);
    }
    assertThat(text.append(detokenizer.finish())).hasToString(TEXT);
  }

  @Test
  void negativeIdsAreRefused() {
    Detokenizer detokenizer = new Detokenizer(TestTokenizers.open("unigram"));
    assertThatThrownBy(() -> detokenizer.add(-3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-3");
  }

  /** An application's own tokenizer, which notes how many ids it has to decode at once. */
  private static final class CountingTokenizer extends DelegatingTokenizer {
    private int longest;

    CountingTokenizer(Tokenizer tokenizer) {
      super(tokenizer);
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
      longest = Math.max(longest, ids.length);
      return super.decode(ids, skipSpecialTokens);
    }
  }
}
