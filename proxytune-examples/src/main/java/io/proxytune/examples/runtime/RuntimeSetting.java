package io.proxytune.examples.runtime;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What is timed: immutable.
 *
 * @param promptTokens the tokens that are read, at least 1
 * @param newTokens the tokens that are written, at least 1
 */
public record RuntimeSetting(int promptTokens, int newTokens) {
  public RuntimeSetting {
    checkArgument(
        promptTokens >= 1 && newTokens >= 1,
        "a setting needs a token in the prompt and a new one, got %s:%s",
        promptTokens,
        newTokens);
  }

  /**
   * Reads {@code PROMPT:NEW}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static RuntimeSetting parse(String text) {
    checkArgument(
        text.matches("[0-9]{1,7}:[0-9]{1,7}"),
        "expected PROMPT:NEW tokens such as 8:512, got '%s'",
        text);
    int colon = text.indexOf(':');
    return new RuntimeSetting(
        Integer.parseInt(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
  }

  /** The room that it takes in a context. */
  public int tokens() {
    return promptTokens + newTokens;
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return promptTokens + ":" + newTokens;
  }
}
