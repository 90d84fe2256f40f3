package io.proxytune.core.retokenizing;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The longest piece follows the longest. The first pieces are the begin and the end of a text,
 * which read as nothing.
 */
final class PieceTokenizer implements Tokenizer {
  static final int BEGIN = 0;
  static final int END = 1;
  private static final int SPECIAL = 2;

  private final List<String> pieces = new ArrayList<>(List.of("<s>", "</s>"));

  PieceTokenizer(List<String> pieces) {
    this.pieces.addAll(pieces);
  }

  int width() {
    return pieces.size();
  }

  String piece(int id) {
    return id < SPECIAL ? "" : pieces.get(id);
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    List<Integer> ids = new ArrayList<>(addSpecialTokens ? List.of(BEGIN) : List.of());
    int end = 0;
    while (end < text.length()) {
      int longest = END;
      for (int id = SPECIAL; id < pieces.size(); id++) {
        boolean isLonger = pieces.get(id).length() > piece(longest).length();
        longest = isLonger && text.startsWith(pieces.get(id), end) ? id : longest;
      }
      ids.add(longest); // what has no piece is the end
      end += Math.max(1, piece(longest).length());
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    StringBuilder text = new StringBuilder();
    Arrays.stream(ids).forEach(id -> text.append(piece(id)));
    return text.toString();
  }

  @Override
  public int vocabularySize() {
    return pieces.size();
  }

  @Override
  public Optional<String> token(int id) {
    return id >= 0 && id < pieces.size() ? Optional.of(pieces.get(id)) : Optional.empty();
  }

  @Override
  public Optional<Integer> id(String token) {
    return Optional.of(pieces.indexOf(token)).filter(id -> id >= 0);
  }

  @Override
  public boolean isSpecial(int id) {
    return id < SPECIAL;
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
