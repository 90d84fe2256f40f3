package io.proxytune.examples.study;

import java.util.List;

/** All studies. */
public final class Studies {
  private Studies() {}

  /** In the order in which they are made. */
  public static List<Study> all() {
    return List.of(
        new SelectiveGuidance(),
        new Granularity(),
        new ExpertQuality(),
        new TwoPairs(),
        new AntiExperts(),
        new Forecast(),
        new ScaleRatios(),
        new Tokenizers(),
        new FamilyRecipes(),
        new Diffusion(),
        new Conversations(),
        new DomainAdaptation(),
        new TaskTuning(),
        new Temporal(),
        new TemporalGaps());
  }
}
