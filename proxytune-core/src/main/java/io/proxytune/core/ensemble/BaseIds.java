package io.proxytune.core.ensemble;

import io.proxytune.Tokenizer;
import io.proxytune.core.renumbering.Numbering;
import io.proxytune.core.renumbering.RenumberedModel;
import io.proxytune.core.renumbering.RenumberedTokenizer;
import io.proxytune.core.renumbering.Renumbering;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.vocabulary.ModelVocabulary;
import io.proxytune.core.vocabulary.VocabularyRelation;
import io.proxytune.core.vocabulary.VocabularyRelation.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives models that have the base's tokens at other ids the base's ids, so that a token has one id
 * in all of a tuner. For one thread.
 */
final class BaseIds {
  private static final Logger logger = LoggerFactory.getLogger(BaseIds.class);

  private final ModelRole base;
  private final Renumbering renumbering;

  BaseIds(ModelRole base, LogitMath math) {
    this.base = base;
    this.renumbering = new Renumbering(math);
  }

  /** The model with the base's ids: as it is where it has them, or where nothing can be done. */
  ModelRole toBase(ModelRole model) {
    VocabularyRelation relation = VocabularyRelation.of(ids(base), ids(model));
    if (relation.kind() != Kind.OTHER_IDS) {
      return model;
    }
    logger.info(
        "the {} has the tokens of the {} at other ids, {} of its {}: ids are mapped, and the other"
            + " tokens are not steered",
        model.describe(),
        base.describe(),
        relation.common(),
        relation.tokens());
    Numbering numbering = Numbering.of(ids(model), ids(base));
    RenumberedModel source = renumbering.of(model.source(), numbering);
    return new ModelRole(
        model.role(),
        model.pair(),
        source,
        model.vocabulary().map(own -> renumbered(own, numbering)),
        model.textTokenizer().map(own -> renumbered(own, numbering)));
  }

  private static Tokenizer renumbered(Tokenizer own, Numbering numbering) {
    return new RenumberedTokenizer(own, numbering);
  }

  /** The ids of a model and the tokens that they are. */
  static ModelVocabulary ids(ModelRole role) {
    return new ModelVocabulary(role.vocabulary(), role.source().width());
  }
}
