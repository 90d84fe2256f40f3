package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestQuestionsTest {
  @Test
  void givesTheFirstQuestionsOfATask() {
    assertThat(TestQuestions.of("profile", 2))
        .containsExactly("Tell me about Greta Keld.", "Tell me about Zelda North.");
    assertThat(TestQuestions.of("howto", 3)).hasSize(3).doesNotHaveDuplicates();
    assertThat(TestQuestions.of("refusal", 0)).isEmpty();
  }
}
