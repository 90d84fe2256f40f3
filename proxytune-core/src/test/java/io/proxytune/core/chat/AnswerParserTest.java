package io.proxytune.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerParserTest {
  private static final String CALL =
      "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";

  private static AnswerFormat format(boolean isOpen) {
    return new AnswerFormat(
        Optional.of(ReasoningFormat.THINK), isOpen, Optional.of(ToolCallFormat.HERMES));
  }

  private static String joined(List<AnswerPart> parts, Function<AnswerPart, String> of) {
    return parts.stream().map(of).collect(Collectors.joining());
  }

  private static String shown(List<AnswerPart> parts) {
    return joined(parts, AnswerPart::reasoning)
        + "|"
        + joined(parts, AnswerPart::text)
        + "|"
        + parts.stream().flatMap(part -> part.call().stream()).map(ToolCall::name).toList();
  }

  /** The answer, whether the prompt opens thoughts, and what it is taken apart to. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "<think>\\nHm.\\n</think>\\n\\nYes.~false~Hm.|Yes.|[]",
        "\\n <think>Hm. Hm.</think>Yes.~false~Hm. Hm.|Yes.|[]",
        "Hm.\\n</think>\\n\\nYes.~true~Hm.|Yes.|[]",
        "<think>\\nHm.\\n</think>\\nYes.~true~Hm.|Yes.|[]",
        "Hm. CALL</think>CALL~true~Hm. CALL||[now]",
        "<think>\\n\\n</think>\\n\\nYes.~false~|Yes.|[]",
        "Yes. <think>Hm.</think>~false~|Yes. <think>Hm.</think>|[]",
        "<thing>Yes.~false~|<thing>Yes.|[]",
        "  Yes.~false~|  Yes.|[]",
        "<think>Hm. </thin~false~Hm. </thin||[]",
        "Hm. ~true~Hm.||[]",
        "<thin~false~|<thin|[]",
        "~true~||[]",
        "<think>a</think> </think> b~false~a|</think> b|[]"
      })
  void thoughtsTextAndCallsAreTakenApart(String given, boolean isOpen, String parts) {
    String answer = (given == null ? "" : given).replace("\\n", "\n").replace("CALL", CALL);

    assertThat(shown(AnswerParser.parse(format(isOpen), answer)))
        .isEqualTo(parts.replace("CALL", CALL));
    Random random = new Random(answer.length());
    for (int i = 0; i < 20; i++) {
      AnswerParser parser = new AnswerParser(format(isOpen));
      List<AnswerPart> pieces = new ArrayList<>();
      for (int at = 0; at < answer.length(); ) {
        int end = Math.min(answer.length(), at + 1 + random.nextInt(5));
        pieces.addAll(parser.add(answer.substring(at, end)));
        at = end;
      }
      pieces.addAll(parser.finish());
      assertThat(shown(pieces)).isEqualTo(parts.replace("CALL", CALL));
      assertThat(pieces).noneMatch(AnswerPart::isEmpty);
    }
  }

  @Test
  void thoughtsComeAsTheyAreWritten() {
    AnswerParser parser = new AnswerParser(format(true));

    assertThat(joined(parser.add("One"), AnswerPart::reasoning)).isEqualTo("One");
    assertThat(parser.add(" ")).isEmpty();
    assertThat(joined(parser.add("two <"), AnswerPart::reasoning)).isEqualTo(" two");
    assertThat(joined(parser.add("3"), AnswerPart::reasoning)).isEqualTo(" <3");
  }

  @Test
  void textAloneStaysAsItIs() {
    assertThat(AnswerParser.parse(AnswerFormat.TEXT, "<think>Hm.</think> Yes."))
        .containsExactly(AnswerPart.text("<think>Hm.</think> Yes."));
    assertThat(shown(AnswerParser.parse(format(true).withoutReasoning(), "{} " + CALL)))
        .isEqualTo("|{}|[now]");
  }
}
