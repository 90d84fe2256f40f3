package io.proxytune.core.message;

import io.proxytune.core.message.ToolCallParser.Parsed;

/**
 * Parts what a model says from the calls of tools that it asks for, while it writes: text passes as
 * soon as it can't be the beginning of a call. What may be one is held back to the end. For one
 * thread.
 */
public final class ToolCallSplitter {
  private final ToolCallParser parser;
  private final StringBuilder held = new StringBuilder();
  private boolean holdsAll;
  private boolean hasPassed;

  /**
   * Begins a text.
   *
   * @param parser finds the calls
   */
  public ToolCallSplitter(ToolCallParser parser) {
    this.parser = parser;
  }

  /**
   * Takes the next piece.
   *
   * @param piece what the model wrote next
   * @return what of the text can be said, perhaps nothing
   */
  public String push(String piece) {
    if (!parser.hasTools()) {
      return piece;
    }
    held.append(piece);
    return holdsAll ? "" : pass(passable());
  }

  /**
   * Ends the text.
   *
   * @return the calls, and what is left to say before them
   */
  public Parsed finish() {
    Parsed rest = parser.parse(held.toString());
    held.setLength(0);
    return hasPassed || rest.calls().isEmpty()
        ? rest
        : new Parsed(rest.text().strip(), rest.calls());
  }

  private String pass(int length) {
    String passed = held.substring(0, length);
    held.delete(0, length);
    hasPassed |= length > 0;
    return passed;
  }

  /** How much of what is held can be no part of a call, nor the space before one. */
  private int passable() {
    int end = firstMark();
    if (end >= 0) {
      holdsAll = true;
    } else if (beginsWithJson()) {
      holdsAll = true;
      return 0;
    } else {
      end = held.length() - openMark();
    }
    while (end > 0 && Character.isWhitespace(held.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private int firstMark() {
    return ToolCallParser.MARKS.stream()
        .mapToInt(held::indexOf)
        .filter(at -> at >= 0)
        .min()
        .orElse(-1);
  }

  /** A text that is a call without a mark has nothing before it. */
  private boolean beginsWithJson() {
    String text = held.toString().stripLeading();
    return !hasPassed && (text.startsWith("{") || text.startsWith("["));
  }

  /** The length of what may become a mark. */
  private int openMark() {
    String text = held.toString();
    int longest = 0;
    for (String mark : ToolCallParser.MARKS) {
      for (int length = Math.min(mark.length() - 1, text.length()); length > longest; length--) {
        if (text.endsWith(mark.substring(0, length))) {
          longest = length;
        }
      }
    }
    return longest;
  }
}
