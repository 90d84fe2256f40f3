package io.proxytune.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelsTest {
  private static AnswerFormat format(boolean isOpen, boolean readsCalls) {
    return new AnswerFormat(
        Optional.of(ReasoningFormat.HARMONY),
        isOpen,
        readsCalls ? Optional.of(ToolCallFormat.HARMONY) : Optional.empty());
  }

  private static String joined(List<AnswerPart> parts, Function<AnswerPart, String> of) {
    return parts.stream().map(of).collect(Collectors.joining());
  }

  private static String shown(List<AnswerPart> parts) {
    List<String> calls =
        parts.stream().flatMap(it -> it.call().stream()).map(ChannelsTest::shown).toList();
    return joined(parts, AnswerPart::reasoning)
        + "|"
        + joined(parts, AnswerPart::text)
        + "|"
        + calls;
  }

  private static String shown(ToolCall call) {
    return call.name() + call.arguments();
  }

  /**
   * The answer, in which {@code A}, {@code F} and {@code C} stand for heads and {@code E} for an
   * end, whether the prompt opens thoughts, whether calls are read, and what it is taken apart to.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "AHm.ESFYes.~false~true~Hm.|Yes.|[]",
        "FYes.<|return|>~false~true~|Yes.|[]",
        "A Hm.  ESA  No.ESF Yes. ~false~true~Hm.\\nNo.| Yes. |[]",
        "Hm.ESFYes.~true~true~Hm.|Yes.|[]",
        "AHm. a < b <|en~false~true~Hm. a < b <|en||[]",
        "AHm.E<|start|>assis~false~true~Hm.||[]",
        "<|channel|>analy~false~true~||[]",
        "AHm.SFYes.~false~true~Hm.|Yes.|[]",
        "AHm.ESPfirst.ESFYes.~false~true~Hm.|first.\\nYes.|[]",
        "AHm.ESC{\"a\": 1}<|call|>~false~true~Hm.||[add{\"a\":1}]",
        "AHm.ES to=functions.add<|channel|>commentary json<|message|>{}<|call|>~false~true"
            + "~Hm.||[add{}]",
        " to=functions.add<|channel|>commentary json<|message|>{}~false~true~||[add{}]",
        "C{\"a\": 1}<|call|>SC{}<|call|>~false~true~||[add{\"a\":1}, add{}]",
        "C1 + 1<|call|>~false~true~|C1 + 1|[]",
        "C{}<|call|>~false~false~|C{}|[]",
        "Yes, to= me.~false~true~|Yes, to= me.|[]",
        "to~false~true~|to|[]",
        " Yes.~false~true~| Yes.|[]",
        "~false~true~||[]"
      })
  void messagesAreTakenApart(String given, boolean isOpen, boolean readsCalls, String parts) {
    String answer = spelled(given == null ? "" : given);
    AnswerFormat format = format(isOpen, readsCalls);

    assertThat(shown(AnswerParser.parse(format, answer))).isEqualTo(spelled(parts));
    AnswerParser parser = new AnswerParser(format);
    List<AnswerPart> byCharacter = new ArrayList<>();
    answer.chars().forEach(c -> byCharacter.addAll(parser.add(Character.toString(c))));
    byCharacter.addAll(parser.finish());
    assertThat(shown(byCharacter)).isEqualTo(spelled(parts));
  }

  private static String spelled(String brief) {
    return brief
        .replace("\\n", "\n")
        .replace("A", "<|channel|>analysis<|message|>")
        .replace("F", "<|channel|>final<|message|>")
        .replace("P", "<|channel|>commentary<|message|>")
        .replace("C", "<|channel|>commentary to=functions.add <|constrain|>json<|message|>")
        .replace("E", "<|end|>")
        .replace("S", "<|start|>assistant");
  }
}
