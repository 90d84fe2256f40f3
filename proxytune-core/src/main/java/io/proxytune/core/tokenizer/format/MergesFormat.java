package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.node.ArrayNode;

/**
 * The merges of a byte-pair encoding: pairs of tokens, as arrays of two or, in older files, as text
 * with a space between.
 */
final class MergesFormat {
  private static final String VERSION = "#version";

  private final Field merges;
  private final TokenNames names;
  private final String prefix;

  /**
   * Makes the checker.
   *
   * @param merges where they stand
   * @param names the tokens
   * @param prefix what tokens that continue a word begin with, which a merge drops
   */
  MergesFormat(Field merges, TokenNames names, String prefix) {
    this.merges = merges;
    this.names = names;
    this.prefix = prefix;
  }

  void write(ArrayNode out) {
    merges.check(merges.node().isArray(), "an array");
    boolean asText = merges.node().path(0).isTextual();
    for (int i = 0; i < merges.node().size(); i++) {
      if (asText) {
        writeText(i, out);
      } else {
        writePair(i, out);
      }
    }
  }

  private void writePair(int i, ArrayNode out) {
    boolean isPair =
        merges.node().path(i).size() == 2
            && merges.node().path(i).path(0).isTextual()
            && merges.node().path(i).path(1).isTextual();
    if (!isPair) {
      throw merges.get(i).refusal("an array of two tokens");
    }
    String left = merges.node().path(i).path(0).textValue();
    String right = merges.node().path(i).path(1).textValue();
    check(i, left, right);
    out.addArray().add(left).add(right);
  }

  private void writeText(int i, ArrayNode out) {
    String text = merges.node().path(i).asText("");
    int space = text.indexOf(' ');
    if (!merges.node().path(i).isTextual()) {
      throw merges.get(i).refusal("two tokens with a space between");
    }
    if (text.startsWith(VERSION)) {
      return;
    }
    if (space < 0 || text.indexOf(' ', space + 1) >= 0) {
      throw merges.get(i).refusal("two tokens with one space between");
    }
    check(i, text.substring(0, space), text.substring(space + 1));
    out.add(text);
  }

  private void check(int i, String left, String right) {
    boolean known =
        names.hasInModel(left)
            && names.hasInModel(right)
            && right.startsWith(prefix)
            && names.hasInModel(left + right.substring(prefix.length()));
    if (!known) {
      throw merges
          .get(i)
          .problem(
              "joins "
                  + left
                  + " and "
                  + right
                  + (right.startsWith(prefix)
                      ? ", and the vocabulary lacks one of them or both together"
                      : ", which doesn't begin with continuing_subword_prefix " + prefix));
    }
  }
}
