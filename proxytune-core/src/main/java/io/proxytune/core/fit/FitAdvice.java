package io.proxytune.core.fit;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.core.vocabulary.VocabularyRelation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a user should change or know before models are used together. */
final class FitAdvice {
  private static final String THREE =
      "a base, and a smaller model both tuned and untuned (or a LoRA adapter and the model that it"
          + " is on)";

  private final Comparison models;
  private final Optional<FitTrio> trio;
  private final List<String> lines = new ArrayList<>();
  private final List<Said> said = new ArrayList<>();

  /** Models of whose vocabularies something was said. */
  private record Said(int first, int other) {}

  FitAdvice(Comparison models, Optional<FitTrio> trio) {
    this.models = models;
    this.trio = trio;
  }

  List<String> lines() {
    addProblems();
    addVocabularies();
    if (trio.isEmpty()) {
      addNoTrio();
    }
    trio.ifPresent(this::addTrio);
    return lines;
  }

  private void add(String format, Object... arguments) {
    lines.add(lenientFormat(format, arguments));
  }

  private static String letter(int index) {
    return FitModel.letter(index);
  }

  private ModelFacts facts(int index) {
    return models.facts(index);
  }

  private void addProblems() {
    models.indices().forEach(this::addProblem);
  }

  private void addProblem(int index) {
    FitModel model = models.model(index);
    if (model.facts().isEmpty()) {
      add("%s can't be used: %s", letter(index), model.problem().orElseThrow());
    } else if (facts(index).tokens() == 0) {
      add(
          "%s has no tokenizer.json, so its ids are taken to mean the others' tokens: add the"
              + " tokenizer that it was trained with",
          letter(index));
    }
  }

  private void addVocabularies() {
    models
        .indices()
        .forEach(
            first ->
                models
                    .indices()
                    .filter(other -> other > first)
                    .forEach(o -> addRelation(first, o)));
  }

  private void addRelation(int first, int other) {
    models
        .relation(first, other)
        .filter(relation -> !isSaid(first, other))
        .ifPresent(relation -> addRelation(first, other, relation));
  }

  /** Whether it was said of models with these vocabularies. */
  private boolean isSaid(int first, int other) {
    return said.stream()
        .anyMatch(
            pair ->
                (alike(pair.first, first) && alike(pair.other, other))
                    || (alike(pair.first, other) && alike(pair.other, first)));
  }

  private boolean alike(int one, int another) {
    return one == another
        || models
            .relation(one, another)
            .filter(relation -> relation.fits() && relation.splitting().isEmpty())
            .isPresent();
  }

  private void addRelation(int first, int other, VocabularyRelation relation) {
    if (relation.fits() && relation.splitting().isEmpty()) {
      return;
    }
    said.add(new Said(first, other));
    if (!relation.fits()) {
      add(
          "%s and %s can't steer each other: %s of %s's tokens are in %s, but %s ids mean different"
              + " tokens%s. Take models of one vocabulary",
          letter(first),
          letter(other),
          percent(relation.share()),
          letter(first),
          letter(other),
          relation.differing().size(),
          relation
              .splitting()
              .map(parts -> ", and texts are split differently (" + parts + ")")
              .orElse(""));
      addMapping(first, other);
      addMapping(other, first);
    } else {
      add(
          "%s and %s have the same ids but split texts differently (%s): each reads prompts as its"
              + " own tokenizer splits them",
          letter(first), letter(other), relation.splitting().orElseThrow());
    }
  }

  private void addMapping(int first, int other) {
    models
        .mapping(first, other)
        .ifPresent(
            mapping ->
                add(
                    "across tokenizers (--across-tokenizers) %s can steer %s all the same: %s of"
                        + " %s's %s tokens read as one of %s does, %s as several; in short texts of"
                        + " several languages %s and %s of the tokens",
                    letter(other),
                    letter(first),
                    mapping.exact(),
                    letter(first),
                    mapping.tokens(),
                    letter(other),
                    mapping.spelled(),
                    percent(mapping.exactShare()),
                    percent(mapping.spelledShare())));
  }

  static String percent(double share) {
    double shown = Math.floor(share * 1000) / 10; // 100 % is all of them
    return String.format(Locale.ROOT, shown == 100 ? "%.0f %%" : "%.1f %%", shown);
  }

  private void addNoTrio() {
    List<Integer> useful = models.useful().boxed().toList();
    if (useful.size() == 2) {
      add("%s are two models; proxy-tuning takes %s", FitModel.letters(useful), THREE);
    } else if (useful.size() > 2) {
      add(
          "no two of %s are one model tuned and untuned with a base beside them; proxy-tuning takes"
              + " %s",
          FitModel.letters(useful), THREE);
    }
  }

  private void addTrio(FitTrio chosen) {
    if (!chosen.certain()) {
      add(
          "the files do not say which of %s and %s is the tuned one: the first named is taken",
          letter(chosen.expert()), letter(chosen.antiExpert()));
    }
    if (facts(chosen.base()).parameters() < facts(chosen.antiExpert()).parameters()) {
      add(
          "the base %s is smaller than the models that steer it: tuning it directly would cost"
              + " less",
          letter(chosen.base()));
    }
    if (!facts(chosen.expert()).chatTemplate()) {
      add(
          "the expert %s has no chat template: give plain prompts, or add the template that it was"
              + " tuned with",
          letter(chosen.expert()));
    }
    addContext(chosen);
    addEnds(chosen);
  }

  private void addContext(FitTrio chosen) {
    int base = facts(chosen.base()).contextLength();
    if (chosen.contextLength() < base) {
      List<Integer> shortest =
          chosen
              .indices()
              .filter(i -> facts(i).contextLength() == chosen.contextLength())
              .boxed()
              .toList();
      add(
          "prompt and text may have %s tokens together, the context of %s, instead of %s's %s",
          chosen.contextLength(), FitModel.letters(shortest), letter(chosen.base()), base);
    }
  }

  private void addEnds(FitTrio chosen) {
    for (Map.Entry<Integer, String> end : facts(chosen.expert()).endOfText().entrySet()) {
      if (!end.getValue().isEmpty() && !models.hasToken(chosen.base(), end.getValue())) {
        add(
            "%s ends its texts with %s (id %s), a token that %s lacks: texts will not end there;"
                + " give a stop string, or a limit of tokens",
            letter(chosen.expert()), end.getValue(), end.getKey(), letter(chosen.base()));
      }
    }
  }
}
