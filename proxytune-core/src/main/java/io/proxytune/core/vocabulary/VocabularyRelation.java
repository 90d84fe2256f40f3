package io.proxytune.core.vocabulary;

import com.google.common.collect.ImmutableList;
import io.proxytune.core.tokenizer.format.Splitting;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How one model's vocabulary relates to that of a model that it is to steer: immutable.
 *
 * <p>Logits are added token by token. So models fit where no id means different tokens to them, or
 * else where the ids of one can be numbered as the other's are. The latter takes more than tokens
 * of the same spelling: a model predicts how texts go on in its own tokens, and only two tokenizers
 * that split texts alike, whatever numbers they give the tokens, mean the same by them. Whether
 * they do is told from their parts (normalizer, pre-tokenizer, merges or scores), not from a sample
 * of texts or a share of tokens. Added tokens may be in one of them alone.
 *
 * @param kind what it is
 * @param tokens the number of the first model's tokens
 * @param otherTokens the number of the other's
 * @param common how many tokens both have, at whatever ids
 * @param differing the ids that mean different tokens, in ascending order
 * @param splitting the parts of the tokenizers that split texts differently, where that is known
 *     and so
 */
public record VocabularyRelation(
    Kind kind,
    int tokens,
    int otherTokens,
    int common,
    List<Integer> differing,
    Optional<String> splitting) {

  /** The other vocabulary, seen from the first one. */
  public enum Kind {
    /** The same tokens at the same ids, and as many logits. */
    EQUAL,
    /** The same tokens at the same ids; one model's rows of logits are padded, or padded more. */
    PADDED,
    /** The other has all tokens at the same ids, and more. */
    SUPERSET,
    /** The other lacks tokens, and has those that it has at the same ids. */
    SUBSET,
    /** Each has tokens that the other lacks, and what both have is at the same ids. */
    OVERLAPPING,
    /** The same tokens but for added ones, at other ids. */
    OTHER_IDS,
    /** Ids mean different tokens, and the texts are split differently. */
    DIFFERENT,
    /** A model has no tokenizer, and ids are taken to mean the same. */
    UNKNOWN
  }

  public VocabularyRelation {
    differing = ImmutableList.copyOf(differing);
  }

  /**
   * Compares two vocabularies.
   *
   * @param first the vocabulary of the model that is steered
   * @param other the vocabulary of a model that steers it
   * @return the relation
   */
  public static VocabularyRelation of(ModelVocabulary first, ModelVocabulary other) {
    if (first.tokenizer().isEmpty() || other.tokenizer().isEmpty()) {
      return new VocabularyRelation(
          Kind.UNKNOWN, count(first), count(other), 0, List.of(), Optional.empty());
    }
    Comparison comparison = new Comparison(first, other);
    return new VocabularyRelation(
        comparison.kind(),
        count(first),
        count(other),
        comparison.common(),
        comparison.differing,
        comparison.splitting());
  }

  private static int count(ModelVocabulary vocabulary) {
    return (int)
        IntStream.range(0, vocabulary.width())
            .filter(id -> vocabulary.token(id).isPresent())
            .count();
  }

  /**
   * Whether the models can be run together.
   *
   * @return true unless they are {@link Kind#DIFFERENT}
   */
  public boolean fits() {
    return kind != Kind.DIFFERENT;
  }

  /**
   * The share of the first vocabulary's tokens that the other has, at whatever ids.
   *
   * @return from 0 to 1
   */
  public double share() {
    return tokens == 0 ? 0 : (double) common / tokens;
  }

  /** Two vocabularies that have tokens. */
  private static final class Comparison {
    private final ModelVocabulary first;
    private final ModelVocabulary other;
    private final List<Integer> differing;

    private Comparison(ModelVocabulary first, ModelVocabulary other) {
      this.first = first;
      this.other = other;
      this.differing = both().filter(id -> !sameToken(id)).boxed().toList();
    }

    private IntStream both() {
      int end = Math.min(first.width(), other.width());
      return first.tokenizer().equals(other.tokenizer())
          ? IntStream.empty()
          : IntStream.range(0, end)
              .filter(id -> first.token(id).isPresent() && other.token(id).isPresent());
    }

    private boolean sameToken(int id) {
      return first.token(id).equals(other.token(id));
    }

    private Kind kind() {
      if (!differing.isEmpty()) {
        return splitAlike() ? Kind.OTHER_IDS : Kind.DIFFERENT;
      }
      boolean lacks = hasMore(first, other);
      boolean hasMore = hasMore(other, first);
      if (lacks || hasMore) {
        return !lacks ? Kind.SUPERSET : !hasMore ? Kind.SUBSET : Kind.OVERLAPPING;
      }
      return first.width() == other.width() ? Kind.EQUAL : Kind.PADDED;
    }

    private static boolean hasMore(ModelVocabulary one, ModelVocabulary than) {
      return IntStream.range(0, one.width())
          .anyMatch(id -> one.token(id).isPresent() && than.token(id).isEmpty());
    }

    private int common() {
      return (int)
          IntStream.range(0, first.width())
              .filter(id -> first.token(id).flatMap(other::id).isPresent())
              .count();
    }

    private boolean splitAlike() {
      return first.splitting().isPresent()
          && splitting().isEmpty()
          && other.splitting().isPresent();
    }

    private Optional<String> splitting() {
      Optional<Splitting> theirs = other.splitting();
      return first.splitting().flatMap(ours -> theirs.flatMap(ours::difference));
    }
  }
}
