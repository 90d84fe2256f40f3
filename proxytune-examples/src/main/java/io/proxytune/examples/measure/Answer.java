package io.proxytune.examples.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/**
 * What a system answered: immutable.
 *
 * @param text the text that it wrote, or the option that it chose
 * @param thoughts what it thought before; empty for nothing
 * @param finish why it ended, as in the JSON of {@code generate}; {@code chosen} for an option,
 *     {@code refused} where the question could not be put
 * @param option the index of the option that it chose; nothing where it wrote
 */
public record Answer(String text, String thoughts, String finish, OptionalInt option) {
  private static final String CHOSEN = "chosen";
  private static final String REFUSED = "refused";

  /** A text that was written. */
  public static Answer written(String text, String finish) {
    return written(new Spoken(text, ""), finish);
  }

  /** A text that was written, with what was thought before it. */
  static Answer written(Spoken spoken, String finish) {
    return new Answer(spoken.answer(), spoken.thoughts(), finish, OptionalInt.empty());
  }

  /** An option that was chosen. */
  public static Answer chosen(int index, String option) {
    return new Answer(option, "", CHOSEN, OptionalInt.of(index));
  }

  /** None, with the reason as its text. */
  static Answer refused(String why) {
    return new Answer(QuestionFile.oneLine(why), "", REFUSED, OptionalInt.empty());
  }

  boolean isRefusal() {
    return finish.equals(REFUSED);
  }

  /** As it is kept and reported. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("answer", text).put("finish_reason", finish);
    if (!thoughts.isEmpty()) {
      json.put("reasoning", thoughts);
    }
    option.ifPresent(index -> json.put("option", index));
    return json;
  }

  static Answer of(JsonNode json) {
    JsonNode index = json.path("option");
    return new Answer(
        json.path("answer").asText(),
        json.path("reasoning").asText(),
        json.path("finish_reason").asText(),
        index.isInt() ? OptionalInt.of(index.intValue()) : OptionalInt.empty());
  }
}
