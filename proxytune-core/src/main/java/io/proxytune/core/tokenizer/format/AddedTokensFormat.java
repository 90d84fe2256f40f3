package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The tokens beside a model's own, which are found in a text before everything else. */
final class AddedTokensFormat {
  /** The native library compares each with all before it. */
  private static final int MOST = 1 << 17;

  private static final int LONGEST = 4096;
  private static final List<String> FLAGS =
      List.of("single_word", "lstrip", "rstrip", "normalized", "special");

  private final NormalizerFormat normalizer;
  private final ArrayNode json = JsonNodeFactory.instance.arrayNode();
  private boolean swallows;

  /**
   * Checks the added tokens.
   *
   * @param field where they stand; may be absent
   * @param normalizer the checked normalizer
   * @param names the tokens so far, to which these are added
   */
  AddedTokensFormat(Field field, NormalizerFormat normalizer, TokenNames names) {
    this.normalizer = normalizer;
    List<Field> tokens = field.present().map(Field::elements).orElse(List.of());
    field.check(tokens.size() <= MOST, "an array of at most " + MOST);
    boolean swallowsRight = tokens.stream().anyMatch(t -> t.get("rstrip").node().asBoolean());
    for (Field token : tokens) {
      check(token, swallowsRight, names);
    }
  }

  ArrayNode json() {
    return json;
  }

  /** Whether some token takes the whitespace around it, however much there is. */
  boolean swallowsWhitespace() {
    return swallows;
  }

  /** Whether what stands around a token changes where it is found. */
  boolean lookAround() {
    return swallows || json.findValues("single_word").stream().anyMatch(JsonNode::asBoolean);
  }

  /** The texts of the tokens. */
  List<String> contents() {
    return json.findValuesAsText("content");
  }

  /** A token without text is found nowhere: the native library leaves it out, too. */
  private void check(Field token, boolean swallowsRight, TokenNames names) {
    String content = token.object().get("content").text();
    token.get("content").check(content.length() <= LONGEST, "at most " + LONGEST + " characters");
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("id", token.get("id").integer(0, TokenNames.MOST_ID));
    out.put("content", content);
    FLAGS.forEach(flag -> out.put(flag, token.get(flag).flag()));
    if (!content.isEmpty()) {
      checkSurvives(token, content);
      checkOverlap(token, content, swallowsRight);
      swallows |= token.get("lstrip").flag() || token.get("rstrip").flag();
      names.addBeside(content);
      json.add(out);
    }
  }

  /** A token that the normalizer leaves nothing of would be found between any two bytes. */
  private void checkSurvives(Field token, String content) {
    boolean survives =
        !token.get("normalized").flag()
            || !normalizer.mayRemove()
            || (normalizer.keepsAscii() && content.chars().anyMatch(c -> c > ' ' && c <= '~'));
    if (!survives) {
      throw token
          .get("content")
          .problem("is a token that the normalizer may leave nothing of, and normalized is true");
    }
  }

  /** Whitespace that one token takes on its right must not be the beginning of the next one. */
  private void checkOverlap(Field token, String content, boolean swallowsRight) {
    boolean mayBeginWithSpace =
        CharacterSet.WHITESPACE.mayHold(content.codePointAt(0))
            || (token.get("normalized").flag() && normalizer.mayMakeSpace());
    if (swallowsRight && token.get("lstrip").flag() && mayBeginWithSpace) {
      throw token
          .get("content")
          .problem("is a token with lstrip that may begin with whitespace, beside one with rstrip");
    }
  }
}
