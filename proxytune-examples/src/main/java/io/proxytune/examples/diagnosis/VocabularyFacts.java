package io.proxytune.examples.diagnosis;

import io.proxytune.core.fit.FitReport;
import io.proxytune.core.fit.ModelFacts;
import io.proxytune.core.vocabulary.VocabularyRelation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * How the vocabularies of the models that steer relate to the base's: immutable.
 *
 * @param models each model that steers
 * @param baseEnds the tokens that end the base's texts
 */
public record VocabularyFacts(List<Steering> models, Set<String> baseEnds) {
  /** Before the number of an id of which no tokenizer tells the token. */
  private static final String UNSPELLED = "id ";

  public VocabularyFacts {
    models = List.copyOf(models);
    baseEnds = Set.copyOf(baseEnds);
  }

  /**
   * A model that steers.
   *
   * @param role for people, such as {@code expert 2}
   * @param relation of the base's vocabulary to its own
   * @param ends the tokens with which it ends texts; none of an anti-expert, which ends none
   * @param unknownEnds those of them that the base lacks
   * @param untouchedTemplate whether it is an expert that has a chat template and was given plain
   *     prompts
   */
  public record Steering(
      String role,
      VocabularyRelation relation,
      Set<String> ends,
      Set<String> unknownEnds,
      boolean untouchedTemplate) {
    public Steering {
      ends = Set.copyOf(ends);
      unknownEnds = Set.copyOf(unknownEnds);
    }
  }

  /** The tokens that end a text, of the base and of those that steer. */
  Set<String> ends() {
    Set<String> ends = new TreeSet<>(baseEnds);
    models.forEach(model -> ends.addAll(model.ends()));
    return ends;
  }

  /**
   * Reads a comparison of the base, and then the expert and the anti-expert of each pair.
   *
   * @param roles what each model is for, for people, the base first
   * @param baseHas whether the base has a token
   * @param plainPrompts whether no expert read a chat template
   */
  public static VocabularyFacts of(
      FitReport report, List<String> roles, Predicate<String> baseHas, boolean plainPrompts) {
    List<Steering> models = new ArrayList<>();
    for (int model = 1; model < roles.size(); model++) {
      boolean expert = model % 2 == 1;
      Set<String> ends = expert ? ends(report, model) : Set.of();
      Set<String> unknown = new TreeSet<>(ends);
      unknown.removeIf(end -> end.startsWith(UNSPELLED) || baseHas.test(end));
      boolean untouched = plainPrompts && expert && hasTemplate(report, model);
      String role = roles.get(model);
      report
          .relation(0, model)
          .ifPresent(it -> models.add(new Steering(role, it, ends, unknown, untouched)));
    }
    return new VocabularyFacts(models, ends(report, 0));
  }

  private static Set<String> ends(FitReport report, int model) {
    Set<String> ends = new TreeSet<>();
    report
        .models()
        .get(model)
        .facts()
        .map(ModelFacts::endOfText)
        .orElse(Map.of())
        .forEach((id, token) -> ends.add(token.isEmpty() ? UNSPELLED + id : token));
    return ends;
  }

  private static boolean hasTemplate(FitReport report, int model) {
    return report.models().get(model).facts().map(ModelFacts::chatTemplate).orElse(false);
  }
}
