package io.proxytune;

/**
 * None of the options of a multiple choice is among the tokens that a base on a server shows: the
 * question can be left out, and counted.
 */
public class OptionsNotShownException extends ModelException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public OptionsNotShownException(String message) {
    super(message);
  }
}
