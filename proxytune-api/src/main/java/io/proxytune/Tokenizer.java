package io.proxytune;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Text to token ids and back, with the chat template that belongs to a checkpoint.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public interface Tokenizer {
  /**
   * Encodes a text.
   *
   * @param text the text
   * @param addSpecialTokens whether to add what the tokenizer puts around a text, such as BOS;
   *     special tokens written out in the text are recognised either way
   * @return the ids
   */
  int[] encode(String text, boolean addSpecialTokens);

  /**
   * Decodes ids all at once; byte pieces that form no character become U+FFFD.
   *
   * @param ids the ids
   * @param skipSpecialTokens whether special tokens leave no text
   * @return the text
   * @throws IllegalArgumentException if an id is negative
   */
  String decode(int[] ids, boolean skipSpecialTokens);

  /**
   * One more than the largest id that has a token.
   *
   * @return the size of the id space
   */
  int vocabularySize();

  /**
   * The token of an id as the vocabulary spells it, such as {@code ▁the} or {@code <0x0A>}.
   *
   * @param id an id
   * @return the token, or nothing where the vocabulary has no such id
   */
  Optional<String> token(int id);

  /**
   * The id of a token.
   *
   * @param token the token as the vocabulary spells it
   * @return the id, or nothing where the vocabulary has no such token
   */
  Optional<Integer> id(String token);

  /**
   * Whether this is a special token, such as EOS, that leaves no text when special tokens are
   * skipped.
   *
   * @param id an id
   * @return whether it is special
   */
  boolean isSpecial(int id);

  /**
   * Whether a chat template belongs to the checkpoint.
   *
   * @return whether {@link #renderChat} works
   */
  boolean hasChatTemplate();

  /**
   * Renders a conversation with the checkpoint's chat template, as transformers' {@code
   * apply_chat_template} does. The text holds its special tokens: encode it without adding more.
   *
   * @param messages the conversation
   * @param addGenerationPrompt whether to open the assistant's turn at the end
   * @param variables more variables for the template, such as {@code enable_thinking}
   * @return the prompt text
   * @throws ChatTemplateException if there is no template, or it refuses the conversation
   */
  String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables);
}
