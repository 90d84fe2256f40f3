package io.proxytune.examples;

import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.examples.measure.Comparison;
import io.proxytune.examples.measure.MeasuredSystem;
import io.proxytune.examples.search.Strengths;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Makes systems of a session's models, each read as it is when they steer together: alone, the base
 * reads what it reads as a base, and an expert what it reads as an expert. For one thread.
 */
final class MeasuredSystems {
  private final TunerSession session;
  private final boolean steered;

  /**
   * Prepares systems.
   *
   * @param steered whether anything steers the base
   */
  MeasuredSystems(TunerSession session, boolean steered) {
    this.session = session;
    this.steered = steered;
  }

  /** The base, each expert, and the base as they steer it; each is made when its turn comes. */
  List<Supplier<MeasuredSystem>> all() {
    List<Supplier<MeasuredSystem>> systems = new ArrayList<>();
    systems.add(this::base);
    List<LogitSource> experts =
        session.pairs().stream().map(ExpertPair::expert).distinct().toList();
    for (int i = 0; i < experts.size(); i++) {
      String number = experts.size() == 1 ? "" : Integer.toString(i + 1);
      LogitSource expert = experts.get(i);
      systems.add(() -> alone("expert" + number, "expert " + number, expert, Role.EXPERT));
    }
    if (steered) {
      systems.add(
          () ->
              new MeasuredSystem(
                  Comparison.STEERED,
                  "steered",
                  session.tuner(session.pairs(), session.fusion()),
                  UnaryOperator.identity()));
    }
    return systems;
  }

  private MeasuredSystem base() {
    return alone(Comparison.BASE, "base", session.base(), Role.BASE);
  }

  /** The base tuned directly, which reads as an expert does. */
  MeasuredSystem direct(String model) {
    return alone(Comparison.DIRECT, "directly tuned", session.load(model), Role.EXPERT);
  }

  private MeasuredSystem alone(String id, String title, LogitSource model, Role role) {
    ProxyTuner tuner = session.alone(model);
    return new MeasuredSystem(id, title.strip(), tuner, prompt -> as(role, prompt));
  }

  private Prompt as(Role role, Prompt prompt) {
    return prompt.usesChatTemplate(steered ? role : Role.BASE, steered)
        ? prompt.withChatTemplateFor(Role.BASE)
        : prompt.withChatTemplateFor();
  }

  /** The base at other strengths. */
  MeasuredSystem at(FusionPreset preset, Strengths strengths, Fusion fusion) {
    List<ExpertPair> pairs = new ArrayList<>();
    for (int i = 0; i < session.pairs().size(); i++) {
      pairs.add(session.pairs().get(i).withAlpha(strengths.alphas().get(i)));
    }
    return new MeasuredSystem(
        preset.word() + "-" + strengths.word(),
        preset.word() + ", \u03b1 = " + strengths,
        session.tuner(pairs, fusion),
        UnaryOperator.identity());
  }
}
