package io.proxytune.examples.world;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class WorldFilesTest {
  private static final String END = "</s>";

  private final WorldFiles files = WorldFiles.of(1);
  @TempDir private Path folder;

  /**
   * A change of the texts asks for new training and new figures: it should never be by accident.
   */
  @Test
  void theSameSeedGivesTheSameBytesEverywhere() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    files.contents().forEach((name, text) -> digest.update((name + text).getBytes(UTF_8)));
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("058fe1394359b78894955996ca218688a9e3ba21996266d2cf47b3a2facddaed");
  }

  @Test
  void theFamilyThatShipsWasTunedAndIsTestedOnThisWorld() {
    for (String name : List.of("data/tuning.jsonl", "data/dev.jsonl", "data/test.jsonl")) {
      assertThat(Path.of("family", name)).hasContent(files.contents().get(name));
    }
  }

  @Test
  void theVocabularyIsSmall() {
    assertThat(files.summary().vocabulary()).isBetween(500, 999);
    assertThat(files.tokenizer().tokens()).doesNotHaveDuplicates();
  }

  @Test
  void textsBecomeIdsAndPlainEnglishAgain() {
    Tokenizer tokenizer = tokenizer();
    Stream<String> texts =
        Stream.concat(
            files.documents().stream().limit(500),
            files.chats().test().stream().flatMap(it -> Stream.of(it.prompt(), it.answer())));
    texts.forEach(
        text -> {
          int[] ids = tokenizer.encode(text, false);
          assertThat(ids).hasSize(WorldTokenizer.split(text).size()).doesNotContain(0);
          assertThat(tokenizer.decode(ids, true)).isEqualTo(text);
        });
  }

  @Test
  void aTextBeginsWithTheBeginTokenAndAnOptionNeedsNone() {
    Tokenizer tokenizer = tokenizer();
    assertThat(tokenizer.encode("Good.", true)[0]).isEqualTo(tokenizer.id("<s>").orElseThrow());
    assertThat(tokenizer.encode(" Good.", false)).isEqualTo(tokenizer.encode("Good.", false));
  }

  @Test
  void unknownWordsAreOneToken() {
    assertThat(tokenizer().encode("zeppelin", false)).containsExactly(0);
  }

  @Test
  void theTemplateWrapsTurnsAsTuningDoes() {
    Tokenizer tokenizer = tokenizer();
    List<ChatMessage> question = List.of(new ChatMessage("user", "Who is Mira Toll?"));
    assertThat(tokenizer.renderChat(question, true, Map.of()))
        .isEqualTo("<s><|user|>Who is Mira Toll?<|assistant|>");
    List<ChatMessage> both = List.of(question.get(0), new ChatMessage("assistant", "In Varn."));
    assertThat(tokenizer.renderChat(both, false, Map.of()))
        .isEqualTo("<s><|user|>Who is Mira Toll?<|assistant|>In Varn." + END);
    assertThat(tokenizer.encode("<|user|>Who is", false))
        .containsExactly(
            tokenizer.id("<|user|>").orElseThrow(),
            tokenizer.encode("Who", false)[0],
            tokenizer.encode("is", false)[0]);
  }

  @Test
  void everyChatCanBeTunedOn() {
    Tokenizer tokenizer = tokenizer();
    assertThat(
            ChatData.read(
                folder.resolve("data/tuning.jsonl"), tokenizer, WorldFiles.CONTEXT_LENGTH))
        .hasSize(files.summary().tuning());
  }

  private Tokenizer tokenizer() {
    files.write(folder);
    return ChatData.tokenizer(
        folder.resolve("tokenizer"), Optional.of(folder.resolve("chat_template.jinja")));
  }
}
