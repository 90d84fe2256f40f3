package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** The decoders of a tokenizer, which join tokens to a text. */
final class DecoderFormat {
  private final Parts parts = new Parts();
  private final JsonNode json;
  private double growth = 1;

  /**
   * Checks the decoder.
   *
   * @param field where it stands; may be absent
   */
  DecoderFormat(Field field) {
    json = field.present().<JsonNode>map(this::check).orElse(JsonNodeFactory.instance.nullNode());
  }

  JsonNode json() {
    return json;
  }

  /** How many times as many bytes as its tokens have a text may have. */
  double growth() {
    int spaceBeforeEach = 2;
    int replacementCharacter = 3;
    return growth * spaceBeforeEach * replacementCharacter;
  }

  private ObjectNode check(Field field) {
    String type = parts.enter(field);
    ObjectNode out = JsonNodeFactory.instance.objectNode().put("type", type);
    switch (type) {
      case "Sequence" -> {
        ArrayNode all = out.putArray("decoders");
        field.get("decoders").elements().forEach(each -> all.add(check(each)));
      }
      case "ByteLevel" -> PreTokenizerFormat.writeByteLevel(field, out);
      case "Metaspace" -> PreTokenizerFormat.checkMetaspace(field, out);
      case "WordPiece" -> {
        out.put("prefix", field.get("prefix").text());
        out.put("cleanup", field.get("cleanup").flag());
      }
      case "BPEDecoder" -> out.put("suffix", field.get("suffix").nonEmptyText());
      case "CTC" -> {
        out.put("pad_token", field.get("pad_token").nonEmptyText());
        out.put("word_delimiter_token", field.get("word_delimiter_token").nonEmptyText());
        out.put("cleanup", field.get("cleanup").flag());
      }
      case "Strip" -> checkStrip(field, out);
      case "Replace" -> checkReplace(field, out);
      case "Fuse", "ByteFallback" -> {}
      default -> throw parts.unknown(field, "a decoder");
    }
    parts.leave();
    return out;
  }

  /** The native library ends the process where a token is shorter than what is cut off its end. */
  private static void checkStrip(Field field, ObjectNode out) {
    out.put("content", field.get("content").character());
    out.put("start", field.get("start").integer(0, Integer.MAX_VALUE));
    out.put("stop", field.get("stop").integer(0, 0));
  }

  private void checkReplace(Field field, ObjectNode out) {
    Parts.Replacement replacement = Parts.replacement(field, out);
    field
        .get("pattern")
        .check(
            replacement.pattern().shortest() > 0 && replacement.pattern().runs().isEmpty(),
            "a pattern that never matches the empty text and never looks far ahead");
    double bytes = replacement.content().getBytes(StandardCharsets.UTF_8).length;
    growth *= Math.max(1, bytes / replacement.pattern().shortest());
    field.check(growth <= Parts.MOST_GROWTH, "replacements that make a text no longer than that");
  }
}
