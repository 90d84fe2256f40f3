package io.proxytune.core.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Tokenizer;
import io.proxytune.core.SharedData;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.core.vocabulary.VocabularyRelation.Kind;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real tokenizers against each other, and against themselves with parts changed. */
class VocabularyRelationTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;

  private static CheckpointTokenizer real(String name) {
    return CheckpointTokenizer.open(SharedData.require("tokenizers/" + name));
  }

  /** One of the tiny tokenizers of the test resources. */
  private static Path folder(String tiny) {
    try {
      return Path.of(VocabularyRelationTest.class.getResource("/tokenizers/" + tiny).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CheckpointTokenizer tiny(String name) {
    return CheckpointTokenizer.open(folder(name));
  }

  private static ModelVocabulary padded(Tokenizer tokenizer, int more) {
    return new ModelVocabulary(Optional.of(tokenizer), tokenizer.vocabularySize() + more);
  }

  private static ModelVocabulary of(Tokenizer tokenizer) {
    return padded(tokenizer, 0);
  }

  private static VocabularyRelation relation(Tokenizer first, Tokenizer other) {
    return VocabularyRelation.of(of(first), of(other));
  }

  /** A tiny tokenizer with a value of its file set. */
  private CheckpointTokenizer changed(String name, String part, String key, String value)
      throws IOException {
    Path file = folder(name).resolve("tokenizer.json");
    JsonNode json = JSON.readTree(file.toFile());
    JsonNode parent = json.at(part);
    JsonNode changed = JSON.readTree(value);
    if (parent instanceof ArrayNode array) {
      array.set(Integer.parseInt(key), changed);
    } else {
      ((ObjectNode) parent).set(key, changed);
    }
    Path folder = Files.createDirectories(temp.resolve("changed"));
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), json);
    return CheckpointTokenizer.open(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "llama2, tinyllama-chat, EQUAL, 1, 1",
    "llama2, codellama-7b, SUPERSET, 1, 1",
    "codellama-7b, llama2, SUBSET, 0.999, 1",
    "gpt2, pythia, DIFFERENT, 0.6, 0.8",
    "llama3, qwen2.5, DIFFERENT, 0.7, 0.9",
    "qwen2.5, llama2, DIFFERENT, 0, 0.3"
  })
  void realTokenizersAgainstEachOther(
      String first, String other, Kind kind, double least, double most) {
    VocabularyRelation relation = relation(real(first), real(other));

    assertThat(relation.kind()).isEqualTo(kind);
    assertThat(relation.fits()).isEqualTo(kind != Kind.DIFFERENT);
    assertThat(relation.share()).isBetween(least, most);
    assertThat(relation.differing().isEmpty()).isEqualTo(relation.fits());
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece", "unigram", "word-piece"})
  void theSameTokensAtOtherIdsAreFound(String name) {
    CheckpointTokenizer tokenizer = tiny(name);
    ShuffledTokenizer.write(folder(name), temp, tokenizer.vocabularySize(), 5);
    CheckpointTokenizer shuffled = CheckpointTokenizer.open(temp);

    VocabularyRelation relation = relation(tokenizer, shuffled);

    assertThat(relation.kind()).isEqualTo(Kind.OTHER_IDS);
    assertThat(relation.share()).isEqualTo(1);
    assertThat(relation.splitting()).isEmpty();
    assertThat(relation.differing()).hasSizeGreaterThan(50);
    String text = "The child saw things,  and\n\tmore";
    assertThat(tokens(shuffled, text)).isEqualTo(tokens(tokenizer, text));
  }

  private static List<String> tokens(Tokenizer tokenizer, String text) {
    return Arrays.stream(tokenizer.encode(text, true))
        .mapToObj(id -> tokenizer.token(id).orElseThrow())
        .toList();
  }

  @Test
  void paddingIsOfRowsAlone() {
    CheckpointTokenizer tokenizer = tiny("byte-level");
    assertThat(VocabularyRelation.of(of(tokenizer), padded(tokenizer, 47)).kind())
        .isEqualTo(Kind.PADDED);
    assertThat(VocabularyRelation.of(padded(tokenizer, 3), of(tokenizer)).kind())
        .isEqualTo(Kind.PADDED);
    assertThat(VocabularyRelation.of(padded(tokenizer, 3), padded(tokenizer, 3)).kind())
        .isEqualTo(Kind.EQUAL);
    VocabularyRelation cut = VocabularyRelation.of(of(tokenizer), padded(tokenizer, -7));
    assertThat(cut.kind()).isEqualTo(Kind.SUBSET);
    assertThat(cut.otherTokens()).isEqualTo(tokenizer.vocabularySize() - 7);
    assertThat(cut.share()).isCloseTo(1, within(0.03)).isLessThan(1);
  }

  @Test
  void withoutATokenizerIdsAreTakenToMeanTheSame() {
    VocabularyRelation relation =
        VocabularyRelation.of(of(tiny("byte-level")), new ModelVocabulary(Optional.empty(), 5));
    assertThat(relation.kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(relation.fits()).isTrue();
  }

  /** What changes where words end, or how they are put together, makes other tokens of a text. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "byte-level |  | normalizer | {\"type\": \"NFC\"} | normalizer",
        "byte-level | /pre_tokenizer | add_prefix_space | true | pre-tokenizer",
        "byte-level | /model/merges | 0 | [\"i\", \"n\"] | model (merges, or tokens and scores)",
        "sentencepiece | /model | fuse_unk | false | model (merges, or tokens and scores)"
      })
  void aTokenizerThatSplitsOtherwiseIsAnother(
      String name, @Nullable String part, String key, String value, String difference)
      throws IOException {
    CheckpointTokenizer tokenizer = tiny(name);
    CheckpointTokenizer changed = changed(name, part == null ? "" : part, key, value);
    VocabularyRelation relation = relation(tokenizer, changed);
    assertThat(relation.splitting()).contains(difference);
    assertThat(relation.kind()).as("the ids are the same").isEqualTo(Kind.EQUAL);

    ShuffledTokenizer.write(temp.resolve("changed"), temp, changed.vocabularySize(), 5);
    VocabularyRelation both = relation(tokenizer, CheckpointTokenizer.open(temp));
    assertThat(both.kind()).isEqualTo(Kind.DIFFERENT);
    assertThat(both.share()).isEqualTo(1);
    assertThat(both.splitting()).contains(difference);
  }

  @Test
  void whatIsSpelledOtherwiseInTheFileSplitsAlike() throws IOException {
    CheckpointTokenizer tokenizer = tiny("byte-level");
    String offsets = "trim_offsets";
    assertThat(
            relation(tokenizer, changed("byte-level", "/pre_tokenizer", offsets, "true"))
                .splitting())
        .isEmpty();
    assertThat(
            relation(
                    tokenizer, changed("byte-level", "/model", "continuing_subword_prefix", "null"))
                .splitting())
        .isEmpty();
  }

  /** As Mistral's third tokenizer has control tokens before those of the first. */
  @Test
  void anAddedTokenMoreIsNoOtherSplitting() throws IOException {
    int[] upwards = IntStream.range(0, 401).map(id -> id + 3).toArray();
    ShuffledTokenizer.write(folder("sentencepiece"), temp, upwards);
    Path file = temp.resolve("tokenizer.json");
    ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
    ((ObjectNode) json.at("/model/vocab")).put("[INST]", 1);
    ((ArrayNode) json.path("added_tokens"))
        .addObject()
        .put("id", 1)
        .put("content", "[INST]")
        .put("special", true)
        .put("normalized", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("single_word", false);
    JSON.writeValue(file.toFile(), json);
    CheckpointTokenizer tokenizer = tiny("sentencepiece");
    CheckpointTokenizer shifted = CheckpointTokenizer.open(temp);
    assertThat(shifted.id("[INST]")).contains(1);

    VocabularyRelation relation = relation(tokenizer, shifted);

    assertThat(relation.kind()).isEqualTo(Kind.OTHER_IDS);
    assertThat(relation.share()).isEqualTo(1);
    assertThat(relation(shifted, tokenizer).share()).isLessThan(1);
  }
}
