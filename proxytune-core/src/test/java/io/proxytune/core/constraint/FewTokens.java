package io.proxytune.core.constraint;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A tokenizer of an application's own, which only decodes. */
final class FewTokens implements Tokenizer {
  private final List<String> tokens;

  FewTokens(String... tokens) {
    this.tokens = List.of(tokens);
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(isSpecial(id) && skipSpecialTokens ? "" : tokens.get(id));
    }
    return text.toString();
  }

  @Override
  public int vocabularySize() {
    return tokens.size();
  }

  @Override
  public Optional<String> token(int id) {
    return id < tokens.size() ? Optional.of(tokens.get(id)) : Optional.empty();
  }

  @Override
  public Optional<Integer> id(String token) {
    return Optional.of(tokens.indexOf(token)).filter(id -> id >= 0);
  }

  @Override
  public boolean isSpecial(int id) {
    return tokens.get(id).startsWith("<");
  }

  @Override
  public boolean hasChatTemplate() {
    return false;
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    throw new UnsupportedOperationException();
  }
}
