package io.proxytune.core.fit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.proxytune.Role;
import io.proxytune.core.vocabulary.VocabularyRelation;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What several models can be to each other, told from their folders: immutable. Weights are not
 * loaded, and no native code runs but the tokenizers'.
 */
public final class FitReport {
  private final List<FitModel> models;
  private final List<List<Optional<VocabularyRelation>>> relations;
  private final Optional<FitTrio> trio;
  private final List<String> advice;

  private FitReport(
      List<FitModel> models,
      List<List<Optional<VocabularyRelation>>> relations,
      Optional<FitTrio> trio,
      List<String> advice) {
    this.models = ImmutableList.copyOf(models);
    this.relations = ImmutableList.copyOf(relations);
    this.trio = trio;
    this.advice = ImmutableList.copyOf(advice);
  }

  /**
   * Compares folders. One that can't be loaded does not keep the others from being compared: the
   * report says what is wrong with it.
   *
   * @param folders two or more folders of checkpoints and LoRA adapters
   * @return the report
   * @throws IllegalArgumentException if there are fewer than two
   */
  public static FitReport of(List<Path> folders) {
    checkArgument(
        folders.size() >= 2, "give two or more folders to compare, got %s", folders.size());
    List<Candidate> candidates = Candidate.read(folders);
    List<List<Optional<VocabularyRelation>>> relations =
        indices(candidates)
            .mapToObj(
                first -> indices(candidates).mapToObj(o -> relation(candidates, first, o)).toList())
            .toList();
    List<FitModel> models =
        indices(candidates).mapToObj(i -> model(i, candidates.get(i), relations)).toList();
    Comparison comparison = new Comparison(candidates, models, relations);
    Optional<FitTrio> trio = new TrioChooser(comparison).choose();
    return new FitReport(models, relations, trio, new FitAdvice(comparison, trio).lines());
  }

  private static IntStream indices(List<Candidate> candidates) {
    return IntStream.range(0, candidates.size());
  }

  private static Optional<VocabularyRelation> relation(
      List<Candidate> candidates, int first, int other) {
    Candidate one = candidates.get(first);
    Candidate another = candidates.get(other);
    return one.isUsable() && another.isUsable() && first != other
        ? Optional.of(VocabularyRelation.of(one.vocabulary(), another.vocabulary()))
        : Optional.empty();
  }

  private static FitModel model(
      int index, Candidate candidate, List<List<Optional<VocabularyRelation>>> relations) {
    List<VocabularyRelation> others =
        relations.get(index).stream().flatMap(Optional::stream).toList();
    boolean useful = others.stream().anyMatch(VocabularyRelation::fits);
    Optional<String> useless =
        useful ? Optional.empty() : Optional.of("no other model here shares its vocabulary");
    return new FitModel(
        candidate.name(),
        candidate.path(),
        candidate.adapter().isPresent(),
        candidate.host(),
        candidate.isUsable() ? Optional.of(candidate.facts()) : Optional.empty(),
        candidate.problem().or(() -> useless),
        useful ? roles(candidate) : Set.of());
  }

  /** An adapter stands beside its model's weights; merged into them it could be more. */
  private static Set<Role> roles(Candidate candidate) {
    return candidate.adapter().isPresent() ? EnumSet.of(Role.EXPERT) : EnumSet.allOf(Role.class);
  }

  /**
   * The folders, in the order in which they were given.
   *
   * @return two or more; unmodifiable
   */
  public List<FitModel> models() {
    return models;
  }

  /**
   * How a vocabulary relates to another.
   *
   * @param first the index of the model that is steered
   * @param other the index of one that steers it
   * @return the relation; nothing where one can't be loaded, or both are the same
   * @throws IndexOutOfBoundsException if there is no such model
   */
  public Optional<VocabularyRelation> relation(int first, int other) {
    return relations.get(first).get(other);
  }

  /**
   * The three that are best used together: a small model tuned and the same untuned, and the
   * largest of the others.
   *
   * @return the trio, if there is one
   */
  public Optional<FitTrio> trio() {
    return trio;
  }

  /**
   * What to change, and what to know.
   *
   * @return sentences without a period; unmodifiable, empty where all is well
   */
  public List<String> advice() {
    return advice;
  }
}
