package io.proxytune.core.sampling;

import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Takes the rows out and picks from them. */
final class SelectingPicks implements RowPicks {
  private final LogitMath math;
  private final Logits fused;

  SelectingPicks(LogitMath math, Logits fused) {
    this.math = math;
    this.fused = fused;
  }

  @Override
  public int[] pick(int[] rows, List<? extends SamplerState> states) {
    if (Arrays.equals(rows, IntStream.range(0, fused.rows()).toArray())) {
      return math.pick(fused, states);
    }
    try (Logits some = math.select(fused, rows)) {
      return math.pick(some, states);
    }
  }

  @Override
  public void close() {}
}
