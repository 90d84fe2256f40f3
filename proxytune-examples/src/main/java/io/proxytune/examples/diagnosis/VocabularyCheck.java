package io.proxytune.examples.diagnosis;

import io.proxytune.core.vocabulary.VocabularyRelation;
import io.proxytune.examples.diagnosis.Figure.Unit;
import io.proxytune.examples.diagnosis.VocabularyFacts.Steering;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Whether all models mean the same by a token. */
final class VocabularyCheck {
  private final VocabularyFacts facts;
  private final Thresholds thresholds;
  private final List<Figure> figures = new ArrayList<>();
  private final List<String> doubts = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private VocabularyCheck(VocabularyFacts facts, Thresholds thresholds) {
    this.facts = facts;
    this.thresholds = thresholds;
  }

  static Finding of(VocabularyFacts facts, Texts texts, Thresholds thresholds) {
    VocabularyCheck check = new VocabularyCheck(facts, thresholds);
    facts.models().forEach(check::add);
    check.addUnsteered(texts);
    boolean beyond = check.figures.stream().anyMatch(Figure::isBeyond);
    boolean seen = beyond || !check.doubts.isEmpty();
    List<String> all = new ArrayList<>(check.doubts);
    all.addAll(check.notes);
    return new Finding(
        Signature.VOCABULARY,
        Finding.State.of(seen),
        check.figures,
        all,
        seen
            ? List.of(
                "Take small models of the base's own family: inspect BASE EXPERT ANTI-EXPERT says"
                    + " how vocabularies compare. Ids that a pair lacks get no offset.")
            : List.of());
  }

  private void addUnsteered(Texts texts) {
    figures.add(
        Figure.of(
                "generated tokens a pair lacks",
                "unsteered",
                Unit.SHARE,
                texts.share(token -> !token.complete()))
            .atMost(thresholds.mostUnsteered()));
  }

  private void add(Steering model) {
    VocabularyRelation relation = model.relation();
    if (relation.kind() == VocabularyRelation.Kind.UNKNOWN) {
      doubt("The %s or the base has no tokenizer: their ids are taken to mean the same.", model);
    } else {
      figures.add(
          Figure.of(
                  "base's tokens the " + model.role() + " has",
                  model.role().replaceAll("[^a-z0-9]", "_") + "_has",
                  Unit.SHARE,
                  relation.share())
              .atLeast(thresholds.leastShared()));
    }
    relation
        .splitting()
        .ifPresent(
            parts ->
                doubts.add(format("The %s splits texts differently (%s).", model.role(), parts)));
    addIds(model, relation);
    addEnds(model);
    if (model.untouchedTemplate()) {
      note("The %s has a chat template and was given plain prompts: --chat gives it.", model);
    }
  }

  private void addIds(Steering model, VocabularyRelation relation) {
    int lacks = relation.tokens() - relation.common();
    int more = relation.otherTokens() - relation.common();
    switch (relation.kind()) {
      case PADDED -> note("The %s has the same tokens, and rows of another width.", model);
      case OTHER_IDS ->
          notes.add(
              format(
                  "%d ids mean other tokens to the %s: they are matched by their spelling.",
                  relation.differing().size(), model.role()));
      case SUPERSET, SUBSET, OVERLAPPING ->
          notes.add(
              format(
                  "The %s lacks %d of the base's tokens, and has %d of its own.",
                  model.role(), lacks, more));
      case EQUAL, UNKNOWN, DIFFERENT -> {
        // nothing to know, or said before
      }
    }
  }

  private void addEnds(Steering model) {
    if (!model.unknownEnds().isEmpty()) {
      doubts.add(
          format(
              "The %s ends texts with %s, which the base lacks: give --stop or --max-new-tokens.",
              model.role(), String.join(", ", new TreeSet<>(model.unknownEnds()))));
    } else if (!model.ends().isEmpty() && !model.ends().equals(facts.baseEnds())) {
      notes.add(
          format(
              "The %s ends texts with %s, the base with %s; texts end at either.",
              model.role(), named(model.ends()), named(facts.baseEnds())));
    }
  }

  private static String named(Set<String> tokens) {
    return tokens.isEmpty() ? "no token" : String.join(", ", new TreeSet<>(tokens));
  }

  private void doubt(String sentence, Steering model) {
    doubts.add(format(sentence, model.role()));
  }

  private void note(String sentence, Steering model) {
    notes.add(format(sentence, model.role()));
  }

  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
