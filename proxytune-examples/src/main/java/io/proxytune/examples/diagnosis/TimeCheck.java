package io.proxytune.examples.diagnosis;

import io.proxytune.examples.diagnosis.Figure.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether the models that steer take longer than the model that is steered. */
final class TimeCheck {
  private TimeCheck() {}

  static Finding of(StepTimes times, Thresholds thresholds) {
    List<Figure> figures = new ArrayList<>();
    figures.add(
        Figure.of("small models' share of a step", "added_share", Unit.SHARE, times.addedShare())
            .atMost(thresholds.mostTime()));
    for (StepTimes.RoleTime role : times.roles()) {
      String id = role.role().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
      figures.add(
          Figure.of("a pass of the " + role.role(), id, Unit.MILLISECONDS, role.milliseconds()));
      figures.add(
          Figure.of("its share of all passes", id + "_share", Unit.SHARE, times.share(role)));
    }
    figures.add(Figure.of("a token, steered", "steered_token", Unit.MILLISECONDS, times.steered()));
    figures.add(
        Figure.of("a token, the base alone", "base_token", Unit.MILLISECONDS, times.alone()));
    figures.add(
        Figure.of(
            "steered \u00f7 the base alone", "ratio", Unit.RATIO, times.steered() / times.alone()));
    return Finding.of(
        Signature.BOTTLENECK,
        figures,
        List.of(
            "An expert that is a LoRA adapter on the anti-expert reads the small weights once for"
                + " both (--expert-adapter); --expert-quantize int8 reads fewer bytes.",
            "--speculation auto drafts tokens; runtime measures what it gives. Against a larger"
                + " base the same pair weighs less."));
  }
}
