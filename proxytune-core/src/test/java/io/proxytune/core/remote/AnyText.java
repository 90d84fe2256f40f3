package io.proxytune.core.remote;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.FakeTokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A vocabulary of letters that leaves out of a text what it has no token for. */
record AnyText(FakeTokenizer letters) implements Tokenizer {
  AnyText(List<String> tokens) {
    this(new FakeTokenizer(tokens, false));
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return letters.encode(text.replaceAll("[^a-z ]", ""), addSpecialTokens);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    return letters.decode(ids, skipSpecialTokens);
  }

  @Override
  public int vocabularySize() {
    return letters.vocabularySize();
  }

  @Override
  public Optional<String> token(int id) {
    return letters.token(id);
  }

  @Override
  public Optional<Integer> id(String token) {
    return letters.id(token);
  }

  @Override
  public boolean isSpecial(int id) {
    return letters.isSpecial(id);
  }

  @Override
  public boolean hasChatTemplate() {
    return false;
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    return letters.renderChat(messages, addGenerationPrompt, variables);
  }
}
