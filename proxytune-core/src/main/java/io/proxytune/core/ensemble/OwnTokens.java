package io.proxytune.core.ensemble;

import io.proxytune.Tokenizer;
import io.proxytune.VocabularyMismatchException;
import io.proxytune.core.retokenizing.RetokenizedModel;
import io.proxytune.core.vocabulary.VocabularyRelation;
import io.proxytune.core.vocabulary.VocabularyRelation.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets pairs read texts in tokens of their own, where these are not the base's. For one thread. */
final class OwnTokens {
  private static final Logger logger = LoggerFactory.getLogger(OwnTokens.class);

  private final ModelRole base;

  OwnTokens(ModelRole base) {
    this.base = base;
  }

  /** Whether a pair's tokens are not the base's, at whatever ids. */
  boolean differ(ModelRole expert, ModelRole antiExpert) {
    return !relation(base, expert).fits() || !relation(base, antiExpert).fits();
  }

  private static VocabularyRelation relation(ModelRole one, ModelRole other) {
    return VocabularyRelation.of(BaseIds.ids(one), BaseIds.ids(other));
  }

  /** The pair's models, which read the base's tokens as bytes, and say what they mean for these. */
  List<ModelRole> retokenized(ModelRole expert, ModelRole antiExpert, int candidates) {
    requireOneTokenizer(expert, antiExpert);
    VocabularyRelation relation = relation(base, expert);
    logger.info(
        "the {} has a tokenizer of its own, with {} of the {} tokens of the {}: it reads texts in"
            + " its own tokens, and its offsets are translated; nothing is drafted",
        expert.describe(),
        relation.common(),
        relation.tokens(),
        base.describe());
    List<RetokenizedModel> models = models(expert, antiExpert, candidates);
    return List.of(inPlace(expert, models.get(0)), inPlace(antiExpert, models.get(1)));
  }

  private List<RetokenizedModel> models(ModelRole expert, ModelRole antiExpert, int candidates) {
    Tokenizer tokenizer = base.vocabulary().orElseThrow();
    try {
      return RetokenizedModel.pair(
          expert.source(), antiExpert.source(), tokenizer, base.source(), candidates);
    } catch (IllegalArgumentException e) {
      throw new VocabularyMismatchException(
          String.format(
              "the %s can't steer the %s across tokenizers, for which the bytes of every token have"
                  + " to be known: %s",
              expert.describe(), base.describe(), e.getMessage()),
          e);
    }
  }

  private static void requireOneTokenizer(ModelRole expert, ModelRole antiExpert) {
    VocabularyRelation relation = relation(expert, antiExpert);
    if (relation.kind() == Kind.DIFFERENT || relation.kind() == Kind.OTHER_IDS) {
      throw new VocabularyMismatchException(
          String.format(
              Locale.ROOT,
              "the %s and the %s have %d ids that mean different tokens to them, and a pair that"
                  + " steers across tokenizers has one tokenizer of its own: use an expert that was"
                  + " tuned from this anti-expert",
              expert.describe(),
              antiExpert.describe(),
              relation.differing().size()));
    }
  }

  private static ModelRole inPlace(ModelRole role, RetokenizedModel model) {
    return new ModelRole(role.role(), role.pair(), model, Optional.empty(), model.tokenizer());
  }
}
