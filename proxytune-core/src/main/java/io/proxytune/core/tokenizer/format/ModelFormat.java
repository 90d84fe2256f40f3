package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.IntStream;

/** The model of a tokenizer: its vocabulary, and how words become tokens of it. */
final class ModelFormat {
  /** The bytes of a token; real ones have some hundred. */
  private static final int LONGEST_TOKEN = 4096;

  /** The native library walks down a token's bytes by recursion when it frees a Unigram model. */
  private static final int LONGEST_OF_UNIGRAM = 256;

  private static final int MOST_CHARACTERS_OF_A_WORD = 256;

  private final Field field;
  private final TokenNames names = new TokenNames();
  private final ObjectNode json;
  private boolean readsEveryByte;

  /**
   * Checks the model.
   *
   * @param field where it stands
   * @param isByteLevel whether words come as characters that stand for bytes
   */
  ModelFormat(Field field, boolean isByteLevel) {
    this.field = field.object();
    String type = field.get("type").isAbsent() ? oldType() : field.get("type").text();
    json = JsonNodeFactory.instance.objectNode().put("type", type);
    switch (type) {
      case "BPE" -> checkBpe(isByteLevel);
      case "Unigram" -> checkUnigram();
      case "WordPiece" -> checkWordPiece();
      case "WordLevel" -> {
        checkVocabulary();
        json.put("unk_token", unknownToken());
      }
      default -> throw field.get("type").refusal("one of BPE, Unigram, WordPiece, WordLevel");
    }
  }

  ObjectNode json() {
    return json;
  }

  TokenNames names() {
    return names;
  }

  /** Whether every text becomes tokens of which none stands for more than it spells. */
  boolean readsEveryByte() {
    return readsEveryByte;
  }

  /** Old files don't say the type. */
  private String oldType() {
    if (!field.get("merges").isAbsent()) {
      return "BPE";
    }
    if (field.get("vocab").node().isArray()) {
      return "Unigram";
    }
    return field.get("max_input_chars_per_word").isAbsent() ? "WordLevel" : "WordPiece";
  }

  private void checkVocabulary() {
    Field vocab = field.get("vocab");
    vocab.check(vocab.node().isObject() && !vocab.node().isEmpty(), "an object with a token");
    ObjectNode out = json.putObject("vocab");
    for (Map.Entry<String, JsonNode> entry : vocab.members()) {
      String token = checkToken(vocab, entry.getKey(), LONGEST_TOKEN);
      int id =
          new Field(vocab.file(), vocab.path() + "." + token, entry.getValue())
              .integer(0, TokenNames.MOST_ID);
      names.add(token, id);
      out.put(token, id);
    }
  }

  private static String checkToken(Field where, String token, int most) {
    where.check(
        token.length() <= most && token.getBytes(StandardCharsets.UTF_8).length <= most,
        "made of tokens of at most " + most + " bytes");
    return where.checkWhole(token);
  }

  private String unknownToken() {
    String token = field.get("unk_token").text();
    field.get("unk_token").check(names.hasInModel(token), "a token of the vocabulary");
    return token;
  }

  private void checkWordPiece() {
    checkVocabulary();
    json.put("unk_token", unknownToken());
    json.put("continuing_subword_prefix", affix("continuing_subword_prefix"));
    json.put(
        "max_input_chars_per_word",
        field.get("max_input_chars_per_word").integer(0, MOST_CHARACTERS_OF_A_WORD));
  }

  private String affix(String name) {
    String affix = field.get(name).text();
    field.get(name).check(affix.length() <= Parts.LONGEST_TEXT, Parts.SHORT_TEXT);
    return affix;
  }

  private void checkUnigram() {
    Field vocab = field.get("vocab");
    ArrayNode out = json.putArray("vocab");
    int id = 0;
    for (Field entry : vocab.elements()) {
      entry.check(entry.node().isArray() && entry.node().size() == 2, "a token and its score");
      String token = checkToken(entry, entry.get(0).text(), LONGEST_OF_UNIGRAM);
      JsonNode score = entry.get(1).node();
      entry.get(1).check(score.isNumber() && isPlain(score.doubleValue()), "a finite number");
      names.add(token, id++);
      out.addArray().add(token).add(score);
    }
    vocab.check(id > 0 && id <= TokenNames.MOST_ID, "an array with a token");
    json.put("unk_id", field.get("unk_id").integer(0, id - 1));
    json.put("byte_fallback", field.get("byte_fallback").flag(false));
  }

  private static boolean isPlain(double score) {
    double largest = 1e30;
    return Math.abs(score) <= largest;
  }

  private void checkBpe(boolean isByteLevel) {
    checkVocabulary();
    String prefix = optionalAffix("continuing_subword_prefix");
    optionalAffix("end_of_word_suffix");
    json.put("fuse_unk", field.get("fuse_unk").flag(false));
    boolean fallsBack = field.get("byte_fallback").flag(false);
    json.put("byte_fallback", fallsBack);
    json.put("ignore_merges", field.get("ignore_merges").flag(false));
    checkDropout();
    readsEveryByte = isByteLevel ? hasAllBytes() : fallsBack && hasAllFallbacks();
    checkUnknownOfBpe(isByteLevel && readsEveryByte);
    new MergesFormat(field.get("merges"), names, prefix).write(json.putArray("merges"));
  }

  private String optionalAffix(String name) {
    String affix = field.get(name).isAbsent() ? "" : affix(name);
    if (!field.get(name).isAbsent()) {
      json.put(name, affix);
    }
    return affix;
  }

  /** Dropped merges make a text's ids a matter of chance: that is for training alone. */
  private void checkDropout() {
    Field dropout = field.get("dropout");
    dropout.check(
        dropout.isAbsent() || (dropout.node().isNumber() && dropout.node().doubleValue() == 0),
        "null or 0");
  }

  /** A name that stands for no token is harmless where no character can be unknown. */
  private void checkUnknownOfBpe(boolean knowsAll) {
    Field unknown = field.get("unk_token");
    if (!unknown.isAbsent() && (names.hasInModel(unknown.text()) || !knowsAll)) {
      json.put("unk_token", unknownToken());
    }
  }

  /** The characters of the byte-level alphabet: 188 that stand for themselves, and 68 others. */
  private boolean hasAllBytes() {
    return IntStream.concat(
            IntStream.concat(IntStream.rangeClosed('!', '~'), IntStream.rangeClosed(0xA1, 0xAC)),
            IntStream.concat(IntStream.rangeClosed(0xAE, 0xFF), IntStream.range(0x100, 0x144)))
        .allMatch(c -> names.hasInModel(Character.toString(c)));
  }

  private boolean hasAllFallbacks() {
    return IntStream.range(0, 256)
        .allMatch(b -> names.hasInModel(String.format(java.util.Locale.ROOT, "<0x%02X>", b)));
  }
}
