package io.proxytune.core.sampling;

import io.proxytune.model.Logits;

/** An implementation under test. */
public interface Backend {
  LogitMath newMath();

  /** Logits as a model of this implementation gives them. */
  Logits logits(float[]... rows);

  /** Draws a distribution: enough to see a wrong one, few enough to be quick. */
  int draws();
}
