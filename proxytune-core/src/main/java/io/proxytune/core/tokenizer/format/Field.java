package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonOutput;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A value in a {@code tokenizer.json}, with the place where it stands for messages.
 *
 * @param file the file
 * @param path where in the file, such as {@code model.merges[3]}
 * @param node the value, missing if there is none
 */
record Field(Path file, String path, JsonNode node) {
  private static final int SHOWN = 80;

  /** A member of an object; missing where the object lacks it. */
  Field get(String name) {
    return new Field(
        file,
        path.isEmpty() ? name : path + "." + name,
        node.isObject() && node.has(name) ? node.get(name) : MissingNode.getInstance());
  }

  /** An element of an array. */
  Field get(int index) {
    return new Field(file, path + "[" + index + "]", node.path(index));
  }

  /** Whether there is nothing, or a null. */
  boolean isAbsent() {
    return node.isMissingNode() || node.isNull();
  }

  /** The value, if it is there and no null. */
  Optional<Field> present() {
    return isAbsent() ? Optional.empty() : Optional.of(this);
  }

  Field object() {
    return check(node.isObject(), "an object");
  }

  /** The elements of an array. */
  List<Field> elements() {
    check(node.isArray(), "an array");
    return IntStream.range(0, node.size()).mapToObj(this::get).toList();
  }

  /** The members of an object. */
  Set<Map.Entry<String, JsonNode>> members() {
    return object().node.properties();
  }

  /** A string of whole characters. */
  String text() {
    check(node.isTextual(), "a string");
    return checkWhole(node.textValue());
  }

  /** A string that is not empty. */
  String nonEmptyText() {
    String text = text();
    check(!text.isEmpty(), "a string that is not empty");
    return text;
  }

  /** A string of exactly one character. */
  String character() {
    String text = text();
    check(text.codePointCount(0, text.length()) == 1, "a string of one character");
    return text;
  }

  boolean flag() {
    check(node.isBoolean(), "true or false");
    return node.booleanValue();
  }

  boolean flag(boolean whereAbsent) {
    return isAbsent() ? whereAbsent : flag();
  }

  int integer(int least, int most) {
    check(
        node.isIntegralNumber()
            && node.canConvertToInt()
            && node.intValue() >= least
            && node.intValue() <= most,
        "an integer from " + least + " to " + most);
    return node.intValue();
  }

  /** One of some names. */
  String oneOf(String... names) {
    check(node.isTextual() && List.of(names).contains(node.textValue()), "one of " + list(names));
    return node.textValue();
  }

  private static String list(String... names) {
    return String.join(", ", names);
  }

  /** The native library can't hold half of a surrogate pair. */
  String checkWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        check(
            Character.isSurrogatePair(text.charAt(i), i + 1 < text.length() ? text.charAt(++i) : 0),
            "a text without half surrogate pairs");
      }
    }
    return text;
  }

  /** Refuses the file unless a condition holds. */
  Field check(boolean holds, String expected) {
    if (!holds) {
      throw refusal(expected);
    }
    return this;
  }

  /**
   * Refuses the file because of this value.
   *
   * @param expected what must stand here
   * @return the exception to throw
   */
  CheckpointException refusal(String expected) {
    return problem("must be " + expected + ", but is " + shown());
  }

  /**
   * Refuses the file because of this value, in other words.
   *
   * @param problem what is wrong, a verb first
   * @return the exception to throw
   */
  CheckpointException problem(String problem) {
    return new CheckpointException(
        file
            + ": "
            + (path.isEmpty() ? "the file" : path)
            + " "
            + problem
            + "; download the file again, or save it again with a current transformers");
  }

  private String shown() {
    if (node.isMissingNode()) {
      return "missing";
    }
    if (node.isContainerNode()) {
      return (node.isArray() ? "an array of " : "an object of ") + node.size();
    }
    String text = JsonOutput.compact(node);
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
  }
}
