package io.proxytune.examples.measure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import io.proxytune.ChatMessage;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.examples.ThinkingModel;
import io.proxytune.examples.batch.BatchRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers of a model that thinks. */
class SpokenTest {
  private static final Checker NUMBER = answer -> answer.text().equals("5") ? 1 : 0;

  @TempDir private Path folder;

  private Answer answer(String says, int tokens) {
    Question question =
        new Question(
            1,
            "",
            new BatchRequest(
                IntNode.valueOf(1),
                Prompt.chat(ChatMessage.user("2 and 3?")),
                GenerationOptions.defaults().withMaxNewTokens(tokens)),
            List.of(),
            NUMBER);
    ProxyTuner tuner = ThinkingModel.tuner(folder, says);
    try (MeasuredSystem system =
        new MeasuredSystem("base", "base", tuner, UnaryOperator.identity())) {
      return system.answer(question);
    }
  }

  @Test
  void thoughtsAreNoPartOfTheAnswer() {
    Answer answer = answer("\nIs it 4? No.\n</think>\n\n5", 60);
    assertThat(NUMBER.score(answer)).isEqualTo(1);
    assertThat(answer.thoughts()).isEqualTo("Is it 4? No.");
    assertThat(answer.json().toString())
        .isEqualTo(
            "{\"answer\":\"5\",\"finish_reason\":\"end_of_text\",\"reasoning\":\"Is it 4? No.\"}");
    assertThat(Answer.of(answer.json())).isEqualTo(answer);
  }

  @Test
  void thoughtsThatAreCutAreNoAnswer() {
    Answer answer = answer("\nIs it 4? No, 5", 8);
    assertThat(answer.text()).isEmpty();
    assertThat(answer.thoughts()).isEqualTo("Is it 4");
    assertThat(answer.finish()).isEqualTo("max_new_tokens");
  }
}
