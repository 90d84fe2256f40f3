package io.proxytune.core.message;

import static com.google.common.base.Strings.lenientFormat;

/** A message that can't be read, with the place in its conversation. */
public final class InvalidMessageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String place;
  private final boolean unsupported;

  private InvalidMessageException(String place, boolean unsupported, String message) {
    super(message);
    this.place = place;
    this.unsupported = unsupported;
  }

  /** What is not in the form of a message. */
  static InvalidMessageException malformed(String place, String format, Object... values) {
    return new InvalidMessageException(place, false, lenientFormat(format, values));
  }

  /** What is in that form, and is not read here. */
  static InvalidMessageException unsupported(String place, String format, Object... values) {
    return new InvalidMessageException(place, true, lenientFormat(format, values));
  }

  /**
   * Where it is.
   *
   * @return a path such as {@code messages[2].content}
   */
  public String place() {
    return place;
  }

  /**
   * Whether it is in OpenAI's form, and not read here.
   *
   * @return false where it is not in that form
   */
  public boolean isUnsupported() {
    return unsupported;
  }
}
