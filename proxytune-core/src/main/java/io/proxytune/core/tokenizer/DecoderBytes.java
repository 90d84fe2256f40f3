package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Iterables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes that a checkpoint's decoder makes of each token, where that does not depend on the
 * tokens around it but at the very begin of a text. Safe for use by several threads.
 */
final class DecoderBytes implements TokenBytes {
  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");
  private static final int HEX = 16;
  private static final byte[] NONE = {};

  private final Vocabulary vocabulary;
  private final boolean isByteLevel;
  private final boolean hasByteTokens;
  private final List<UnaryOperator<String>> replacements = new ArrayList<>();

  /**
   * Reads a decoder.
   *
   * @param decoder the decoder of a {@code tokenizer.json}
   * @throws IllegalArgumentException if it joins tokens otherwise
   */
  DecoderBytes(JsonNode decoder, Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    boolean isSequence = decoder.path("type").asText().equals("Sequence");
    Iterable<JsonNode> parts = isSequence ? decoder.path("decoders") : List.of(decoder);
    boolean hasLevel = false;
    boolean hasFallback = false;
    for (JsonNode part : parts) {
      String type = part.path("type").asText();
      switch (type) {
        case "ByteLevel" -> hasLevel = true;
        case "ByteFallback" -> hasFallback = true;
        case "Metaspace" -> replacements.add(replacement(part.path("replacement"), " "));
        case "Replace" ->
            replacements.add(
                replacement(part.path("pattern").path("String"), part.path("content").asText()));
        case "Fuse", "Strip" -> {} // which cuts what a text begins with
        case "" -> replacements.add(token -> " " + token); // tokens are joined with spaces
        default -> throw unknown("the decoder " + type);
      }
    }
    isByteLevel = hasLevel;
    hasByteTokens = hasFallback;
    if (isByteLevel && Iterables.size(parts) > 1) {
      throw unknown("a decoder of bytes beside others");
    }
  }

  private static UnaryOperator<String> replacement(JsonNode pattern, String content) {
    if (!pattern.isTextual()) {
      throw unknown("a decoder that replaces what a regular expression finds");
    }
    return token -> token.replace(pattern.textValue(), content);
  }

  private static IllegalArgumentException unknown(String what) {
    return new IllegalArgumentException(
        "constraints need a tokenizer whose tokens are texts of their own, and this one has "
            + what);
  }

  @Override
  public int size() {
    return vocabulary.size();
  }

  @Override
  public byte[] bytes(int id) {
    return vocabulary.isSpecial(id) ? NONE : vocabulary.token(id).map(this::bytesOf).orElse(NONE);
  }

  private byte[] bytesOf(String token) {
    if (isByteLevel) {
      return ByteAlphabet.bytes(token);
    }
    Matcher matcher = BYTE.matcher(token);
    if (hasByteTokens && matcher.matches()) {
      return new byte[] {(byte) Integer.parseInt(matcher.group(1), HEX)};
    }
    String text = token;
    for (UnaryOperator<String> replacement : replacements) {
      text = replacement.apply(text);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
