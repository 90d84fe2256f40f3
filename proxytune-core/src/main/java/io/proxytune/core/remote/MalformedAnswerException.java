package io.proxytune.core.remote;

import java.io.IOException;

/** An answer that came whole and is not what was asked for; asking again would not help. */
final class MalformedAnswerException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The message follows "the answer is not as expected: ". */
  MalformedAnswerException(String message) {
    super(message);
  }
}
