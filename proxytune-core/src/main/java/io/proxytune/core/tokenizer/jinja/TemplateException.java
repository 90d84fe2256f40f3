package io.proxytune.core.tokenizer.jinja;

import com.google.common.base.Ascii;

/** A template that is broken, or fails while it is rendered. */
public class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_MESSAGE = 1000;

  private int line;

  TemplateException(int line, String message) {
    super(Ascii.truncate(message, MAX_MESSAGE, "…"));
    this.line = line;
  }

  /**
   * A failure whose line is that of the statement that runs.
   *
   * @param message what went wrong
   */
  public TemplateException(String message) {
    this(0, message);
  }

  /**
   * The line in the template.
   *
   * @return the line, from 1; 0 where it is not known
   */
  public int line() {
    return line;
  }

  /** The same failure, with a line if it has none. */
  TemplateException at(int reached) {
    if (line == 0) {
      line = reached;
    }
    return this;
  }
}
