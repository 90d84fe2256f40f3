package io.proxytune.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.Constraint;
import io.proxytune.Prompt;
import io.proxytune.Tool;
import io.proxytune.core.SharedData;
import io.proxytune.core.message.ChatRendering;
import io.proxytune.core.tokenizer.AddedTokens;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
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

class ReasoningFormatTest {
  private static final Prompt QUESTION = Prompt.chat(ChatMessage.user("Why?"));

  @TempDir private Path folder;

  private CheckpointTokenizer tokenizer(Path template) {
    return AddedTokens.open(folder, template);
  }

  private CheckpointTokenizer tokenizer(String template) throws IOException {
    Path file = folder.resolve("template.jinja");
    Files.writeString(file, template);
    return tokenizer(file);
  }

  /** They open thoughts, write them, leave them out, or know nothing of them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "true~true~{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}"
            + "<a><think> {% endif %}",
        "true~false~{% for m in messages %}{% if m.reasoning_content %}<think>"
            + "{{ m.reasoning_content }}</think>{% endif %}{{ m.content }}{% endfor %}",
        "true~false~{% for m in messages %}{{ m.content.split('</think>')[-1] }}{% endfor %}",
        "false~false~{% for m in messages %}{{ m.content }}{% endfor %}"
      })
  void formatsAreToldFromTemplates(boolean known, boolean isOpen, String template)
      throws IOException {
    CheckpointTokenizer tokenizer = tokenizer(template);

    assertThat(ReasoningFormat.of(tokenizer).isPresent()).isEqualTo(known);
    assertThat(AnswerFormat.of(QUESTION, List.of(tokenizer)).isOpen()).isEqualTo(isOpen);
  }

  @ParameterizedTest
  @CsvSource({
    "HuggingFaceTB-SmolLM3-3B, true, false",
    "Qwen-Qwen2.5-7B-Instruct, false, false",
    "Qwen-Qwen3-0.6B, true, false",
    "meta-llama-Llama-3.1-8B-Instruct, false, false",
    "mistralai-Mistral-Nemo-Instruct-2407, false, false",
    "deepseek-ai-DeepSeek-R1-Distill-Llama-8B, true, true",
    "google-gemma-2-2b-it, false, false",
    "microsoft-Phi-3.5-mini-instruct, false, false",
    "openai-gpt-oss-20b, true, false"
  })
  void formatsOfRealTemplates(String name, boolean known, boolean isOpen) throws IOException {
    CheckpointTokenizer tokenizer =
        tokenizer(SharedData.require("chat-templates/" + name + ".jinja"));
    AnswerFormat format = AnswerFormat.of(QUESTION, List.of(tokenizer));

    assertThat(format.reasoning().isPresent()).isEqualTo(known);
    assertThat(format.isOpen()).isEqualTo(isOpen);
    assertThat(format.calls()).isEmpty();
  }

  /** As Qwen 3's does where nothing is to be thought. */
  @Test
  void whereThePromptClosesThoughtsThereAreNone() throws IOException {
    CheckpointTokenizer tokenizer =
        tokenizer(
            "{% for m in messages %}{{ m.content }}{% endfor %}<think>"
                + "{% if enable_thinking is false %}\n\n</think>\n\n{% endif %}");
    Constraint form = Constraint.json();

    AnswerFormat open = AnswerFormat.of(QUESTION, List.of(tokenizer));
    assertThat(open.binding(form)).isNotEqualTo(form);
    AnswerFormat closed =
        AnswerFormat.of(
            QUESTION.withChatVariables(Map.of("enable_thinking", false)), List.of(tokenizer));
    assertThat(closed).isEqualTo(AnswerFormat.TEXT);
    assertThat(closed.binding(form)).isEqualTo(form);
  }

  /** SmolLM3's template knows tools by this name alone. */
  @Test
  void toolsAreToldToTemplatesThatKnowThemByAnotherName() throws IOException {
    CheckpointTokenizer tokenizer =
        tokenizer(
            "{% if xml_tools %}<tools>{% for tool in xml_tools %}{{ tool | string }}{% endfor %}"
                + "</tools><tool_call>{\"name\": …}</tool_call>{% endif %}"
                + "{% for m in messages %}{{ m.content }}{% endfor %}");
    Prompt told = QUESTION.withTools(List.of(Tool.of("now", "the time")));
    Prompt named = QUESTION.withChatVariables(Map.of("xml_tools", List.of("now")));

    for (Prompt prompt : List.of(told, named)) {
      assertThat(AnswerFormat.of(prompt, List.of(tokenizer)).calls())
          .isEqualTo(Optional.of(ToolCallFormat.HERMES));
    }
    assertThat(AnswerFormat.of(QUESTION, List.of(tokenizer)).calls()).isEmpty();
    assertThat(ChatRendering.of(told, tokenizer))
        .startsWith("<tools>{'type': 'function', 'function': {'name': 'now'")
        .endsWith("Why?");
  }
}
