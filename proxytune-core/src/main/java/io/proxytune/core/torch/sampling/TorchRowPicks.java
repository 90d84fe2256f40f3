package io.proxytune.core.torch.sampling;

import static com.google.common.base.Preconditions.checkElementIndex;

import io.proxytune.Logits;
import io.proxytune.core.sampling.PlanChecks;
import io.proxytune.core.sampling.RowChecks;
import io.proxytune.core.sampling.RowPicks;
import io.proxytune.core.sampling.SamplerState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the largest logit of every row at once, so that greedy picks wait for the device once. */
final class TorchRowPicks implements RowPicks {
  private final TorchLogitMath owner;
  private final Logits fused;
  private final DeviceLogits logits;
  private @Nullable RowMaxima maxima;

  TorchRowPicks(TorchLogitMath owner, Logits fused) {
    this.owner = owner;
    this.fused = fused;
    this.logits = DeviceLogits.of(fused);
  }

  @Override
  public int[] pick(int[] rows, List<? extends SamplerState> states) {
    PlanChecks.requireOnePerRow(rows.length, states.size());
    List<TorchSamplerState> own = owner.own(states, fused.width());
    int[] picked = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      picked[i] = pick(checkElementIndex(rows[i], fused.rows(), "row"), i, own.get(i));
    }
    return picked;
  }

  private int pick(int row, int index, TorchSamplerState state) {
    RowMaxima largest = maxima();
    if (!RowChecks.isUsable(largest.value(row))) {
      throw RowChecks.unusable(fused.row(row), index, "fused logits");
    }
    return state.isPlainGreedy()
        ? largest.id(row)
        : new RowPicker(logits.tensor(), row, index, state).pick(largest.value(row));
  }

  private RowMaxima maxima() {
    RowMaxima existing = maxima;
    if (existing == null) {
      existing = RowMaxima.of(logits.tensor());
      maxima = existing;
    }
    return existing;
  }

  @Override
  public void close() {
    logits.close();
  }
}
