package io.proxytune.examples.measure;

import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.core.chat.AnswerParser;
import io.proxytune.core.chat.AnswerPart;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a model says, apart from what it thinks before: immutable. Who scores an answer looks at the
 * former alone, since thoughts weigh answers that they drop. Calls of tools are text.
 *
 * @param answer what it says
 * @param thoughts what it thinks; empty for nothing
 */
public record Spoken(String answer, String thoughts) {
  /**
   * Takes a text apart.
   *
   * @param text what was written, with the marks around thoughts
   * @param format how the model writes
   */
  public static Spoken of(String text, AnswerFormat format) {
    AnswerFormat told = new AnswerFormat(format.reasoning(), format.isOpen(), Optional.empty());
    List<AnswerPart> parts = AnswerParser.parse(told, text);
    return new Spoken(
        parts.stream().map(AnswerPart::text).collect(Collectors.joining()),
        parts.stream().map(AnswerPart::reasoning).collect(Collectors.joining()));
  }
}
