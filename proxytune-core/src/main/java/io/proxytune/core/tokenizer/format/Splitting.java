package io.proxytune.core.tokenizer.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.HashCode;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.proxytune.core.files.JsonOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What decides into which tokens a text is split, whatever numbers the tokens have: immutable.
 * Added tokens are left out, as they are found as they are spelled: two tokenizers of one splitting
 * split every text alike that has no token in it which one of them lacks.
 *
 * @param normalizer a digest of what is done to a text first
 * @param preTokenizer a digest of how it is cut into words
 * @param model a digest of how words become tokens: the merges and their order, or the tokens and
 *     their scores
 */
public record Splitting(HashCode normalizer, HashCode preTokenizer, HashCode model) {
  private static final HashFunction DIGEST = Hashing.murmur3_128();
  private static final String MERGES = "merges";
  private static final String VOCABULARY = "vocab";

  /** It says which part of a text a token stands for, not where words end. */
  private static final String OFFSETS = "trim_offsets";

  /** Digests the checked parts of a tokenizer. */
  static Splitting of(
      JsonNode normalizer, JsonNode preTokenizer, ObjectNode model, List<String> added) {
    return new Splitting(
        digest(normalizer), digest(withoutOffsets(preTokenizer)), model(model, Set.copyOf(added)));
  }

  /**
   * What two tokenizers split differently by.
   *
   * @param other another tokenizer's splitting
   * @return the parts that differ, for messages; nothing where they split alike
   */
  public Optional<String> difference(Splitting other) {
    String parts =
        Stream.of(
                normalizer.equals(other.normalizer) ? "" : "normalizer",
                preTokenizer.equals(other.preTokenizer) ? "" : "pre-tokenizer",
                model.equals(other.model) ? "" : "model (merges, or tokens and scores)")
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", "));
    return parts.isEmpty() ? Optional.empty() : Optional.of(parts);
  }

  private static HashCode digest(JsonNode json) {
    return DIGEST.hashString(JsonOutput.compact(json), UTF_8);
  }

  private static JsonNode withoutOffsets(JsonNode preTokenizer) {
    JsonNode copy = preTokenizer.deepCopy();
    copy.findParents(OFFSETS).forEach(part -> ((ObjectNode) part).remove(OFFSETS));
    return copy;
  }

  private static HashCode model(ObjectNode model, Set<String> added) {
    List<HashCode> tokens = new ArrayList<>();
    tokens.add(DIGEST.hashInt(0)); // there may be none
    boolean all = !dependsOnMergesAlone(model);
    JsonNode vocabulary = model.path(VOCABULARY);
    if (vocabulary.isArray()) {
      vocabulary.forEach(
          entry -> addToken(tokens, entry.path(0).asText(), entry.path(1).asDouble(), added));
    } else {
      vocabulary
          .fieldNames()
          .forEachRemaining(
              token -> {
                if (all || isCharacter(token)) {
                  addToken(tokens, token, 0, added);
                }
              });
    }
    Hasher hasher = DIGEST.newHasher().putBytes(Hashing.combineUnordered(tokens).asBytes());
    hasher.putString(JsonOutput.compact(settings(model)), UTF_8);
    model.path(MERGES).forEach(merge -> putMerge(hasher, merge));
    return hasher.hash();
  }

  private static void addToken(
      List<HashCode> tokens, String token, double score, Set<String> added) {
    if (!added.contains(token)) {
      tokens.add(DIGEST.newHasher().putUnencodedChars(token).putDouble(score).hash());
    }
  }

  /** Where merges begin with characters, no other token comes about but by a merge. */
  private static boolean dependsOnMergesAlone(ObjectNode model) {
    return model.path("type").asText().equals("BPE")
        && !model.path("ignore_merges").asBoolean()
        && model.path("continuing_subword_prefix").asText("").isEmpty()
        && model.path("end_of_word_suffix").asText("").isEmpty();
  }

  private static boolean isCharacter(String token) {
    return token.codePointCount(0, token.length()) == 1;
  }

  /** What a model has beside tokens and merges; the unknown token by its spelling. */
  private static ObjectNode settings(ObjectNode model) {
    ObjectNode settings = model.objectNode();
    model.properties().stream()
        .filter(part -> !Set.of(MERGES, VOCABULARY, "unk_id").contains(part.getKey()))
        .filter(part -> !part.getValue().asText().isEmpty())
        .forEach(part -> settings.set(part.getKey(), part.getValue()));
    if (model.path("unk_id").isInt()) {
      settings.set(
          "unk_token", model.path(VOCABULARY).path(model.path("unk_id").intValue()).path(0));
    }
    return settings;
  }

  /** Either two tokens, or both in a text with a space between. */
  private static void putMerge(Hasher hasher, JsonNode merge) {
    String pair =
        merge.isTextual()
            ? merge.textValue()
            : merge.path(0).asText() + " " + merge.path(1).asText();
    hasher.putUnencodedChars(pair).putChar('\n');
  }
}
