package io.proxytune.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Constraint;
import io.proxytune.Tool;
import io.proxytune.core.SharedData;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolCallFormatTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "HERMES~<tool_call>{\"name\": \"{{ c.name }}\"}</tool_call>",
        "MISTRAL~[TOOL_CALLS] [{{ c | tojson }}]",
        "DEEPSEEK~<｜tool▁call▁begin｜>function<｜tool▁sep｜>{{ c.name }}",
        "LLAMA~{\"name\": \"{{ c.name }}\", \"parameters\": {{ c.arguments | tojson }}}",
        "HARMONY~<|start|>assistant to=functions.{{ c.name }}<|channel|>commentary json<|message|>",
        "~call {{ c.name }}"
      })
  void formatsAreToldFromTemplates(ToolCallFormat format, String call) throws IOException {
    Path template = folder.resolve("template.jinja");
    Files.writeString(
        template,
        "{% for m in messages %}{{ m.content }}{% for t in m.tool_calls or [] %}"
            + "{% set c = t.function %}"
            + call
            + "{% endfor %}{% endfor %}");

    assertThat(ToolCallFormat.of(tokenizer(template)).orElse(null)).isEqualTo(format);
  }

  @ParameterizedTest
  @CsvSource({
    "HuggingFaceTB-SmolLM3-3B,",
    "Qwen-Qwen2.5-7B-Instruct, HERMES",
    "Qwen-Qwen3-0.6B, HERMES",
    "meta-llama-Llama-3.1-8B-Instruct, LLAMA",
    "meta-llama-Llama-3.2-3B-Instruct, LLAMA",
    "mistralai-Mistral-Nemo-Instruct-2407, MISTRAL",
    "deepseek-ai-DeepSeek-R1-Distill-Llama-8B, DEEPSEEK",
    "google-gemma-2-2b-it,",
    "microsoft-Phi-3.5-mini-instruct,",
    "openai-gpt-oss-20b, HARMONY"
  })
  void formatsOfRealTemplates(String name, ToolCallFormat format) throws IOException {
    Path template = SharedData.require("chat-templates/" + name + ".jinja");

    assertThat(ToolCallFormat.of(tokenizer(template)).orElse(null)).isEqualTo(format);
  }

  private CheckpointTokenizer tokenizer(Path template) throws IOException {
    Files.copy(
        Path.of("src/test/resources/tokenizers/byte-level/tokenizer.json"),
        folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
    return CheckpointTokenizer.open(folder, template);
  }

  @Test
  void mistralsCallsMayBeginWithTheirMark() {
    Tool now = Tool.of("now", "the time");
    Constraint call =
        Constraint.choice("[{\"name\": \"now\", \"arguments\": ")
            .then(Constraint.jsonSchema(now.parameters()))
            .then("}]");

    assertThat(ToolCallFormat.MISTRAL.call(List.of(now)))
        .isEqualTo(Constraint.specialToken("[TOOL_CALLS]").then(call).or(call));
  }

  @Test
  void aCallIsAChoiceOfToolsWithTheirSchemas() {
    Tool now = Tool.of("now", "the time");
    Tool weather = new Tool("weather", "", "{\"type\": \"integer\"}");

    assertThat(ToolCallFormat.LLAMA.call(List.of(now, weather)))
        .isEqualTo(
            Constraint.choice("{\"name\": \"now\", \"parameters\": ")
                .then(Constraint.jsonSchema(now.parameters()))
                .then("}")
                .or(
                    Constraint.choice("{\"name\": \"weather\", \"parameters\": ")
                        .then(Constraint.jsonSchema("{\"type\": \"integer\"}"))
                        .then("}")));
  }
}
