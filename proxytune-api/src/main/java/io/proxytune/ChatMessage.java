package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * One turn of a conversation: immutable.
 *
 * @param role who speaks, such as {@code system}, {@code user} or {@code assistant}; not empty
 * @param content what is said
 */
public record ChatMessage(String role, String content) {
  public ChatMessage {
    checkArgument(!role.isEmpty(), "a chat message needs a role, such as user, got an empty one");
    requireNonNull(content, "content");
  }

  /**
   * A system message.
   *
   * @param content the instructions
   * @return the message
   */
  public static ChatMessage system(String content) {
    return new ChatMessage("system", content);
  }

  /**
   * A user's turn.
   *
   * @param content what the user says
   * @return the message
   */
  public static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }

  /**
   * An assistant's turn.
   *
   * @param content what the assistant said
   * @return the message
   */
  public static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }
}
