package io.proxytune.core.ensemble;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A tokenizer that is another but for what is overridden. */
public abstract class DelegatingTokenizer implements Tokenizer {
  private final Tokenizer tokenizer;

  protected DelegatingTokenizer(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return tokenizer.encode(text, addSpecialTokens);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    return tokenizer.decode(ids, skipSpecialTokens);
  }

  @Override
  public int vocabularySize() {
    return tokenizer.vocabularySize();
  }

  @Override
  public Optional<String> token(int id) {
    return tokenizer.token(id);
  }

  @Override
  public Optional<Integer> id(String token) {
    return tokenizer.id(token);
  }

  @Override
  public boolean isSpecial(int id) {
    return tokenizer.isSpecial(id);
  }

  @Override
  public boolean hasChatTemplate() {
    return tokenizer.hasChatTemplate();
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    return tokenizer.renderChat(messages, addGenerationPrompt, variables);
  }
}
