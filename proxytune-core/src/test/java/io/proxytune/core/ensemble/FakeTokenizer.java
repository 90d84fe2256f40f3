package io.proxytune.core.ensemble;

import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A vocabulary of given tokens; the longest that fits is taken. Tokens in angle brackets are
 * special; {@code <s>} begins every text if there is one.
 */
public final class FakeTokenizer implements Tokenizer {
  /** {@code <s>}, {@code </s>}, then a to z, space, and a few longer tokens: 40 ids. */
  public static final FakeTokenizer LETTERS = new FakeTokenizer(letters(), false);

  private final List<String> tokens;
  private final boolean template;

  public FakeTokenizer(List<String> tokens, boolean template) {
    this.tokens = List.copyOf(tokens);
    this.template = template;
  }

  public static List<String> letters() {
    List<String> tokens = new ArrayList<>(List.of("<s>", "</s>"));
    for (char c = 'a'; c <= 'z'; c++) {
      tokens.add(String.valueOf(c));
    }
    tokens.addAll(List.of(" ", "the", "abc", "\n", ":", "[", "]", ".", "!", "?", "cat", "-"));
    return tokens;
  }

  public FakeTokenizer withTemplate() {
    return new FakeTokenizer(tokens, true);
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    List<Integer> ids = new ArrayList<>();
    if (addSpecialTokens) {
      id("<s>").ifPresent(ids::add);
    }
    for (int at = 0; at < text.length(); ) {
      int id = longestAt(text, at);
      ids.add(id);
      at += tokens.get(id).length();
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private int longestAt(String text, int at) {
    int best = -1;
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      if (!token.isEmpty()
          && text.startsWith(token, at)
          && (best < 0 || token.length() > tokens.get(best).length())) {
        best = id;
      }
    }
    if (best < 0) {
      throw new AssertionError("no token for '" + text.substring(at) + "'");
    }
    return best;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      if (id < tokens.size() && !(skipSpecialTokens && isSpecial(id))) {
        text.append(tokens.get(id));
      }
    }
    return text.toString();
  }

  @Override
  public int vocabularySize() {
    return tokens.size();
  }

  /** An empty token is a hole. */
  @Override
  public Optional<String> token(int id) {
    return id >= 0 && id < tokens.size() && !tokens.get(id).isEmpty()
        ? Optional.of(tokens.get(id))
        : Optional.empty();
  }

  @Override
  public Optional<Integer> id(String token) {
    int id = tokens.indexOf(token);
    return id < 0 ? Optional.empty() : Optional.of(id);
  }

  @Override
  public boolean isSpecial(int id) {
    return id < tokens.size() && tokens.get(id).matches("<.*>");
  }

  @Override
  public boolean hasChatTemplate() {
    return template;
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    if (!template) {
      throw new ChatTemplateException("no chat template");
    }
    StringBuilder text = new StringBuilder("<s>");
    messages.forEach(m -> text.append('[').append(m.role()).append(']').append(m.content()));
    variables.forEach((name, value) -> text.append(name).append(':').append(value));
    return text.append(addGenerationPrompt ? "[assistant]" : "").toString();
  }
}
