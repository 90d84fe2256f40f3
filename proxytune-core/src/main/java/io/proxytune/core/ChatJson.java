package io.proxytune.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import io.proxytune.core.message.MessageReader;
import io.proxytune.core.message.MessageWriter;
import java.util.List;

/**
 * Conversations as JSON in the form of OpenAI's {@code messages}: {@code role}, {@code content} as
 * a text or parts of text, {@code tool_calls}, {@code tool_call_id}, {@code name} and {@code
 * reasoning_content}.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class ChatJson {
  private ChatJson() {}

  /**
   * Reads a conversation.
   *
   * @param json a JSON list of messages, not empty
   * @return the turns
   * @throws IllegalArgumentException if it is no JSON or no such list, or has what is not read,
   *     such as an image; the message says where
   */
  public static List<ChatMessage> read(String json) {
    return read("messages", json);
  }

  /**
   * Reads a conversation.
   *
   * @param name what the text is called in messages, such as a file's name
   * @param json a JSON list of messages, not empty
   * @return the turns
   * @throws IllegalArgumentException if it is no JSON or no such list, or has what is not read,
   *     such as an image; the message says where
   */
  public static List<ChatMessage> read(String name, String json) {
    return MessageReader.read(name, tree(name, json));
  }

  /**
   * Writes a conversation.
   *
   * @param messages the turns
   * @return a JSON list in one line, which {@link #read(String)} reads as it was
   */
  public static String write(List<ChatMessage> messages) {
    return JsonOutput.compact(MessageWriter.write(messages));
  }

  private static JsonNode tree(String name, String json) {
    try {
      return JsonText.parse(json);
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException(name + " is no JSON, " + e.getMessage(), e);
    }
  }
}
