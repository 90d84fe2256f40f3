package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an answer is worth: immutable, but for {@code details}, which nobody changes.
 *
 * @param answer the answer
 * @param parsed what was read out of each of its texts
 * @param correct whether it is right; nothing where that is no question, or was not judged
 * @param details more about it, by name
 */
public record Mark(
    Answer answer, List<String> parsed, Optional<Boolean> correct, ObjectNode details) {
  public Mark {
    parsed = List.copyOf(parsed);
  }

  static Mark of(Answer answer, String parsed, boolean correct) {
    ObjectNode none = JsonNodeFactory.instance.objectNode();
    return new Mark(answer, List.of(parsed), Optional.of(correct), none);
  }

  /** How many of the texts came with what somebody else read out of them. */
  int published() {
    return (int) answer.samples().stream().filter(text -> text.published().isPresent()).count();
  }

  /** How many of these read the same here. */
  int agreeing() {
    int same = 0;
    for (int i = 0; i < parsed.size(); i++) {
      String here = parsed.get(i);
      same +=
          answer.samples().get(i).published().filter(it -> Objects.equals(it, here)).isPresent()
              ? 1
              : 0;
    }
    return same;
  }
}
