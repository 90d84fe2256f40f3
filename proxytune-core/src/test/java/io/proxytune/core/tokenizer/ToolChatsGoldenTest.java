package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.Tool;
import io.proxytune.core.SharedData;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.message.MessageReader;
import io.proxytune.core.message.TemplateValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations with tools, calls, parts, names and reasoning, read from JSON and rendered. */
class ToolChatsGoldenTest {
  @ParameterizedTest
  @ValueSource(strings = {"hermes", "objects", "texts"})
  void rendersTheProjectsTemplatesLikeTransformers(String name) throws IOException {
    Path folder = TestTokenizers.folder("byte-level").getParent().getParent();
    check(name, folder.resolve("chat-templates").resolve("tools").resolve(name + ".jinja"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HuggingFaceTB-SmolLM3-3B",
        "Qwen-Qwen2.5-7B-Instruct",
        "Qwen-Qwen3-0.6B",
        "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
        "google-gemma-2-2b-it",
        "meta-llama-Llama-3.1-8B-Instruct",
        "meta-llama-Llama-3.2-3B-Instruct",
        "microsoft-Phi-3.5-mini-instruct",
        "mistralai-Mistral-Nemo-Instruct-2407"
      })
  void rendersRealTemplatesLikeTransformers(String name) throws IOException {
    check(name, SharedData.require("chat-templates/" + name + ".jinja"));
  }

  private static void check(String name, Path file) throws IOException {
    JsonNode golden = TestTokenizers.golden("tool-chats/" + name + ".json");
    LocalDateTime now = LocalDateTime.parse(golden.path("now").asText());
    Clock clock = Clock.fixed(now.toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
    ChatTemplate template = ChatTemplate.parse(name, Files.readString(file), clock);
    List<Tool> tools = tools(golden.path("tools"));
    assertThat(golden.path("cases")).isNotEmpty();
    for (JsonNode c : golden.path("cases")) {
      String label = c.path("conversation").asText();
      List<ChatMessage> messages =
          MessageReader.read(label, golden.path("conversations").path(label));
      check(template, messages, c.path("tools").asBoolean() ? tools : List.of(), c);
    }
  }

  private static void check(
      ChatTemplate template, List<ChatMessage> messages, List<Tool> tools, JsonNode golden) {
    Map<String, Object> variables = new HashMap<>(Map.of("bos_token", "<s>", "eos_token", "</s>"));
    if (!tools.isEmpty()) {
      variables.put("tools", TemplateValues.of(tools));
    }
    String label = golden.path("conversation").asText();
    boolean prompt = golden.path("add_generation_prompt").asBoolean();
    if (golden.has("error")) {
      assertThatThrownBy(() -> template.render(messages, prompt, variables))
          .as(label)
          .isInstanceOf(ChatTemplateException.class)
          .hasMessageContaining(golden.path("error").asText());
    } else {
      assertThat(template.render(messages, prompt, variables))
          .as(label)
          .isEqualTo(golden.path("rendered").asText());
    }
  }

  private static List<Tool> tools(JsonNode list) {
    List<Tool> tools = new ArrayList<>();
    for (JsonNode each : list) {
      JsonNode function = each.path("function");
      tools.add(
          new Tool(
              function.path("name").asText(),
              function.path("description").asText(),
              JsonOutput.compact(function.path("parameters"))));
    }
    return tools;
  }
}
