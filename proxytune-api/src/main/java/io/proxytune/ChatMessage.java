package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * One turn of a conversation: immutable.
 *
 * <p>A chat template sees {@code role} and {@code content}, and {@code tool_calls}, {@code
 * tool_call_id}, {@code name} and {@code reasoning_content} where the turn has them. Content of
 * several parts is a list of {@code {"type": "text", "text": …}} to a template that reads such
 * lists, and to others the {@linkplain #content() parts on lines of their own}.
 *
 * @param role who speaks, such as {@code system}, {@code user}, {@code assistant} or {@code tool};
 *     not empty
 * @param parts what is said, in one text or several; none is the same as an empty text
 * @param toolCalls the tools that the model asked for
 * @param toolCallId the call that this turn answers
 * @param name who speaks, among several of a role, or the tool that answers
 * @param reasoning what the model thought before it spoke
 */
public record ChatMessage(
    String role,
    List<String> parts,
    List<ToolCall> toolCalls,
    Optional<String> toolCallId,
    Optional<String> name,
    Optional<String> reasoning) {
  public ChatMessage {
    checkArgument(!role.isEmpty(), "a chat message needs a role, such as user, got an empty one");
    parts = parts.isEmpty() ? List.of("") : List.copyOf(parts);
    toolCalls = List.copyOf(toolCalls);
    requireNonNull(toolCallId, "toolCallId");
    requireNonNull(name, "name");
    requireNonNull(reasoning, "reasoning");
  }

  /**
   * A turn that is one text.
   *
   * @param role who speaks, not empty
   * @param content what is said
   */
  public ChatMessage(String role, String content) {
    this(
        role,
        List.of(requireNonNull(content, "content")),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
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

  /**
   * What a tool answered to a call.
   *
   * @param call the call
   * @param content the answer
   * @return the message, with the call's id, if it has one, and the tool's name
   */
  public static ChatMessage toolResult(ToolCall call, String content) {
    return new ChatMessage(
        "tool", List.of(content), List.of(), call.id(), Optional.of(call.name()), Optional.empty());
  }

  /**
   * What is said.
   *
   * @return the text, or its parts on lines of their own; empty where a turn only calls tools
   */
  public String content() {
    return String.join("\n", parts);
  }

  /**
   * Has another speak.
   *
   * @param role who speaks, not empty
   * @return a new message
   */
  public ChatMessage withRole(String role) {
    return new ChatMessage(role, parts, toolCalls, toolCallId, name, reasoning);
  }

  /**
   * Says something else, in parts.
   *
   * @param parts the texts
   * @return a new message
   */
  public ChatMessage withParts(List<String> parts) {
    return new ChatMessage(role, parts, toolCalls, toolCallId, name, reasoning);
  }

  /**
   * Adds calls of tools.
   *
   * @param calls all calls of this turn
   * @return a new message
   */
  public ChatMessage withToolCalls(List<ToolCall> calls) {
    return new ChatMessage(role, parts, calls, toolCallId, name, reasoning);
  }

  /**
   * Names the call that this turn answers.
   *
   * @param id the call's id
   * @return a new message
   */
  public ChatMessage withToolCallId(String id) {
    return new ChatMessage(role, parts, toolCalls, Optional.of(id), name, reasoning);
  }

  /**
   * Names who speaks.
   *
   * @param name the name of a person or of a tool
   * @return a new message
   */
  public ChatMessage withName(String name) {
    return new ChatMessage(role, parts, toolCalls, toolCallId, Optional.of(name), reasoning);
  }

  /**
   * Adds what the model thought before it spoke.
   *
   * @param reasoning the thoughts
   * @return a new message
   */
  public ChatMessage withReasoning(String reasoning) {
    return new ChatMessage(role, parts, toolCalls, toolCallId, name, Optional.of(reasoning));
  }

  /** Role and text, and what else the turn has. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("ChatMessage[role=" + role + ", content=" + content());
    if (!toolCalls.isEmpty()) {
      text.append(", toolCalls=").append(toolCalls);
    }
    toolCallId.ifPresent(id -> text.append(", toolCallId=").append(id));
    name.ifPresent(who -> text.append(", name=").append(who));
    reasoning.ifPresent(thoughts -> text.append(", reasoning=").append(thoughts));
    return text.append(']').toString();
  }
}
