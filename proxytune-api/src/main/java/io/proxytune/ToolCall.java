package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A call of a tool that a model asked for: immutable. What it gives is a {@linkplain
 * ChatMessage#toolResult message of its own}.
 *
 * @param id what the tool's answer names; where there is none, none is given to the template
 * @param name the tool's name, not empty
 * @param arguments a JSON object, as text; it is read when a chat template is rendered
 */
public record ToolCall(Optional<String> id, String name, String arguments) {
  public ToolCall {
    requireNonNull(id, "id");
    checkArgument(!name.isEmpty(), "a call of a tool needs the tool's name, got an empty one");
    requireNonNull(arguments, "arguments");
  }

  /**
   * A call without an id.
   *
   * @param name the tool's name, not empty
   * @param arguments a JSON object, as text
   * @return the call
   */
  public static ToolCall of(String name, String arguments) {
    return new ToolCall(Optional.empty(), name, arguments);
  }

  /**
   * The same call with an id.
   *
   * @param id the id that the tool's answer will name
   * @return a new call
   */
  public ToolCall withId(String id) {
    return new ToolCall(Optional.of(id), name, arguments);
  }
}
