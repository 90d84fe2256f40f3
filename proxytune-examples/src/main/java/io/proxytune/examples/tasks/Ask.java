package io.proxytune.examples.tasks;

/**
 * What the models read of an item, before a format for chats is put around it: immutable. The
 * answer of every model begins with the prefix.
 *
 * @param plain what a model reads that was not tuned to chat, with the prefix at its end
 * @param message what a chat-tuned model is asked, alone
 * @param expertMessage what it is asked where it steers a base that reads {@code plain}
 * @param prefix what the answer of a chat-tuned model begins with; empty for nothing
 */
public record Ask(String plain, String message, String expertMessage, String prefix) {
  /** The same message, alone and as an expert. */
  static Ask of(String plain, String message, String prefix) {
    return new Ask(plain, message, message, prefix);
  }

  /** A prompt that is the same to all. */
  static Ask plain(String text) {
    return new Ask(text, text, text, "");
  }
}
