package io.proxytune.examples.study;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableIntArray;
import io.proxytune.Choice;
import io.proxytune.OptionsNotShownException;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.examples.world.Quiz;
import java.util.List;

/**
 * The letters that a system chose: immutable.
 *
 * @param chosen the index of each question's letter; {@link #DROPPED} where none of the four was
 *     shown
 * @param shown how many of the four letters had a log-probability
 */
record QuizAnswers(ImmutableIntArray chosen, ImmutableIntArray shown) {
  /** In the place of a letter: the question could not be answered. */
  static final int DROPPED = -1;

  QuizAnswers {
    checkArgument(chosen.length() == shown.length(), "expected as many %s as %s", chosen, shown);
  }

  /** Asks a system. */
  static QuizAnswers of(ProxyTuner tuner, List<Quiz> questions) {
    ImmutableIntArray.Builder chosen = ImmutableIntArray.builder();
    ImmutableIntArray.Builder shown = ImmutableIntArray.builder();
    for (Quiz question : questions) {
      try {
        Choice choice = tuner.choose(Prompt.of(question.prompt()), Quiz.OPTIONS);
        chosen.add(choice.index());
        shown.add((int) choice.scores().stream().filter(it -> Double.isFinite(it.total())).count());
      } catch (OptionsNotShownException e) {
        chosen.add(DROPPED);
        shown.add(0);
      }
    }
    return new QuizAnswers(chosen.build(), shown.build());
  }

  static QuizAnswers of(JsonNode json) {
    return new QuizAnswers(numbers(json.path("chosen")), numbers(json.path("shown")));
  }

  private static ImmutableIntArray numbers(JsonNode json) {
    ImmutableIntArray.Builder numbers = ImmutableIntArray.builder();
    json.forEach(it -> numbers.add(it.asInt()));
    return numbers.build();
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode letters = json.putArray("chosen");
    chosen.forEach(letters::add);
    ArrayNode counts = json.putArray("shown");
    shown.forEach(counts::add);
    return json;
  }

  boolean isWhole(int question) {
    return shown.get(question) == Quiz.OPTIONS.size();
  }
}
