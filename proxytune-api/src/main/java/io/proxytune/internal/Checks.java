package io.proxytune.internal;

import org.jspecify.annotations.Nullable;

/** Refuses what a caller got wrong. */
public final class Checks {
  private static final String PLACE = "%s";

  private Checks() {}

  /**
   * Refuses a wrong argument.
   *
   * @param holds what must hold
   * @param message what is wrong, with {@code %s} in the place of each value
   * @param values the values, in their order
   * @throws IllegalArgumentException if it does not hold
   */
  public static void checkArgument(boolean holds, String message, @Nullable Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(filled(message, values));
    }
  }

  /**
   * Refuses a call at the wrong time.
   *
   * @param holds what must hold
   * @param message what is wrong, with {@code %s} in the place of each value
   * @param values the values, in their order
   * @throws IllegalStateException if it does not hold
   */
  public static void checkState(boolean holds, String message, @Nullable Object... values) {
    if (!holds) {
      throw new IllegalStateException(filled(message, values));
    }
  }

  /** Not {@code String.format}, which would show an object's own formatting, and may throw. */
  private static String filled(String message, @Nullable Object[] values) {
    StringBuilder text = new StringBuilder();
    int from = 0;
    for (Object value : values) {
      int place = message.indexOf(PLACE, from);
      if (place < 0) {
        return text.append(message.substring(from)).append(": ").append(value).toString();
      }
      text.append(message, from, place).append(value);
      from = place + PLACE.length();
    }
    return text.append(message.substring(from)).toString();
  }
}
