package io.proxytune.core.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.Tool;
import io.proxytune.ToolCall;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.core.message.ToolCallParser.Parsed;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolCallParserTest {
  private static final List<Tool> TOOLS =
      List.of(Tool.of("weather", "the weather"), Tool.of("now", "the time"));

  private static final ToolCall PARIS = ToolCall.of("weather", "{\"city\":\"Paris\"}");
  private static final ToolCall NOW = ToolCall.of("now", "{}");
  private static final String PARIS_JSON =
      "{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\"}}";
  private static final String NOW_JSON = "{\"name\": \"now\", \"parameters\": {}}";

  private static Parsed parse(String text) {
    Parsed parsed = new ToolCallParser(TOOLS).parse(text);
    for (int seed = 0; seed < 5; seed++) {
      assertSplit(text, parsed, new Random(seed));
    }
    return parsed;
  }

  /** Pieces of any length give the same. */
  private static void assertSplit(String text, Parsed expected, Random random) {
    ToolCallSplitter splitter = new ToolCallSplitter(new ToolCallParser(TOOLS));
    StringBuilder said = new StringBuilder();
    for (int at = 0; at < text.length(); ) {
      int end = Math.min(text.length(), at + 1 + random.nextInt(6));
      said.append(splitter.push(text.substring(at, end)));
      at = end;
    }
    Parsed rest = splitter.finish();
    assertThat(rest.calls()).isEqualTo(expected.calls());
    assertThat(said + rest.text()).isEqualTo(expected.text());
  }

  private static void assertText(String text) {
    assertThat(parse(text)).isEqualTo(new Parsed(text, List.of()));
  }

  @Test
  void tagged() {
    assertThat(parse("<tool_call>\n" + PARIS_JSON + "\n</tool_call>"))
        .isEqualTo(new Parsed("", List.of(PARIS)));
    assertThat(
            parse(
                "Let me look.\n\n<tool_call>\n"
                    + PARIS_JSON
                    + "\n</tool_call>\n<tool_call>"
                    + NOW_JSON))
        .isEqualTo(new Parsed("Let me look.", List.of(PARIS, NOW)));
  }

  @Test
  void llamas() {
    assertThat(parse(NOW_JSON)).isEqualTo(new Parsed("", List.of(NOW)));
    assertThat(parse("<|python_tag|>" + NOW_JSON + "; " + PARIS_JSON))
        .isEqualTo(new Parsed("", List.of(NOW, PARIS)));
  }

  @Test
  void mistrals() {
    String list = "[" + PARIS_JSON + ", " + NOW_JSON + "]";
    assertThat(parse("[TOOL_CALLS] " + list)).isEqualTo(new Parsed("", List.of(PARIS, NOW)));
    assertThat(parse(list)).isEqualTo(new Parsed("", List.of(PARIS, NOW)));
  }

  @Test
  void deepseeks() {
    assertThat(
            parse(
                "I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n"
                    + "```json\n{\"city\": \"Paris\"}\n```<｜tool▁call▁end｜>\n"
                    + "<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```"
                    + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"))
        .isEqualTo(new Parsed("I look.", List.of(PARIS, NOW)));
  }

  @Test
  void argumentsThatAreATextAreRead() {
    String call = "{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\": \\\"Paris\\\"}\"}";
    assertThat(parse("<tool_call>" + call + "</tool_call>").calls()).containsExactly(PARIS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "It is sunny.",
        " It is { sunny }.\n",
        "",
        "<tool_call>\n{\"name\": \"weather\", \"arguments\"\n</tool_call>",
        "<tool_call>hello</tool_call>",
        "<tool_call>",
        "I say <tool_call> and mean it <b>",
        "[TOOL_CALLS]",
        "[TOOL_CALLS] [7]",
        "{\"name\": \"other\", \"parameters\": {}}",
        "{\"city\": \"Paris\"}",
        "{\"name\": \"now\", \"parameters\": {}} is what I would call",
        "[1, 2]",
        "{",
        "a <",
        "a <tool_",
        "<｜tool▁calls▁begin｜>",
        "  \n"
      })
  void allElseIsText(String text) {
    assertText(text);
  }

  @Test
  void withoutToolsNothingIsACall() {
    String text = "<tool_call>\n" + PARIS_JSON + "\n</tool_call>";
    ToolCallParser parser = new ToolCallParser(List.of());
    assertThat(parser.parse(text)).isEqualTo(new Parsed(text, List.of()));
    assertThat(new ToolCallSplitter(parser).push(text)).isEqualTo(text);
  }

  @Test
  void textPassesAsSoonAsItCanBeNoCall() {
    ToolCallSplitter splitter = new ToolCallSplitter(new ToolCallParser(TOOLS));
    assertThat(splitter.push("Sunny, ")).isEqualTo("Sunny,");
    assertThat(splitter.push("<b")).isEqualTo(" <b");
    assertThat(splitter.push("><tool")).isEqualTo(">");
    assertThat(splitter.push("_call>")).isEmpty();
  }

  /**
   * What templates make of calls, as a model that follows them writes it, is read as those calls.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Qwen-Qwen2.5-7B-Instruct",
        "Qwen-Qwen3-0.6B",
        "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
        "meta-llama-Llama-3.1-8B-Instruct",
        "mistralai-Mistral-Nemo-Instruct-2407"
      })
  void readsWhatRealTemplatesWrite(String name) throws InvalidJsonException, IOException {
    JsonNode golden = JsonText.parse(golden(name));
    String asked = rendered(golden, "question", true);
    String called = rendered(golden, "called", false);
    List<ToolCall> found = new ArrayList<>();
    String written = called.substring(common(asked, called));
    for (String end : List.of("<|im_end|>", "<|eot_id|>", "</s>", "<｜end▁of▁sentence｜>")) {
      int at = written.indexOf(end);
      written = at < 0 ? written : written.substring(0, at);
    }
    written =
        written.replace(", \"id\": \"abc123xyz\"", "").replaceFirst("^<think>\\s*</think>", "");
    found.addAll(parse(written.strip()).calls());
    assertThat(found).extracting(ToolCall::name).containsExactly("weather");
    assertThat(JsonText.parse(found.get(0).arguments()))
        .isEqualTo(JsonText.parse("{\"city\": \"Paris\", \"days\": 2}"));
  }

  private static String golden(String name) throws IOException {
    try (InputStream file =
        ToolCallParserTest.class.getResourceAsStream("/golden/tool-chats/" + name + ".json")) {
      return new String(requireNonNull(file).readAllBytes(), UTF_8);
    }
  }

  private static String rendered(JsonNode golden, String conversation, boolean prompt) {
    for (JsonNode c : golden.path("cases")) {
      if (c.path("conversation").asText().equals(conversation)
          && c.path("tools").asBoolean()
          && c.path("add_generation_prompt").asBoolean() == prompt) {
        return c.path("rendered").asText();
      }
    }
    throw new AssertionError(conversation);
  }

  private static int common(String a, String b) {
    int at = 0;
    while (at < Math.min(a.length(), b.length()) && a.charAt(at) == b.charAt(at)) {
      at++;
    }
    return at;
  }
}
