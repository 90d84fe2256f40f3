package io.proxytune.core.ensemble;

import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.VocabularyMismatchException;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.vocabulary.VocabularyRelation;
import java.util.BitSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares vocabularies by content: logits are added id by id, so an id must mean the same token to
 * every model that has it. Sizes may differ; checkpoints pad theirs.
 */
final class VocabularyCheck {
  private static final Logger logger = LoggerFactory.getLogger(VocabularyCheck.class);
  private static final int SHOWN = 5;

  private final ModelRole base;
  private final BitSet baseIds;

  VocabularyCheck(ModelRole base) {
    this.base = base;
    this.baseIds = ids(base);
  }

  IdRange emittable() {
    return IdRange.of(baseIds);
  }

  /**
   * The ids that the base and all of a pair's models have; beside their tokens those that
   * checkpoints pad rows of logits with, where all do: they are never picked, but they count in a
   * distribution.
   *
   * @throws VocabularyMismatchException if one of them is another token in the base
   */
  IdRange sharedIds(ModelRole... helpers) {
    BitSet shared = (BitSet) baseIds.clone();
    BitSet padding = padding(base);
    for (ModelRole helper : helpers) {
      checkSameTokens(helper);
      shared.and(ids(helper));
      padding.and(helper.vocabulary().isPresent() ? padding(helper) : ids(helper));
    }
    shared.or(padding);
    return IdRange.of(shared);
  }

  /** The ids that a model has a logit but no token for. */
  private static BitSet padding(ModelRole role) {
    BitSet padding = new BitSet();
    IntStream.range(0, role.source().width())
        .filter(id -> role.reads(id) && !role.hasId(id))
        .forEach(padding::set);
    return padding;
  }

  /**
   * The ids that end a text for a model, as far as they are the same tokens to the base: its
   * vocabulary may be smaller.
   */
  Set<Integer> endOfTextIds(ModelRole model) {
    Set<Integer> ids = model.source().endOfTextIds();
    Set<Integer> shared =
        ids.stream()
            .filter(id -> baseIds.get(id) && model.hasId(id) && !differs(model, id))
            .collect(Collectors.toUnmodifiableSet());
    if (shared.size() < ids.size()) {
      logger.info(
          "the {} ends texts with ids {}, of which the {} has {}: the others don't end a text",
          model.describe(),
          ids,
          base.describe(),
          shared);
    }
    return shared;
  }

  private boolean differs(ModelRole model, int id) {
    return base.vocabulary().isPresent()
        && model.vocabulary().isPresent()
        && differs(base.vocabulary().get(), model.vocabulary().get(), id);
  }

  private static BitSet ids(ModelRole role) {
    BitSet ids = new BitSet();
    IntStream.range(0, role.source().width()).filter(role::hasId).forEach(ids::set);
    return ids;
  }

  private void checkSameTokens(ModelRole helper) {
    if (base.vocabulary().isEmpty() || helper.vocabulary().isEmpty()) {
      return;
    }
    Tokenizer ours = base.vocabulary().get();
    Tokenizer theirs = helper.vocabulary().get();
    int end = Math.min(base.source().width(), helper.source().width());
    int[] differing =
        CheckedTokenizer.given(ours) == CheckedTokenizer.given(theirs)
            ? new int[0]
            : IntStream.range(0, end).filter(id -> differs(ours, theirs, id)).toArray();
    if (differing.length > 0) {
      throw new VocabularyMismatchException(message(helper, ours, theirs, differing));
    }
  }

  private static boolean differs(Tokenizer ours, Tokenizer theirs, int id) {
    Optional<String> token = ours.token(id);
    Optional<String> other = theirs.token(id);
    return token.isPresent() && other.isPresent() && !token.equals(other);
  }

  private String message(ModelRole helper, Tokenizer ours, Tokenizer theirs, int[] differing) {
    String examples =
        IntStream.of(differing)
            .limit(SHOWN)
            .mapToObj(
                id ->
                    String.format(
                        "id %d is '%s' to the base and '%s' to the %s",
                        id,
                        ours.token(id).orElse(""),
                        theirs.token(id).orElse(""),
                        helper.role() == Role.EXPERT ? "expert" : "anti-expert"))
            .collect(Collectors.joining("; "));
    VocabularyRelation relation = VocabularyRelation.of(BaseIds.ids(base), BaseIds.ids(helper));
    return String.format(
        Locale.ROOT,
        "the vocabularies of the %s and the %s differ in %d ids: %s%s. %d of the base's %d tokens"
            + " (%.1f %%) are in both, but %s, so that logits can't be added token by token: use"
            + " models that share a vocabulary, or steer across tokenizers"
            + " (ExpertPair.acrossTokenizers; --across-tokenizers)",
        base.describe(),
        helper.describe(),
        differing.length,
        examples,
        differing.length > SHOWN ? "; …" : "",
        relation.common(),
        relation.tokens(),
        100 * relation.share(),
        relation
            .splitting()
            .map(parts -> "the tokenizers split texts differently (" + parts + ")")
            .orElse("it is not known whether the tokenizers split texts alike"));
  }
}
