package io.proxytune.core.ensemble;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.ChatMessage;
import io.proxytune.ModelException;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.SplitsText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An application's own tokenizer, which is named with the method where it answers null. */
public final class CheckedTokenizer implements Tokenizer {
  private final Tokenizer own;

  private CheckedTokenizer(Tokenizer own) {
    this.own = own;
  }

  /** The tokenizer with its answers checked, or a checkpoint's as it is. */
  static Tokenizer of(Tokenizer tokenizer) {
    return tokenizer instanceof SplitsText ? tokenizer : new CheckedTokenizer(tokenizer);
  }

  /**
   * The tokenizer that the application gave.
   *
   * @param tokenizer a tokenizer of a role
   * @return the same, or what it checks
   */
  public static Tokenizer given(Tokenizer tokenizer) {
    return tokenizer instanceof CheckedTokenizer checked ? checked.own : tokenizer;
  }

  private <T> T present(@Nullable T answer, String method, String expected) {
    if (answer == null) {
      throw new ModelException(
          lenientFormat(
              "the tokenizer (%s) returned null from %s, expected %s",
              own.getClass(), method, expected));
    }
    return answer;
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return present(own.encode(text, addSpecialTokens), "encode(...)", "ids, or an empty array");
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    return present(own.decode(ids, skipSpecialTokens), "decode(...)", "a text, or an empty one");
  }

  @Override
  public int vocabularySize() {
    return own.vocabularySize();
  }

  @Override
  public Optional<String> token(int id) {
    return present(own.token(id), "token(" + id + ")", "an Optional");
  }

  @Override
  public Optional<Integer> id(String token) {
    return present(own.id(token), "id(...)", "an Optional");
  }

  @Override
  public boolean isSpecial(int id) {
    return own.isSpecial(id);
  }

  @Override
  public boolean hasChatTemplate() {
    return own.hasChatTemplate();
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    return present(
        own.renderChat(messages, addGenerationPrompt, variables), "renderChat(...)", "a text");
  }
}
