package io.proxytune.examples.diagnosis;

import io.proxytune.examples.diagnosis.Figure.Unit;
import io.proxytune.examples.diagnosis.Texts.Estimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What texts say of the strength, the size and the aim of the steering. */
final class TextChecks {
  private final Texts texts;
  private final Thresholds thresholds;

  TextChecks(Texts texts, Thresholds thresholds) {
    this.texts = texts;
    this.thresholds = thresholds;
  }

  /** All of them. With too few tokens the figures are there, and nothing is concluded. */
  List<Finding> findings() {
    List<Finding> all = new ArrayList<>(List.of(strength(), size(), aim()));
    if (texts.isNarrowed()) {
      all.add(candidates());
    }
    return texts.tokens() >= thresholds.fewestTokens()
        ? all
        : all.stream().map(this::unknown).toList();
  }

  private Finding unknown(Finding finding) {
    String advice =
        String.format(
            Locale.ROOT,
            "There are %d tokens: give more prompts, or longer texts, until there are %d.",
            texts.tokens(),
            thresholds.fewestTokens());
    return new Finding(
        finding.signature(),
        Finding.State.UNKNOWN,
        finding.figures(),
        finding.notes(),
        List.of(advice));
  }

  /**
   * Each token is compared with the base's choice at its place, so that what was said before does
   * not count twice.
   */
  private Finding strength() {
    Estimate fall = texts.mean(TokenFacts::fall);
    Estimate gain = texts.mean(TokenFacts::gain);
    double limit = Math.max(thresholds.leastFall(), gain.value());
    Figure lost = Figure.of("the base loses, a token", "base_fall", Unit.NATS, fall);
    return Finding.of(
        Signature.TOO_STRONG,
        List.of(
            Double.isNaN(limit) ? lost : lost.atMost(limit),
            Figure.of("the expert gains, a token", "expert_gain", Unit.NATS, gain),
            Figure.of(
                    "implausible to both",
                    "implausible",
                    Unit.SHARE,
                    texts.share(this::isImplausible))
                .atMost(thresholds.mostImplausible()),
            Figure.of("repetition added", "added_repetition", Unit.SHARE, texts.addedRepetition())
                .atMost(thresholds.repetition())),
        List.of(
            "Lower --alpha; sweep finds the best strength on questions of your own.",
            "Or keep out what the base finds unlikely: generate --candidates top-p:0.9 as DExperts"
                + " does, unless that keeps out what the expert ends texts with, or --strength"
                + " kl-matched."));
  }

  /** Steering alone says it: the sum puts first what none of the models would have said. */
  private boolean isImplausible(TokenFacts token) {
    return token.steered() && token.shortfall() > -Math.log(thresholds.plausible());
  }

  private Finding size() {
    double noise = texts.rootMeanSquare(TokenFacts::noise);
    Figure offset =
        Figure.of(
            "offset, root mean square",
            "offset",
            Unit.NATS,
            texts.rootMeanSquare(TokenFacts::offset));
    return Finding.of(
        Signature.TOO_SMALL,
        List.of(
            Figure.of("steered tokens", "steered", Unit.SHARE, texts.share(TokenFacts::steered))
                .atLeast(thresholds.fewestSteered()),
            Double.isNaN(noise) ? offset : offset.atLeast(thresholds.noise() * noise),
            Figure.of("its rounding, root mean square", "noise", Unit.NATS, noise)),
        List.of(
            "See whether --expert and --anti-expert name what you mean: a model tuned, and the same"
                + " untuned; and whether the expert should read a chat template (--chat).",
            "Where the offset is lost in rounding, load the small models with --expert-dtype"
                + " float32; where it is not, raise --alpha."));
  }

  private boolean isUnsure(TokenFacts token) {
    return token.baseTop() < thresholds.confident();
  }

  /** Ending a text is what tuned models learn first, and no sign that a pair does not fit. */
  private boolean isAgainst(TokenFacts token) {
    return token.steered() && !token.end() && !isUnsure(token);
  }

  private Finding aim() {
    return Finding.of(
        Signature.MISFIT,
        List.of(
            Figure.of(
                    "steered against a confident base",
                    "steered_against_confident",
                    Unit.SHARE,
                    texts.share(this::isAgainst))
                .atMost(thresholds.mostSteered()),
            Figure.of(
                "the expert's probability there",
                "expert_probability",
                Unit.SHARE,
                texts.mean(this::isAgainst, token -> Math.exp(token.favoured()))),
            Figure.of(
                "tokens with an unsure base",
                "base_unsure",
                Unit.SHARE,
                texts.share(this::isUnsure))),
        List.of(
            "Read some texts (generate --report). Where the expert is sure of its tokens, it may do"
                + " what it was tuned for, such as refusing; where it is not, the pair disturbs the"
                + " base.",
            "Take a pair of the base's own family, tuned for such prompts and reading its chat"
                + " template (--chat), or steer only where the base is unsure: --strength"
                + " top-probability:0.4."));
  }

  private Finding candidates() {
    return Finding.of(
        Signature.CANDIDATES,
        List.of(
            Figure.of("wanted tokens left out", "left_out", Unit.SHARE, texts.leftOut())
                .atMost(thresholds.mostLeftOut()),
            Figure.of("texts whose end was left out", "endless", Unit.SHARE, texts.endless())
                .atMost(thresholds.mostEndless())),
        List.of(
            "What the base finds unlikely can't be picked, however sure the expert is of it: an"
                + " untuned base rarely ends an answer, nor begins one as a tuned model does.",
            "Leave out --candidates and --preset dexperts, which suit a base that already writes"
                + " texts of the kind that is wanted; or widen them (--candidates top-p:0.999) and"
                + " say where texts end (--stop)."));
  }
}
