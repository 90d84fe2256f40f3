package io.proxytune.core.retokenizing;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tokenizer whose ids come behind the base's. As safe for use by several threads as the one that
 * it wraps.
 */
public final class RetokenizedTokenizer implements Tokenizer {
  private final Tokenizer own;
  private final int first;

  RetokenizedTokenizer(Tokenizer own, int first) {
    this.own = own;
    this.first = first;
  }

  /**
   * The tokenizer that reads texts.
   *
   * @param tokenizer any tokenizer
   * @return the one that is wrapped, or the same
   */
  public static Tokenizer unwrap(Tokenizer tokenizer) {
    return tokenizer instanceof RetokenizedTokenizer retokenized ? retokenized.own : tokenizer;
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return Arrays.stream(own.encode(text, addSpecialTokens)).map(id -> id + first).toArray();
  }

  /**
   * {@inheritDoc}
   *
   * <p>The base's ids leave no text.
   */
  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    int[] known =
        Arrays.stream(ids)
            .filter(id -> id < 0 || id >= first)
            .map(id -> id < 0 ? id : id - first) // which are for the tokenizer to refuse
            .toArray();
    return own.decode(known, skipSpecialTokens);
  }

  @Override
  public int vocabularySize() {
    return first + own.vocabularySize();
  }

  @Override
  public Optional<String> token(int id) {
    return id < first ? Optional.empty() : own.token(id - first);
  }

  @Override
  public Optional<Integer> id(String token) {
    return own.id(token).map(id -> id + first);
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= first && own.isSpecial(id - first);
  }

  @Override
  public boolean hasChatTemplate() {
    return own.hasChatTemplate();
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    return own.renderChat(messages, addGenerationPrompt, variables);
  }
}
