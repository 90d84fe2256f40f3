package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Streams;
import com.google.common.primitives.Ints;
import io.proxytune.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tells when the text of some ids can no longer change by the ids that follow. */
interface CharacterRule {
  /**
   * Whether a cut after these ids splits no character.
   *
   * @param ids one id or more in a row, beginning where a cut is right
   * @return whether their text is final
   */
  boolean isComplete(List<Integer> ids);

  /**
   * The rule of a decoder.
   *
   * @param decoder the decoder of a {@code tokenizer.json}
   * @param tokens the token of an id
   * @return the rule
   */
  static CharacterRule of(JsonNode decoder, IntFunction<Optional<String>> tokens) {
    if (contains(decoder, "ByteLevel")) {
      return new ByteLevel(tokens);
    }
    return contains(decoder, "ByteFallback") ? new ByteFallback(tokens) : ids -> true;
  }

  /**
   * Whether a tokenizer spells its tokens in bytes.
   *
   * @param tokenizer the root of a {@code tokenizer.json}
   * @return whether it does before the model or after it
   */
  static boolean isByteLevel(JsonNode tokenizer) {
    return Stream.of("normalizer", "pre_tokenizer", "decoder", "post_processor")
        .anyMatch(part -> contains(tokenizer.path(part), "ByteLevel"));
  }

  private static boolean contains(JsonNode component, String type) {
    if (component.path("type").asText().equals(type)) {
      return true;
    }
    return Stream.of("decoders", "normalizers", "pretokenizers", "processors")
        .flatMap(parts -> Streams.stream(component.path(parts)))
        .anyMatch(part -> contains(part, type));
  }

  /**
   * A rule for a tokenizer of which nothing is known: byte pieces in a row are held back, and so is
   * a text that ends with U+FFFD.
   *
   * @param tokenizer the tokenizer
   * @return the rule
   */
  static CharacterRule guess(Tokenizer tokenizer) {
    int mostPiecesOfACharacter = 4;
    CharacterRule pieces = new ByteFallback(tokenizer::token);
    return ids ->
        pieces.isComplete(ids)
            && (ids.size() >= mostPiecesOfACharacter
                || !tokenizer.decode(Ints.toArray(ids), true).endsWith("\uFFFD"));
  }

  /**
   * Tokens such as {@code <0xE4>} stand for bytes. The decoder reads bytes in a row together: one
   * that is wrong turns all of them into U+FFFD, so nothing is final until the row ends.
   *
   * @param tokens the token of an id
   */
  record ByteFallback(IntFunction<Optional<String>> tokens) implements CharacterRule {
    private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

    @Override
    public boolean isComplete(List<Integer> ids) {
      String last = tokens.apply(ids.get(ids.size() - 1)).orElse("");
      return !BYTE.matcher(last).matches();
    }
  }

  /**
   * Each character of a token stands for a byte, and the bytes are UTF-8.
   *
   * @param tokens the token of an id
   */
  record ByteLevel(IntFunction<Optional<String>> tokens) implements CharacterRule {
    @Override
    public boolean isComplete(List<Integer> ids) {
      byte[] tail = new byte[Utf8.LONGEST_INCOMPLETE];
      int from = tail.length;
      for (int i = ids.size() - 1; i >= 0 && from > 0; i--) {
        byte[] bytes = ByteAlphabet.bytes(tokens.apply(ids.get(i)).orElse(""));
        int count = Math.min(from, bytes.length);
        from -= count;
        System.arraycopy(bytes, bytes.length - count, tail, from, count);
      }
      return !Utf8.endsInsideCharacter(tail, from);
    }
  }
}
