package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.core.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {
  private static final List<ChatMessage> HI = List.of(ChatMessage.user("hi"));

  @ParameterizedTest
  @ValueSource(strings = {"chatml", "inst", "headers", "features"})
  void rendersTheProjectsTemplatesLikeTransformers(String name) throws IOException {
    Path folder = TestTokenizers.folder("byte-level").getParent().getParent();
    checkGolden(name, folder.resolve("chat-templates").resolve(name + ".jinja"));
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
    checkGolden(name, SharedData.require("chat-templates/" + name + ".jinja"));
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"llama3", "qwen2.5", "tinyllama-chat"})
  void rendersTheTemplateOfARealTokenizerLikeTransformers(String name) {
    CheckpointTokenizer tokenizer =
        CheckpointTokenizer.open(SharedData.require("tokenizers/" + name));
    JsonNode golden = TestTokenizers.golden("chat/" + name + ".json");
    assertThat(golden.path("cases")).isNotEmpty();
    for (JsonNode c : golden.path("cases")) {
      boolean prompt = c.path("add_generation_prompt").asBoolean();
      assertThat(tokenizer.renderChat(conversation(golden, c), prompt, Map.of()))
          .isEqualTo(c.path("rendered").asText());
    }
  }

  private static void checkGolden(String name, Path file) throws IOException {
    JsonNode golden = TestTokenizers.golden("chat/" + name + ".json");
    Clock clock =
        Clock.fixed(
            LocalDateTime.parse(golden.path("now").asText()).toInstant(ZoneOffset.UTC),
            ZoneOffset.UTC);
    ChatTemplate template = ChatTemplate.parse(name, Files.readString(file), clock);
    assertThat(golden.path("cases")).isNotEmpty();
    for (JsonNode c : golden.path("cases")) {
      check(template, conversation(golden, c), c);
    }
  }

  private static void check(ChatTemplate template, List<ChatMessage> messages, JsonNode golden) {
    Map<String, Object> variables =
        new HashMap<>(
            new ObjectMapper().convertValue(golden.path("variables"), new TypeReference<>() {}));
    variables.put("bos_token", "<s>");
    variables.put("eos_token", "</s>");
    boolean prompt = golden.path("add_generation_prompt").asBoolean();
    String label = golden.path("conversation").asText();
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

  private static List<ChatMessage> conversation(JsonNode golden, JsonNode c) {
    JsonNode turns = golden.path("conversations").path(c.path("conversation").asText());
    return StreamSupport.stream(turns.spliterator(), false)
        .map(turn -> new ChatMessage(turn.path("role").asText(), turn.path("content").asText()))
        .toList();
  }

  @Test
  void aRefusalCarriesTheTemplatesOwnMessage() {
    assertThatThrownBy(() -> render("{{ raise_exception('No ' ~ messages[0].role ~ '!') }}"))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessage("the chat template of test.jinja refuses this conversation: No user!");
  }

  @Test
  void aFailureNamesTheLine() {
    assertThatThrownBy(() -> render("a\n{% if true %}\n\n{{ messages[0].name.first }}{% endif %}"))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessage(
            "the chat template of test.jinja can't render this conversation (line 4): 'dict object'"
                + " has no attribute 'name'");
  }

  @Test
  void aBrokenTemplateNamesTheLine() {
    assertThatThrownBy(() -> render("a\n{% for x %}"))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessageContaining("test.jinja is broken (line 2)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 'x' * 9223372036854775807 }}{{ 'xx' * 9223372036854775807 }}",
        "{% set ns = namespace(x='x') %}{% for i in range(64) %}{% set ns.x = ns.x ~ ns.x %}"
            + "{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set ns.x = ns.x + ns.x %}"
            + "{% endfor %}",
        "{% for i in range(100000) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' * 100 }}{% endfor %}",
        "{{ ('x' * 1000000).replace('x', 'x' * 1000000) }}",
        "{{ ('x' * 100000) | list | join('x' * 1000000) }}",
        "{{ 'a' | indent(10000000000) }}",
        "{{ [1] | tojson(indent=10000000000) }}",
        "{{ 10 ** 100000 }}",
        "{{ 9223372036854775807 + 1 }}",
        "{{ 99999999999999999999 }}"
      })
  void aTemplateCantUseUpTheMachine(String source) {
    assertThatThrownBy(() -> render(source)).isInstanceOf(ChatTemplateException.class);
  }

  @Tag("slow")
  @Test
  void deepNestingIsRefused() {
    assertThatThrownBy(() -> render("{{ " + "(".repeat(100_000) + " }}"))
        .isInstanceOf(ChatTemplateException.class);
    assertThatThrownBy(() -> render("{{ 1" + " ~ 1 + 1".repeat(100_000) + " }}"))
        .isInstanceOf(ChatTemplateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "messages.getClass()",
        "messages.class",
        "''.getClass()",
        "''.class.forName('java.lang.Runtime')",
        "messages[0].getClass()",
        "raise_exception.getClass()",
        "bos_token.bytes",
        "messages.stream()",
        "range.__globals__",
        "(1).getClass()"
      })
  void noJavaClassIsInReach(String expression) {
    String printed;
    try {
      printed = render("{{ " + expression + " }}");
    } catch (ChatTemplateException e) {
      printed = "";
    }
    assertThat(printed).isEmpty();
  }

  @Test
  void whatIsSaidIsNeverReadAsATemplate() {
    List<ChatMessage> messages = List.of(ChatMessage.user("{{ 1 + 1 }}{% if %}{#"));
    assertThat(parse("{{ messages[0].content }}").render(messages, true, Map.of()))
        .isEqualTo("{{ 1 + 1 }}{% if %}{#");
  }

  @Test
  void variablesOfOtherKindsAreRefused() {
    assertThatThrownBy(() -> parse("x").render(HI, true, Map.of("x", new Object())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Object");
  }

  @Test
  void severalThreadsMayRender() {
    ChatTemplate template =
        parse(
            "{% set ns = namespace(n=0) %}{% for m in messages * 50 %}"
                + "{% set ns.n = ns.n + m.content | int %}{% endfor %}{{ ns.n }}");
    List<String> sums =
        IntStream.range(0, 500)
            .parallel()
            .mapToObj(i -> template.render(List.of(ChatMessage.user("" + i)), true, Map.of()))
            .toList();
    assertThat(sums)
        .isEqualTo(IntStream.range(0, 500).mapToObj(i -> String.valueOf(50 * i)).toList());
  }

  private static String render(String source) {
    return parse(source).render(HI, true, Map.of("bos_token", "<s>"));
  }

  private static ChatTemplate parse(String source) {
    return ChatTemplate.parse("test.jinja", source, Clock.systemUTC());
  }
}
