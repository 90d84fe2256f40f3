package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ChatMessage;
import io.proxytune.core.SharedData;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Folders that declare tokens in every file that may, read as transformers reads them; see
 * src/test/golden/make_tokenizer_folders.py.
 */
@Tag("slow")
class TokenizerFoldersTest {
  private static final JsonNode GOLDEN = TestTokenizers.golden("tokenizer-folders.json");

  private static final Map<Path, CheckpointTokenizer> TOKENIZERS = new ConcurrentHashMap<>();

  /** A folder and what transformers reads of it. */
  record Case(JsonNode golden) {
    CheckpointTokenizer open() {
      String name = golden.path("name").asText();
      Path folder =
          golden.path("kind").asText().equals("shared")
              ? SharedData.require("tokenizers/" + name)
              : TokenizerFoldersTest.folder(name);
      return TOKENIZERS.computeIfAbsent(folder, CheckpointTokenizer::open);
    }

    @Override
    public String toString() {
      return golden.path("kind").asText() + " " + golden.path("name").asText();
    }
  }

  static Path folder(String name) {
    try {
      String config = "/tokenizer-folders/" + name + "/config.json";
      return Path.of(Objects.requireNonNull(TokenizerFoldersTest.class.getResource(config)).toURI())
          .getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<Case> folders() {
    return StreamSupport.stream(GOLDEN.path("tokenizers").spliterator(), false)
        .map(Case::new)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("folders")
  void rolesAreThoseThatChatTemplatesGet(Case folder) {
    Map<?, ?> roles = new ObjectMapper().convertValue(folder.golden().path("roles"), Map.class);
    assertThat(folder.open().namedTokens()).isEqualTo(roles);
  }

  @ParameterizedTest
  @MethodSource("folders")
  void chatsAreRenderedAlike(Case folder) {
    CheckpointTokenizer tokenizer = folder.open();
    JsonNode rendered = folder.golden().path("rendered");
    assertThat(tokenizer.hasChatTemplate()).isEqualTo(!rendered.isNull());
    if (tokenizer.hasChatTemplate()) {
      List<ChatMessage> messages = List.of(ChatMessage.user("Why?"), ChatMessage.assistant("So."));
      assertThat(tokenizer.renderChat(messages, false, Map.of())).isEqualTo(rendered.asText());
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void addedTokensHaveTheirIdsAndAreSpecialAlike(Case folder) {
    CheckpointTokenizer tokenizer = folder.open();
    assertThat(tokenizer.vocabularySize()).isEqualTo(folder.golden().path("size").intValue());
    folder
        .golden()
        .path("added")
        .properties()
        .forEach(
            token -> {
              int id = Integer.parseInt(token.getKey());
              assertThat(tokenizer.token(id)).contains(token.getValue().asText());
              assertThat(tokenizer.id(token.getValue().asText())).contains(id);
            });
    assertThat(IntStream.range(0, tokenizer.vocabularySize()).filter(tokenizer::isSpecial))
        .containsExactlyElementsOf(
            IntStream.of(TestTokenizers.ints(folder.golden().path("special"))).boxed().toList());
  }

  @ParameterizedTest
  @MethodSource("folders")
  void idsAreAlike(Case folder) {
    CheckpointTokenizer tokenizer = folder.open();
    for (JsonNode encoded : folder.golden().path("encoded")) {
      String text = encoded.path("text").asText();
      assertThat(tokenizer.encode(text, false))
          .as(text)
          .isEqualTo(TestTokenizers.ints(encoded.path("ids")));
      assertThat(tokenizer.encode(text, true))
          .as(text)
          .isEqualTo(TestTokenizers.ints(encoded.path("marked")));
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void decodedTextIsAlike(Case folder) {
    CheckpointTokenizer tokenizer = folder.open();
    for (JsonNode decoded : folder.golden().path("decoded")) {
      int[] ids = TestTokenizers.ints(decoded.path("ids"));
      assertThat(tokenizer.decode(ids, false))
          .as("%s", decoded.path("ids"))
          .isEqualTo(decoded.path("kept").asText());
      assertThat(tokenizer.decode(ids, true))
          .as("%s", decoded.path("ids"))
          .isEqualTo(decoded.path("skipped").asText());
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void piecesJoinToTheDecodedText(Case folder) {
    CheckpointTokenizer tokenizer = folder.open();
    for (JsonNode decoded : folder.golden().path("decoded")) {
      int[] ids = TestTokenizers.ints(decoded.path("ids"));
      assertThat(TestTokenizers.streamed(tokenizer, ids))
          .as("%s", decoded.path("ids"))
          .isEqualTo(tokenizer.decode(ids, true));
    }
  }
}
