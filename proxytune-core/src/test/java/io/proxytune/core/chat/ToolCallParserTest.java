package io.proxytune.core.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ToolCall;
import io.proxytune.core.files.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolCallParserTest {
  private static final String CALL =
      "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>";

  /** Templates write calls as their models do: what transformers rendered is read back. */
  @ParameterizedTest
  @CsvSource({
    "Qwen-Qwen2.5-7B-Instruct, HERMES, <|im_end|>",
    "Qwen-Qwen3-0.6B, HERMES, <|im_end|>",
    "meta-llama-Llama-3.1-8B-Instruct, LLAMA, <|eot_id|>",
    "meta-llama-Llama-3.2-3B-Instruct, LLAMA, <|eot_id|>",
    "mistralai-Mistral-Nemo-Instruct-2407, MISTRAL, </s>",
    "deepseek-ai-DeepSeek-R1-Distill-Llama-8B, DEEPSEEK, <｜end▁of▁sentence｜>"
  })
  void callsThatTemplatesRenderAreReadBack(String name, ToolCallFormat format, String end)
      throws Exception {
    Path file = Path.of("src/test/resources/golden/tool-chats", name + ".json");
    JsonNode golden = JsonText.parse(Files.readString(file));
    String whole = rendered(golden, "called", false);
    String prompt = rendered(golden, "question", true);
    String answer = whole.substring(prompt.length() - commonEnd(prompt, whole));

    List<AnswerPart> parts =
        ToolCallParser.parse(
            format, answer.contains(end) ? answer.substring(0, answer.indexOf(end)) : answer);

    assertThat(calls(parts))
        .extracting(ToolCall::name, ToolCall::arguments)
        .containsExactly(tuple("weather", "{\"city\":\"Paris\",\"days\":2}"));
    assertThat(text(parts)).doesNotContain("weather");
  }

  /** Templates may tell of the tools or open the turn in other words than the prompt does. */
  private static int commonEnd(String prompt, String whole) {
    return whole.startsWith(prompt) ? 0 : prompt.length() - whole.lastIndexOf("Paris?") - 6;
  }

  private static String rendered(JsonNode golden, String conversation, boolean prompt) {
    for (JsonNode c : golden.path("cases")) {
      if (c.path("conversation").asText().equals(conversation)
          && !c.path("tools").asBoolean()
          && c.path("add_generation_prompt").asBoolean() == prompt
          && c.has("rendered")) {
        return c.path("rendered").asText();
      }
    }
    throw new AssertionError(conversation);
  }

  private static List<ToolCall> calls(List<AnswerPart> parts) {
    return parts.stream().map(AnswerPart::call).flatMap(Optional::stream).toList();
  }

  private static String text(List<AnswerPart> parts) {
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> text.append(part.text()));
    return text.toString();
  }

  @Test
  void textBeforeAndSeveralCallsComeInOrder() {
    List<AnswerPart> parts =
        ToolCallParser.parse(
            ToolCallFormat.HERMES, "Let me look.\n" + CALL + "\n" + CALL.replace("Paris", "Rome"));

    assertThat(text(parts)).isEqualTo("Let me look.");
    assertThat(calls(parts))
        .extracting(ToolCall::arguments)
        .containsExactly("{\"city\":\"Paris\"}", "{\"city\":\"Rome\"}");
  }

  @Test
  void piecesOfAnySizeGiveTheSame() {
    Random random = new Random(3);
    String deepSeek =
        "Well. <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```"
            + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>";
    List<String> answers =
        List.of(
            "a < b <tool> <tool_" + CALL + " \n then\n",
            deepSeek,
            "[1] is a list",
            "[{\"name\": \"f\", \"arguments\": {\"a\": [1]}}, {\"name\": \"g\", \"arguments\":"
                + " {}}]",
            "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {}, \"id\": \"abcdefghi\"}]",
            "{\"name\": \"f\", \"parameters\": {}}",
            "no call at all  ");
    for (ToolCallFormat format : ToolCallFormat.values()) {
      for (String answer : answers) {
        List<AnswerPart> whole = ToolCallParser.parse(format, answer);
        for (int i = 0; i < 20; i++) {
          ToolCallParser parser = new ToolCallParser(format);
          List<AnswerPart> pieces = new ArrayList<>();
          for (int at = 0; at < answer.length(); ) {
            int end = Math.min(answer.length(), at + 1 + random.nextInt(6));
            pieces.addAll(parser.add(answer.substring(at, end)));
            at = end;
          }
          pieces.addAll(parser.finish());
          assertThat(calls(pieces)).isEqualTo(calls(whole));
          assertThat(text(pieces)).isEqualTo(text(whole));
        }
        if (calls(whole).isEmpty() && format != ToolCallFormat.DEEPSEEK) {
          assertThat(text(whole)).isEqualTo(answer);
        }
      }
    }
    assertThat(calls(ToolCallParser.parse(ToolCallFormat.DEEPSEEK, deepSeek)))
        .containsExactly(ToolCall.of("now", "{}"));
    assertThat(calls(ToolCallParser.parse(ToolCallFormat.MISTRAL, answers.get(4))))
        .containsExactly(ToolCall.of("f", "{}").withId("abcdefghi"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HERMES|<tool_call>{\"name\": \"f\", \"arguments\": {</tool_call>",
        "HERMES|<tool_call>{\"arguments\": {}}</tool_call>",
        "HERMES|<tool_call>{\"name\": \"f\", \"arguments\": 3}</tool_call>",
        "HERMES|text <tool_call> {\"name\": \"f\"",
        "LLAMA|{\"name\": \"Ann\", \"age\": 3}",
        "LLAMA|{\"name\": \"f\", \"parameters\": {}} and more",
        "MISTRAL|[{\"name\": \"f\", \"arguments\": {}}, 3]",
        "DEEPSEEK|<｜tool▁call▁begin｜>function<｜tool▁sep｜>now<｜tool▁call▁end｜>"
      })
  void whatIsNoCallStaysText(ToolCallFormat format, String answer) {
    List<AnswerPart> parts = ToolCallParser.parse(format, answer);

    assertThat(calls(parts)).isEmpty();
    assertThat(text(parts).replace(" ", "")).isEqualTo(answer.replace(" ", ""));
  }

  @Test
  void aCallWithoutItsEndCountsWhereItIsWhole() {
    String open = CALL.replace("</tool_call>", "");

    assertThat(calls(ToolCallParser.parse(ToolCallFormat.HERMES, open))).hasSize(1);
  }

  @Test
  void textComesAsSoonAsItIsCertain() {
    ToolCallParser parser = new ToolCallParser(ToolCallFormat.HERMES);

    assertThat(text(parser.add("Hello"))).isEqualTo("Hello");
    assertThat(text(parser.add(" <tool"))).isEmpty();
    assertThat(text(parser.add("box>"))).isEqualTo(" <toolbox>");
  }
}
