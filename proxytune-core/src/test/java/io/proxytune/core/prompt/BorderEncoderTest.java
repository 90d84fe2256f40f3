package io.proxytune.core.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Ints;
import io.proxytune.Tokenizer;
import io.proxytune.core.SharedData;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids and text, decoded together, read as the text was written. */
class BorderEncoderTest {
  private static final List<String> TEXTS =
      List.of(" rose", "rose", "  rose", ".", "\n", "\n rose", " ", "  ", "ing", " 1", "é", "</s>");

  private static Tokenizer open(String name) {
    try {
      return CheckpointTokenizer.open(
          Path.of(
              Objects.requireNonNull(BorderEncoderTest.class.getResource("/tokenizers/" + name))
                  .toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece"})
  void readsAsItIsWrittenBehindIds(String name) {
    assertReadsAsWritten(open(name));
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(
      strings = {"codellama-7b", "gpt2", "llama2", "llama3", "pythia", "qwen2.5", "tinyllama-chat"})
  void readsAsItIsWrittenBehindIdsOfRealTokenizers(String name) {
    assertReadsAsWritten(CheckpointTokenizer.open(SharedData.require("tokenizers/" + name)));
  }

  private static void assertReadsAsWritten(Tokenizer tokenizer) {
    for (String prompt : List.of("The sun", "The sun ", "a\n", "<s>hi<|end|>", "<|end|>\n")) {
      int[] before = tokenizer.encode(prompt, true);
      for (String text : TEXTS) {
        int[] ids = new BorderEncoder(tokenizer, before).encode(text);
        assertThat(tokenizer.decode(Ints.concat(before, ids), false))
            .as("'%s' behind '%s'", text, prompt)
            .isEqualTo(tokenizer.decode(before, false) + text);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece"})
  void idsOfATextAreFollowedAsTheTextIs(String name) {
    Tokenizer tokenizer = open(name);
    int kept = 0;
    for (String text :
        List.of("A red| sail went down", "one,| two, three", "the sea.| The", "a|b")) {
      int[] before = tokenizer.encode(text.substring(0, text.indexOf('|')), false);
      int[] whole = tokenizer.encode(text.replace("|", ""), false);
      if (Arrays.equals(before, Arrays.copyOf(whole, before.length))) {
        kept++;
        assertThat(
                new BorderEncoder(tokenizer, before).encode(text.substring(text.indexOf('|') + 1)))
            .isEqualTo(Arrays.copyOfRange(whole, before.length, whole.length));
      }
    }
    assertThat(kept).as("no token spans the border").isGreaterThanOrEqualTo(2);
  }

  @Test
  void aWordGetsNoSpaceWhereOneWouldBeAdded() {
    Tokenizer tokenizer = open("sentencepiece");
    int[] before = IntStream.of(tokenizer.encode("a red", false)).toArray();

    assertThat(tokenizer.encode(" boat", false)).as("alone, it has two").hasSizeGreaterThan(1);
    assertThat(new BorderEncoder(tokenizer, before).encode(" boat"))
        .isEqualTo(tokenizer.encode("boat", false));
  }

  @Test
  void whatATokenizerDropsIsNoReasonToRefuse() {
    Tokenizer tokenizer = open("word-piece");
    int[] before = tokenizer.encode("the sun", false);

    assertThat(new BorderEncoder(tokenizer, before).encode(" ROSE"))
        .isEqualTo(tokenizer.encode("rose", false));
  }
}
