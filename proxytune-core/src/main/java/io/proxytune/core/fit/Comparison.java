package io.proxytune.core.fit;

import io.proxytune.core.retokenizing.VocabularyMapping;
import io.proxytune.core.vocabulary.ModelVocabulary;
import io.proxytune.core.vocabulary.VocabularyRelation;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Models that were compared, each with all others.
 *
 * @param candidates their folders
 * @param models what they can be
 * @param relations of a first model's vocabulary to another's
 */
record Comparison(
    List<Candidate> candidates,
    List<FitModel> models,
    List<List<Optional<VocabularyRelation>>> relations) {

  IntStream indices() {
    return IntStream.range(0, models.size());
  }

  /** Those that others have a use for. */
  IntStream useful() {
    return indices().filter(i -> !models.get(i).roles().isEmpty());
  }

  FitModel model(int index) {
    return models.get(index);
  }

  ModelFacts facts(int index) {
    return models.get(index).facts().orElseThrow();
  }

  Optional<VocabularyRelation> relation(int first, int other) {
    return relations.get(first).get(other);
  }

  boolean fit(int first, int other) {
    return relation(first, other).map(VocabularyRelation::fits).orElse(false);
  }

  /** How far offsets of another model reach a model's tokens across tokenizers. */
  Optional<VocabularyMapping> mapping(int first, int other) {
    return VocabularyMapping.of(
        candidates.get(first).vocabulary(), candidates.get(other).vocabulary());
  }

  /** Whether a model has a token, or its tokens are not known. */
  boolean hasToken(int index, String token) {
    ModelVocabulary vocabulary = candidates.get(index).vocabulary();
    return vocabulary.tokenizer().isEmpty() || vocabulary.id(token).isPresent();
  }
}
