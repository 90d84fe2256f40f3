package io.proxytune.examples.world;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * A question whose answer ends in a result, with the facts before it from which that follows.
 *
 * @param kind of which kind it is, for tables
 * @param prompt what the user says
 * @param facts sentences that an answer tells before the result; may be empty
 * @param result the last sentence
 */
public record Problem(String kind, String prompt, List<String> facts, String result) {
  public Problem {
    checkArgument(result.endsWith("."), "a result is a sentence, got \"%s\"", result);
    facts = List.copyOf(facts);
  }

  /**
   * The whole answer.
   *
   * @return the facts, then the result
   */
  public String answer() {
    List<String> sentences = new ArrayList<>(facts);
    sentences.add(result);
    return String.join(" ", sentences);
  }

  /**
   * Whether a text ends with the result as a sentence of its own. Whatever stands before it is of
   * no account.
   *
   * @param text an answer; blanks at the ends are of no account
   * @return whether it does
   */
  public boolean isSolvedBy(String text) {
    String stripped = text.strip();
    return stripped.equals(result) || stripped.endsWith(". " + result);
  }

  /**
   * Whether a text tells all the facts, each as expected.
   *
   * @param text an answer
   * @return whether it does; true where there are none
   */
  public boolean isFoundedIn(String text) {
    return facts.stream().allMatch(text::contains);
  }
}
