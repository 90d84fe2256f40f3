package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.Sampler;
import io.proxytune.TokenConstraints;
import io.proxytune.core.constraint.VocabularyConstraint;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.RowPicks;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.model.Logits;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Three rows, and a way to pick from what they fuse to. For one thread. */
final class SamplingCase implements AutoCloseable {
  private static final int[] FIRST_ROW = {0};

  private final LogitMath math;
  private final SamplingRows rows;
  private final IdRange ids;
  private final SamplerState state;
  private final Figure share;

  SamplingCase(LogitMath math, SamplingRows rows, Sampler sampler, Figure share) {
    this(math, rows, sampler, null, share);
  }

  /**
   * Picks from some rows.
   *
   * @param constraint the form that the text must have; null for any
   */
  SamplingCase(
      LogitMath math,
      SamplingRows rows,
      Sampler sampler,
      @Nullable VocabularyConstraint constraint,
      Figure share) {
    this.math = math;
    this.rows = rows;
    this.ids = IdRange.below(rows.vocabulary());
    this.share = share;
    SamplingPlan plan =
        new SamplingPlan(
            sampler,
            42,
            GenerationOptions.defaults().penalties(),
            Map.of(),
            Set.of(),
            List.of(),
            0,
            Set.of(),
            TokenConstraints.NONE,
            Integer.MAX_VALUE,
            constraint);
    state = math.newState(plan, WarmSession.ids(WarmSession.POSITION));
  }

  /** What it is reported as. */
  Figure share() {
    return share;
  }

  /** Goes on in the text. */
  void append(int id) {
    state.append(id);
  }

  /** Fuses and picks, as a step does. */
  void pick() {
    try (Logits fused = math.fuse(rows.base(), List.of(rows.offset()), ids);
        RowPicks picks = math.picks(fused)) {
      picks.pick(FIRST_ROW, List.of(state));
    }
  }

  @Override
  public void close() {
    state.close();
  }
}
