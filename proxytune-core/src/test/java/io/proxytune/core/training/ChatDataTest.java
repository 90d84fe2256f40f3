package io.proxytune.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatDataTest {
  private static final String USER = "{\"role\":\"user\",\"content\":\"hi\"}";
  private static final String ASSISTANT = "{\"role\":\"assistant\",\"content\":\"yo\"}";

  @TempDir Path scratch;

  /** A token for each character; {@code $} ends a turn and is special. */
  private static class Characters implements Tokenizer {
    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
      return text.chars().toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
      return new String(ids, 0, ids.length);
    }

    @Override
    public int vocabularySize() {
      return 128;
    }

    @Override
    public Optional<String> token(int id) {
      return Optional.of(Character.toString(id));
    }

    @Override
    public Optional<Integer> id(String token) {
      return Optional.of(token.codePointAt(0));
    }

    @Override
    public boolean isSpecial(int id) {
      return id == '$';
    }

    @Override
    public boolean hasChatTemplate() {
      return true;
    }

    @Override
    public String renderChat(
        List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
      StringBuilder text = new StringBuilder();
      for (ChatMessage message : messages) {
        text.append(message.role().charAt(0)).append(':').append(message.content()).append("$\n");
      }
      return text + (addGenerationPrompt ? "a:" : "");
    }
  }

  private List<TrainingSequence> read(Tokenizer tokenizer, String... lines) throws IOException {
    Path file = Files.write(scratch.resolve("chat.jsonl"), List.of(lines));
    return ChatData.read(file, tokenizer, 40);
  }

  private static String messages(String... messages) {
    return "{\"messages\":[" + String.join(",", messages) + "]}";
  }

  /** The text with the ids that carry no loss as dots. */
  private static String learnt(TrainingSequence sequence) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < sequence.length(); i++) {
      text.append(sequence.carriesLoss(i) ? (char) sequence.id(i) : '.');
    }
    return text.toString();
  }

  @Test
  void answersAndTheirEndCarryLoss() throws IOException {
    List<TrainingSequence> read =
        read(
            new Characters(),
            messages(USER, ASSISTANT),
            "",
            messages(USER, ASSISTANT, USER, ASSISTANT));
    assertThat(read).hasSize(2);
    assertThat(new String(read.get(0).ids(), 0, read.get(0).length())).isEqualTo("u:hi$\na:yo$\n");
    assertThat(learnt(read.get(0))).isEqualTo("........yo$.");
    assertThat(learnt(read.get(1))).isEqualTo("........yo$.........yo$.");
  }

  @Test
  void whatFollowsTheLastAnswerIsLeftOut() throws IOException {
    assertThat(learnt(read(new Characters(), messages(USER, ASSISTANT, USER)).get(0)))
        .isEqualTo("........yo$.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"messages\": | no valid JSON",
        "{} | expected a list of messages",
        "{\"messages\":[]} | expected a list of messages",
        "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]} | messages[0].role must be",
        "{\"messages\":[{\"role\":\"user\",\"content\":\" \"}]} | messages[0].content must be",
        "{\"messages\":[{\"role\":\"user\"}]} | messages[0].content must be",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]} | no answer to learn",
      })
  void badLinesAreRefusedByFileAndLine(String line, String problem) {
    assertThatThrownBy(() -> read(new Characters(), messages(USER, ASSISTANT), line))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("chat.jsonl, line 2: ")
        .hasMessageContaining(problem);
  }

  @Test
  void anEmptyFileAndAMissingOneAreRefused() {
    assertThatThrownBy(() -> read(new Characters(), "", " "))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("chat.jsonl is empty");
    assertThatThrownBy(() -> ChatData.read(scratch.resolve("none"), new Characters(), 9))
        .isInstanceOf(TrainingDataException.class)
        .hasMessageContaining("none does not exist");
  }

  @Test
  void aConversationThatIsTooLongIsRefused() {
    String answer = "{\"role\":\"assistant\",\"content\":\"" + "y".repeat(32) + "\"}";
    assertThatThrownBy(() -> read(new Characters(), messages(USER, answer)))
        .hasMessageContaining("line 1: ")
        .hasMessageContaining("takes 41 positions, and 40 are allowed");
  }

  @Test
  void aTemplateThatRewritesWhatCameBeforeIsRefused() {
    Characters counting =
        new Characters() {
          @Override
          public String renderChat(
              List<ChatMessage> messages, boolean prompt, Map<String, ?> more) {
            return messages.size() + super.renderChat(messages, prompt, more);
          }
        };
    assertThatThrownBy(() -> read(counting, messages(USER, ASSISTANT)))
        .hasMessageContaining("line 1: ")
        .hasMessageContaining("differently once more follows");
  }

  @Test
  void aTemplateWithoutAnEndOfTurnIsRefused() {
    Characters plain =
        new Characters() {
          @Override
          public boolean isSpecial(int id) {
            return false;
          }
        };
    assertThatThrownBy(() -> read(plain, messages(USER, ASSISTANT)))
        .hasMessageContaining("without a special token");
  }

  @Test
  void aTokenizerWithoutATemplateIsRefused() {
    Characters plain =
        new Characters() {
          @Override
          public boolean hasChatTemplate() {
            return false;
          }
        };
    assertThatThrownBy(() -> read(plain, messages(USER, ASSISTANT)))
        .isInstanceOf(ChatTemplateException.class);
  }
}
