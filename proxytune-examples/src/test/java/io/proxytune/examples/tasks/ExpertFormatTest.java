package io.proxytune.examples.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Prompt;
import io.proxytune.Role;
import org.junit.jupiter.api.Test;

class ExpertFormatTest {
  private static final Ask ASK = new Ask("Q: Why?\nAnswer:", "Say: Q: Why?", "Q: Why?", "Answer:");
  private static final Ask BARE = Ask.plain("Why?");

  private static String expert(Prompt prompt) {
    return prompt.textFor(Role.EXPERT, 0).orElse("the base's");
  }

  @Test
  void plainIsTheSameToAll() {
    assertThat(ExpertFormat.PLAIN.alone(ASK, "")).isEqualTo(Prompt.of("Q: Why?\nAnswer:"));
    assertThat(ExpertFormat.PLAIN.steered(ASK, "")).isEqualTo(Prompt.of("Q: Why?\nAnswer:"));
  }

  /** As the published example prompts are, and as the published code writes them for an expert. */
  @Test
  void instIsThePublishedFormat() {
    assertThat(ExpertFormat.INST.alone(ASK, "").plainText())
        .isEqualTo("[INST] Say: Q: Why? [/INST] Answer:");
    assertThat(ExpertFormat.INST.alone(BARE, "").plainText()).isEqualTo("[INST] Why? [/INST]");
    assertThat(ExpertFormat.INST.alone(BARE, "Be kind.").plainText())
        .isEqualTo("[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nWhy? [/INST]");
    Prompt steered = ExpertFormat.INST.steered(ASK, "");
    assertThat(steered.plainText()).isEqualTo("Q: Why?\nAnswer:");
    assertThat(expert(steered)).isEqualTo("[INST] Q: Why? [/INST] Answer:");
    assertThat(steered.textFor(Role.ANTI_EXPERT, 0)).isEmpty();
    assertThat(expert(ExpertFormat.INST.steered(ASK, "Be kind.")))
        .isEqualTo("[INST]<<SYS>>\nBe kind.\n<</SYS>>\n\n Q: Why? [/INST] Answer:");
  }

  @Test
  void chatIsTheModelsOwnTemplate() {
    Prompt alone = ExpertFormat.CHAT.alone(ASK, "Be kind.");
    assertThat(alone.messages().orElseThrow()).hasSize(2);
    assertThat(alone.responsePrefix()).isEqualTo("Answer:");
    assertThat(alone.usesChatTemplate(Role.BASE, false)).isTrue();
    Prompt steered = ExpertFormat.CHAT.steered(ASK, "");
    assertThat(steered.messages().orElseThrow().get(0).content()).isEqualTo("Q: Why?");
    assertThat(steered.usesChatTemplate(Role.EXPERT, true)).isTrue();
    assertThat(steered.textFor(Role.EXPERT, 0)).isEmpty();
    assertThat(steered.textFor(Role.BASE, 0)).contains("Q: Why?\nAnswer:");
    assertThat(steered.textFor(Role.ANTI_EXPERT, 0)).contains("Q: Why?\nAnswer:");
  }
}
