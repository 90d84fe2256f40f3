package io.proxytune.bench;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.SpellsBytes;
import io.proxytune.core.tokenizer.TokenBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A vocabulary of all bytes and of words, numbers and pieces of punctuation at random, of lengths
 * as real ones have them. It encodes nothing. Safe for use by several threads.
 */
final class WordBytes implements Tokenizer, SpellsBytes {
  static final int END = 256;
  private static final String LETTERS = "etaoinshrdlucmfwypvbgkjqxz";
  private static final String MARKS = "\"{}[]:,.;()<>=+-*/_'!? \n";

  private final List<byte[]> tokens = new ArrayList<>();

  WordBytes(int size) {
    for (int b = 0; b <= END; b++) {
      tokens.add(b == END ? new byte[0] : new byte[] {(byte) b});
    }
    Random random = new Random(size);
    Set<String> words = new LinkedHashSet<>();
    while (words.size() < size - END - 1) {
      words.add(word(random));
    }
    words.forEach(word -> tokens.add(word.getBytes(StandardCharsets.UTF_8)));
  }

  /** Some 86 % are words, as in Qwen's vocabulary; half of those begin with a space. */
  private static String word(Random random) {
    int kind = random.nextInt(100);
    String alphabet = kind < 86 ? LETTERS : kind < 93 ? MARKS : "0123456789éü中文д";
    StringBuilder word = new StringBuilder(kind < 43 ? " " : "");
    for (int length = 2 + random.nextInt(kind < 86 ? 8 : 3); length > 0; length--) {
      double skewed = random.nextDouble() * random.nextDouble();
      word.append(alphabet.charAt((int) (alphabet.length() * skewed)));
    }
    return word.toString();
  }

  @Override
  public TokenBytes tokenBytes() {
    return new TokenBytes() {
      @Override
      public int size() {
        return tokens.size();
      }

      @Override
      public byte[] bytes(int id) {
        return tokens.get(id);
      }
    };
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int vocabularySize() {
    return tokens.size();
  }

  @Override
  public Optional<String> token(int id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Integer> id(String token) {
    return Optional.empty(); // it has no special token that a form could name
  }

  @Override
  public boolean isSpecial(int id) {
    return id == END;
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
