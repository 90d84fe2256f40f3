package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The pre-tokenizers of a tokenizer, which split a text into words. */
final class PreTokenizerFormat {
  private static final String[] BEHAVIORS = {
    "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"
  };

  /** The native library's own pattern of GPT-2. */
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private final Parts parts = new Parts();
  private final List<RunLimit> runs = new ArrayList<>();
  private final JsonNode json;
  private boolean byteLevel;
  private boolean drops;
  private boolean changed;

  /**
   * Checks the pre-tokenizer.
   *
   * @param field where it stands; may be absent
   * @param changed whether the normalizer makes other characters of a text
   */
  PreTokenizerFormat(Field field, boolean changed) {
    this.changed = changed;
    json = field.present().<JsonNode>map(this::check).orElse(JsonNodeFactory.instance.nullNode());
  }

  JsonNode json() {
    return json;
  }

  /** What the pre-tokenizers' patterns ask of a text. */
  List<RunLimit> runs() {
    return runs;
  }

  /** Whether a text becomes the characters that stand for its bytes. */
  boolean isByteLevel() {
    return byteLevel;
  }

  /** Whether parts of a text may be dropped. */
  boolean drops() {
    return drops;
  }

  private ObjectNode check(Field field) {
    String type = parts.enter(field);
    ObjectNode out = JsonNodeFactory.instance.objectNode().put("type", type);
    switch (type) {
      case "Sequence" -> {
        ArrayNode all = out.putArray("pretokenizers");
        field.get("pretokenizers").elements().forEach(each -> all.add(check(each)));
      }
      case "ByteLevel" -> checkByteLevel(field, out);
      case "Metaspace" -> {
        checkMetaspace(field, out);
        changed = true;
      }
      case "Split" -> checkSplit(field, out);
      case "Digits" -> out.put("individual_digits", field.get("individual_digits").flag());
      case "Punctuation" -> {
        Field behavior = field.get("behavior");
        out.put("behavior", behavior.isAbsent() ? "Isolated" : behavior.oneOf(BEHAVIORS));
        drops |= out.path("behavior").asText().equals("Removed");
      }
      case "CharDelimiterSplit" -> {
        out.put("delimiter", field.get("delimiter").character());
        drops = true;
      }
      case "FixedLength" ->
          out.put(
              "length",
              field.get("length").isAbsent() ? 5 : field.get("length").integer(1, 1 << 20));
      case "BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts" -> drops = true;
      default -> throw parts.unknown(field, "a pre-tokenizer");
    }
    parts.leave();
    return out;
  }

  private void checkByteLevel(Field field, ObjectNode out) {
    if (writeByteLevel(field, out)) {
      JsonNode pattern = JsonNodeFactory.instance.textNode(GPT2);
      addRuns(SafePattern.of(new Field(field.file(), field.path(), pattern)));
    }
    byteLevel = true;
    changed = true;
  }

  /** Where a text was changed before, every run of it may have become one of these. */
  private void addRuns(SafePattern pattern) {
    pattern
        .runs()
        .forEach(run -> runs.add(changed ? new RunLimit(CharacterSet.ANY, run.most()) : run));
  }

  private void checkSplit(Field field, ObjectNode out) {
    addRuns(Parts.pattern(field, out));
    out.put("behavior", field.get("behavior").oneOf(BEHAVIORS));
    out.put("invert", field.get("invert").flag());
    drops |= out.path("behavior").asText().equals("Removed");
  }

  /**
   * Writes the options that every byte-level part has.
   *
   * @return whether it splits with the pattern of GPT-2
   */
  static boolean writeByteLevel(Field field, ObjectNode out) {
    out.put("add_prefix_space", field.get("add_prefix_space").flag());
    out.put("trim_offsets", field.get("trim_offsets").flag());
    boolean splits = field.get("use_regex").flag(true);
    out.put("use_regex", splits);
    return splits;
  }

  /** Writes a Metaspace part, a pre-tokenizer or a decoder. */
  static void checkMetaspace(Field field, ObjectNode out) {
    out.put("replacement", field.get("replacement").character());
    boolean prefix = field.get("add_prefix_space").flag(true);
    Field scheme = field.get("prepend_scheme");
    String name =
        scheme.isAbsent()
            ? (prefix ? "always" : "never")
            : scheme.oneOf("first", "never", "always");
    scheme.check(prefix || name.equals("never"), "never, as add_prefix_space is false");
    out.put("prepend_scheme", name);
    out.put("split", field.get("split").flag(true));
  }

  /**
   * The regular expression that splits a text before everything else, if its matches become words
   * wherever in the text they stand.
   */
  Optional<String> firstPattern() {
    JsonNode first =
        json.path("type").asText().equals("Sequence") ? json.path("pretokenizers").path(0) : json;
    String type = first.path("type").asText();
    boolean keepsWords =
        List.of("Isolated", "Removed").contains(first.path("behavior").asText())
            && !first.path("invert").asBoolean();
    // Metaspace treats the beginning of a text in its own way.
    if (json.findValuesAsText("type").contains("Metaspace")) {
      return Optional.empty();
    }
    if (type.equals("Split") && keepsWords) {
      return Optional.ofNullable(first.path("pattern").path("Regex").textValue());
    }
    return type.equals("ByteLevel")
            && first.path("use_regex").asBoolean()
            && !first.path("add_prefix_space").asBoolean()
        ? Optional.of(GPT2)
        : Optional.empty();
  }
}
