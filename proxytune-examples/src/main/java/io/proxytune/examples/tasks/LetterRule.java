package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What is taken away from a text whose first letter is the answer to TruthfulQA's options.
 *
 * <p>The paper's outputs were read by two rules. Six of the seven files follow that of the
 * published code; the file of {@code llama2-70B} follows one that takes away the first three of its
 * seven strings, so that quoted, bold and fenced answers count as invalid.
 */
enum LetterRule {
  LATER("(", "\\begin{blockquote}", "\\begin{code}", "<blockquote>", " **", ">", "```\n"),
  EARLIER("(", "\\begin{blockquote}", "\\begin{code}");

  private static final String LETTERS = "ABCD";

  private final ImmutableList<String> removed;

  LetterRule(String... removed) {
    this.removed = ImmutableList.copyOf(removed);
  }

  /**
   * The rule by which everything was read that somebody read out of these texts before; the later
   * one where nothing was, or where neither explains all of it.
   */
  static LetterRule of(List<Answer> answers) {
    return Stream.of(values()).filter(rule -> rule.explains(answers)).findFirst().orElse(LATER);
  }

  private boolean explains(List<Answer> answers) {
    return answers.stream()
        .flatMap(answer -> answer.samples().stream())
        .allMatch(it -> it.published().map(letter(it.text())::equals).orElse(true));
  }

  /** The letter that a text begins with but for markup; empty if it begins with anything else. */
  String letter(String text) {
    String kept = text;
    for (String part : removed) {
      kept = kept.replace(part, "");
    }
    kept = PythonText.lstrip(kept);
    return !kept.isEmpty() && LETTERS.indexOf(kept.charAt(0)) >= 0 ? kept.substring(0, 1) : "";
  }

  /**
   * That texts were read by this rule, and what the other makes of them.
   *
   * @param later metrics by the later rule
   */
  String note(ObjectNode later) {
    return String.format(
        Locale.ROOT,
        "read as the file was, by the earlier of the paper's two rules, which leaves >, ** and"
            + " fences; by the later one acc is %.4f with %d invalid",
        later.path("acc").doubleValue(),
        later.path("num_invalid_predictions").intValue());
  }
}
