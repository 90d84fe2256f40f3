package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTokenizerTest {
  @TempDir Path folder;

  static List<JsonNode> goldens() {
    JsonNode all = TestTokenizers.golden("tokenizers.json").path("tokenizers");
    return StreamSupport.stream(all.spliterator(), false).toList();
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void encodesLikeTransformers(JsonNode golden) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(golden.path("name").asText());
    for (JsonNode encoded : golden.path("encoded")) {
      String text = encoded.path("text").asText();
      assertThat(tokenizer.encode(text, false))
          .as(text)
          .isEqualTo(TestTokenizers.ints(encoded.path("ids")));
      assertThat(tokenizer.encode(text, true))
          .as(text)
          .isEqualTo(TestTokenizers.ints(encoded.path("with_special_tokens")));
    }
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void decodesLikeTransformers(JsonNode golden) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(golden.path("name").asText());
    for (JsonNode decoded : golden.path("decoded")) {
      int[] ids = TestTokenizers.ints(decoded.path("ids"));
      assertThat(tokenizer.decode(ids, false)).isEqualTo(decoded.path("kept").asText());
      assertThat(tokenizer.decode(ids, true)).isEqualTo(decoded.path("skipped").asText());
    }
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void knowsTheVocabulary(JsonNode golden) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(golden.path("name").asText());
    int size = golden.path("size").intValue();
    assertThat(tokenizer.vocabularySize()).isEqualTo(size);
    for (int id = 0; id < size; id++) {
      String token = golden.path("tokens").path(id).asText();
      assertThat(tokenizer.token(id)).contains(token);
      assertThat(tokenizer.id(token)).contains(id);
    }
    assertThat(IntStream.range(-1, size + 1).filter(tokenizer::isSpecial).toArray())
        .isEqualTo(TestTokenizers.ints(golden.path("special")));
    assertThat(tokenizer.token(size)).isEmpty();
    assertThat(tokenizer.token(-1)).isEmpty();
    assertThat(tokenizer.id("no such token")).isEmpty();
  }

  @Test
  void textIsNotTruncatedWhateverTheFileSays() {
    CheckpointTokenizer tokenizer = TestTokenizers.open("sentencepiece");
    String text = "The sun rose over the quiet hill. ".repeat(50);
    assertThat(tokenizer.decode(tokenizer.encode(text, true), true)).isEqualTo(text);
  }

  @Test
  void negativeIdsAreRefusedAndIdsWithoutATokenLeaveNoText() {
    CheckpointTokenizer tokenizer = TestTokenizers.open("sentencepiece");
    assertThatThrownBy(() -> tokenizer.decode(new int[] {5, -1}, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    int[] ids = tokenizer.encode("the sea", false);
    int[] more = Arrays.copyOf(ids, ids.length + 1);
    more[ids.length] = Integer.MAX_VALUE;
    assertThat(tokenizer.decode(more, true)).isEqualTo("the sea");
  }

  @Test
  void halfASurrogatePairIsReadAsReplacementCharacter() {
    CheckpointTokenizer tokenizer = TestTokenizers.open("byte-level");
    int[] ids = tokenizer.encode("🙂\uD83D🙂", false);
    assertThat(tokenizer.decode(ids, true)).isEqualTo("🙂\uFFFD🙂");
  }

  @Test
  void severalThreadsMayUseIt() {
    CheckpointTokenizer tokenizer = TestTokenizers.open("byte-level");
    List<String> texts =
        IntStream.range(0, 2000).mapToObj(i -> "The sun " + i + " 你好 " + i * 31).toList();
    assertThat(texts.parallelStream().map(t -> tokenizer.decode(tokenizer.encode(t, false), true)))
        .isEqualTo(texts);
  }

  @Test
  void addedTokensGetTheIdsThatTheLibraryGivesThem() throws IOException {
    String json =
        """
        {"version": "1.0", "added_tokens": [
           {"id": 9, "content": "<x>", "special": true, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false},
           {"id": 0, "content": "a", "special": false, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false},
           {"id": 12, "content": "<y>", "special": true, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false}],
         "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
         "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "c": 7}, "unk_token": "a"}}
        """;
    Files.writeString(folder.resolve("tokenizer.json"), json);
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    for (String token : List.of("<x>", "<y>", "a", "b", "c")) {
      int[] ids = tokenizer.encode(token, false);
      assertThat(ids).as(token).hasSize(1);
      assertThat(tokenizer.id(token)).as(token).contains(ids[0]);
      assertThat(tokenizer.token(ids[0])).contains(token);
      assertThat(tokenizer.isSpecial(ids[0])).isEqualTo(token.startsWith("<"));
    }
    assertThat(tokenizer.vocabularySize()).isEqualTo(8);
    assertThat(tokenizer.token(6)).as("a hole").isEmpty();
  }

  @Test
  void aMissingTokenizerSaysHowToMakeOne() {
    assertThatThrownBy(() -> CheckpointTokenizer.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("tokenizer.json")
        .hasMessageContaining("save_pretrained");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[1]",
        "{}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 99999999999}, \"merges\": []}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": \"x\"}, \"merges\": []}}",
        "{\"model\": {\"type\": \"Mystery\", \"vocab\": {\"a\": 0}}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"b c\"]}}"
      })
  void aBrokenTokenizerNamesTheFile(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json);
    assertThatThrownBy(() -> CheckpointTokenizer.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json");
  }

  @Test
  void bytesThatAreNoTextAreRefused() throws IOException {
    Files.write(folder.resolve("tokenizer.json"), new byte[] {'{', (byte) 0xFF, '}'});
    assertThatThrownBy(() -> CheckpointTokenizer.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void namedTokensAreStringsOrObjectsAndTheMapWins() throws IOException {
    tokenizerWith("{\"bos_token\": {\"content\": \"<s>\"}, \"pad_token\": null}");
    Files.writeString(
        folder.resolve("special_tokens_map.json"),
        "{\"bos_token\": \"other\", \"eos_token\": {\"content\": \"</s>\"}, \"pad_token\": \"p\"}");
    assertThat(CheckpointTokenizer.open(folder).namedTokens())
        .isEqualTo(Map.of("bos_token", "other", "eos_token", "</s>", "pad_token", "p"));
  }

  @Test
  void besideAListOfAddedTokensTheMapIsNotRead() throws IOException {
    tokenizerWith("{\"bos_token\": \"<s>\", \"added_tokens_decoder\": {}}");
    Files.writeString(folder.resolve("special_tokens_map.json"), "{\"bos_token\": \"other\"}");
    assertThat(CheckpointTokenizer.open(folder).namedTokens())
        .isEqualTo(Map.of("bos_token", "<s>"));
  }

  @Test
  void withoutATemplateChatIsRefused() throws IOException {
    tokenizerWith("{}");
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    assertThat(tokenizer.hasChatTemplate()).isFalse();
    assertThatThrownBy(() -> render(tokenizer))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessageContaining("no chat template")
        .hasMessageContaining(folder.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"bos_token\": \"<s>\", \"chat_template\": \"{{ bos_token }}{{ messages[0].content }}\"}",
        "{\"bos_token\": \"<s>\", \"chat_template\": [{\"name\": \"rag\", \"template\":"
            + " \"no\"},{\"name\": \"default\", \"template\": \"{{ bos_token }}{{"
            + " messages[0].content }}\"}]}"
      })
  void theTemplateStandsInTheConfig(String config) throws IOException {
    tokenizerWith(config);
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    assertThat(tokenizer.hasChatTemplate()).isTrue();
    assertThat(render(tokenizer)).isEqualTo("<s>hi");
  }

  @Test
  void theTemplateFileWins() throws IOException {
    tokenizerWith("{\"chat_template\": \"no\"}");
    Files.writeString(folder.resolve("chat_template.jinja"), "yes {{ messages[0].role }}\n");
    assertThat(render(CheckpointTokenizer.open(folder))).isEqualTo("yes user");
  }

  @Test
  void aBrokenTemplateIsOnlyRefusedWhenItIsUsed() throws IOException {
    tokenizerWith("{}");
    Files.writeString(folder.resolve("chat_template.jinja"), "\n{% if %}");
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    assertThat(tokenizer.encode("the sea", false)).isNotEmpty();
    assertThatThrownBy(() -> render(tokenizer))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessageContaining("chat_template.jinja")
        .hasMessageContaining("line 2");
  }

  private static String render(CheckpointTokenizer tokenizer) {
    return tokenizer.renderChat(List.of(ChatMessage.user("hi")), true, Map.of());
  }

  private void tokenizerWith(String config) throws IOException {
    Path source = TestTokenizers.folder("byte-level").resolve("tokenizer.json");
    Files.copy(Objects.requireNonNull(source), folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("tokenizer_config.json"), config);
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece", "unigram", "word-piece"})
  void aTextHasNoFewerTokensThanWasToldBeforehand(String name) {
    CheckpointTokenizer tokenizer = TestTokenizers.open(name);
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      String text = RandomTexts.next(random);
      assertThat(tokenizer.encode(text, false))
          .as(text)
          .hasSizeGreaterThanOrEqualTo(tokenizer.fewestTokens(text));
    }
  }

  @Test
  void tokensAreCountedBeforehandWhereEachStandsForSoManyCharacters() {
    assertThat(TestTokenizers.open("byte-level").fewestTokens("x".repeat(1000))).isPositive();
    assertThat(TestTokenizers.open("sentencepiece").fewestTokens("x".repeat(1000))).isPositive();
    assertThat(TestTokenizers.open("word-piece").fewestTokens("x".repeat(1000))).isZero();
  }

  @Test
  void textsAndIdsThatTheNativeLibraryCanNotTakeAreRefused() {
    CheckpointTokenizer tokenizer = TestTokenizers.open("byte-level");
    assertThatThrownBy(() -> tokenizer.encode(" ".repeat(11_000_000) + "x", true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("11000000 characters in a row from position 0");
    int[] many = new int[20_000_000];
    assertThatThrownBy(() -> tokenizer.decode(many, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("20000000 ids");
    assertThat(tokenizer.decode(tokenizer.encode("\0a\0", false), false)).isEqualTo("\0a\0");
  }
}
