package io.proxytune.core.tokenizer.jinja;

/** A function, macro or method. */
@FunctionalInterface
public interface Invocable {
  /**
   * Calls it.
   *
   * @param arguments what the template passes
   * @return a value of the template language
   */
  Object call(Arguments arguments);
}
