package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The normalizers of a tokenizer, and what they can do to a text. */
final class NormalizerFormat {
  private final Parts parts = new Parts();
  private final List<RunLimit> runs = new ArrayList<>();
  private boolean mayRemove;
  private boolean keepsAscii = true;
  private boolean mayMakeSpace;
  private boolean changes;
  private boolean shrinks;
  private boolean composes;
  private boolean byteLevel;
  private double growth = 1;
  private final JsonNode json;

  /**
   * Checks the normalizer.
   *
   * @param field where it stands; may be absent
   */
  NormalizerFormat(Field field) {
    json = field.present().<JsonNode>map(this::check).orElse(JsonNodeFactory.instance.nullNode());
  }

  JsonNode json() {
    return json;
  }

  /** What the normalizers' own patterns ask of a text. */
  List<RunLimit> runs() {
    return runs;
  }

  /** Whether a text that has a printable character of ASCII keeps one. */
  boolean keepsAscii() {
    return keepsAscii;
  }

  /** Whether some text may become empty. */
  boolean mayRemove() {
    return mayRemove;
  }

  /** Whether whitespace may come out where none went in. */
  boolean mayMakeSpace() {
    return mayMakeSpace;
  }

  /** Whether runs of a character may come out longer than they went in, or as another. */
  boolean changes() {
    return changes;
  }

  /** Whether a text stays as it is, or its characters are composed at most. */
  boolean composesAtMost() {
    return json.isNull() || json.path("type").asText().equals("NFC");
  }

  /** Whether a text becomes the characters that stand for its bytes. */
  boolean endsByteLevel() {
    return byteLevel;
  }

  /** How many characters become one at most; 0 if there is no limit. */
  int shrinkage() {
    int mostComposed = 4;
    return shrinks ? 0 : composes ? mostComposed : 1;
  }

  /** How many times as many bytes may come out, as far as replacements go. */
  double growth() {
    return growth;
  }

  private ObjectNode check(Field field) {
    String type = parts.enter(field);
    ObjectNode out = JsonNodeFactory.instance.objectNode().put("type", type);
    switch (type) {
      case "Sequence" -> checkSequence(field, out);
      case "BertNormalizer" -> checkBert(field, out);
      case "Strip" -> checkStrip(field, out);
      case "Replace" -> checkReplace(field, out);
      case "Prepend" -> checkPrepend(field, out);
      case "Precompiled" -> checkPrecompiled(field, out);
      case "NFC", "NFKC" -> {
        composes = true;
        changes |= type.equals("NFKC");
      }
      case "NFD" -> {}
      case "NFKD", "Lowercase" -> changes = true;
      case "ByteLevel" -> {
        byteLevel = true;
        changes = true;
      }
      case "StripAccents", "Nmt" -> {
        remove();
        mayMakeSpace |= type.equals("Nmt");
      }
      default -> throw parts.unknown(field, "a normalizer");
    }
    parts.leave();
    return out;
  }

  private void remove() {
    mayRemove = true;
    changes = true;
    shrinks = true;
  }

  private void checkSequence(Field field, ObjectNode out) {
    ArrayNode all = out.putArray("normalizers");
    field.get("normalizers").elements().forEach(each -> all.add(check(each)));
  }

  private void checkBert(Field field, ObjectNode out) {
    out.put("clean_text", field.get("clean_text").flag());
    out.put("handle_chinese_chars", field.get("handle_chinese_chars").flag());
    Field accents = field.get("strip_accents");
    out.set(
        "strip_accents",
        accents.isAbsent()
            ? JsonNodeFactory.instance.nullNode()
            : JsonNodeFactory.instance.booleanNode(accents.flag()));
    out.put("lowercase", field.get("lowercase").flag());
    remove();
    mayMakeSpace = true;
  }

  private void checkStrip(Field field, ObjectNode out) {
    out.put("strip_left", field.get("strip_left").flag());
    out.put("strip_right", field.get("strip_right").flag());
    remove();
  }

  private void checkPrepend(Field field, ObjectNode out) {
    String text = field.get("prepend").nonEmptyText();
    field.get("prepend").check(text.length() <= Parts.LONGEST_TEXT, Parts.SHORT_TEXT);
    mayMakeSpace |= hasSpace(text);
    out.put("prepend", text);
  }

  private void checkPrecompiled(Field field, ObjectNode out) {
    CharacterMap map = CharacterMap.of(field.get("precompiled_charsmap"));
    out.put("precompiled_charsmap", map.encoded());
    field
        .get("precompiled_charsmap")
        .check(map.longest() <= Parts.LONGEST_TEXT, "a map of short replacements");
    keepsAscii &= map.keepsAscii();
    mayMakeSpace = true;
    remove();
  }

  private void checkReplace(Field field, ObjectNode out) {
    // A run may be another one after what came before.
    boolean changed = changes;
    Parts.Replacement replacement = Parts.replacement(field, out);
    field
        .get("pattern")
        .check(replacement.pattern().shortest() > 0, "a pattern that never matches the empty text");
    replacement
        .pattern()
        .runs()
        .forEach(run -> runs.add(changed ? new RunLimit(CharacterSet.ANY, run.most()) : run));
    String content = replacement.content();
    mayMakeSpace |= hasSpace(content);
    mayRemove |= content.isBlank();
    keepsAscii &=
        !replacement.pattern().takesPrintable() || SafePattern.literal(content).takesPrintable();
    double most =
        (double) content.getBytes(StandardCharsets.UTF_8).length / replacement.pattern().shortest();
    growth *= Math.max(1, most);
    field.check(growth <= Parts.MOST_GROWTH, "replacements that make a text no longer than that");
    shrinks |= !replacement.keepsLength();
    changes = true;
  }

  private static boolean hasSpace(String text) {
    return text.codePoints().anyMatch(CharacterSet.WHITESPACE::mayHold);
  }
}
