package io.proxytune.core.tokenizer.jinja;

/** A template that is broken, or fails while it is rendered. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  TemplateException(int line, String message) {
    super(message);
    this.line = line;
  }

  /**
   * A failure whose place the statement that runs will add.
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

  TemplateException at(int outerLine) {
    if (line > 0) {
      return this;
    }
    TemplateException located = new TemplateException(outerLine, String.valueOf(getMessage()));
    located.initCause(this);
    return located;
  }
}
