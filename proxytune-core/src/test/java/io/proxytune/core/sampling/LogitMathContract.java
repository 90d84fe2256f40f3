package io.proxytune.core.sampling;

import io.proxytune.model.Logits;
import java.util.List;

/** What the contracts of {@link LogitMath} share; each runs against every implementation. */
abstract class LogitMathContract {
  protected static final float[] PEAKED = {1.5f, -0.5f, 0.7f, 0.2f, 2.0f, -1.0f, 1.1f, 0.4f};

  protected final Backend backend;
  protected final LogitMath math;

  LogitMathContract(Backend backend) {
    this.backend = backend;
    this.math = backend.newMath();
  }

  /** Logits as a model of this implementation gives them. */
  protected Logits logits(float[]... rows) {
    return backend.logits(rows);
  }

  protected int pick(PlanBuilder plan, float... row) {
    try (Logits logits = logits(row);
        SamplerState state = math.newState(plan.build(), new int[] {0})) {
      return math.pick(logits, List.of(state))[0];
    }
  }
}
