package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Map;

/** What a template passes to a function, filter or test. */
public final class Arguments {
  private final Budget budget;
  private final List<Object> positional;
  private final Map<String, Object> named;

  /**
   * Passes arguments.
   *
   * @param budget what the function may use
   * @param positional the arguments without a name
   * @param named the keyword arguments
   */
  Arguments(Budget budget, List<Object> positional, Map<String, Object> named) {
    this.budget = budget;
    this.positional = positional;
    this.named = named;
  }

  static Arguments none(Budget budget) {
    return new Arguments(budget, List.of(), Map.of());
  }

  /** What the function may use. */
  Budget budget() {
    return budget;
  }

  /** The arguments without a name. */
  List<Object> positional() {
    return positional;
  }

  /** The keyword arguments. */
  Map<String, Object> named() {
    return named;
  }

  /**
   * An argument that may be left out.
   *
   * @param index its place
   * @param name its keyword
   * @param otherwise the value where it is not given
   * @return its value
   */
  Object get(int index, String name, Object otherwise) {
    return index < positional.size() ? positional.get(index) : named.getOrDefault(name, otherwise);
  }

  /**
   * An argument that must be given.
   *
   * @param index its place
   * @param name its keyword
   * @return its value
   */
  Object require(int index, String name) {
    if (index >= positional.size() && !named.containsKey(name)) {
      throw new TemplateException("missing argument '" + name + "' of a call");
    }
    return get(index, name, None.NONE);
  }

  /**
   * A text that must be given.
   *
   * @param index its place
   * @param name its keyword
   * @return its text
   */
  public String requireText(int index, String name) {
    return Text.of(budget, require(index, name));
  }

  int getInt(int index, String name, int otherwise) {
    return Values.toInt(get(index, name, (long) otherwise));
  }

  boolean getFlag(int index, String name, boolean otherwise) {
    return Values.truth(get(index, name, otherwise));
  }

  /** The same without the first positional arguments. */
  Arguments from(int index) {
    int start = Math.min(index, positional.size());
    return new Arguments(budget, positional.subList(start, positional.size()), named);
  }
}
