package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * A function that a model may ask for, as its chat template describes it: immutable.
 *
 * @param name the function's name, not empty
 * @param description what it does, for the model; empty for none
 * @param parameters the JSON schema of its arguments, as text; it is read when a chat template is
 *     rendered
 */
public record Tool(String name, String description, String parameters) {
  /** The schema of a function without arguments. */
  private static final String NO_PARAMETERS = "{\"type\": \"object\", \"properties\": {}}";

  public Tool {
    checkArgument(!name.isEmpty(), "a tool needs a name, got an empty one");
    requireNonNull(description, "description");
    requireNonNull(parameters, "parameters");
  }

  /**
   * A function without arguments.
   *
   * @param name the function's name, not empty
   * @param description what it does
   * @return the tool
   */
  public static Tool of(String name, String description) {
    return new Tool(name, description, NO_PARAMETERS);
  }
}
