package io.proxytune.core.torch.sampling;

import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.collect.Lists;
import io.proxytune.core.sampling.PlanChecks;
import io.proxytune.core.sampling.RowChecks;
import io.proxytune.core.sampling.RowPicks;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.model.Logits;
import java.util.ArrayList;
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
    List<RowPicker> pickers = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      int row = checkElementIndex(rows[i], fused.rows(), "row");
      double largest = requireUsable(row, i);
      if (own.get(i).isPlainGreedy() && own.get(i).allows(maxima().id(row))) {
        picked[i] = maxima().id(row);
      } else {
        pickers.add(new RowPicker(logits.tensor(), row, i, largest, own.get(i)));
      }
    }
    Lists.partition(pickers, TorchLogitMath.rowsAtOnce(fused.width())).forEach(RowPicker::pickAll);
    pickers.forEach(picker -> picked[picker.index()] = picker.id());
    return picked;
  }

  private double requireUsable(int row, int index) {
    double largest = maxima().value(row);
    if (!RowChecks.isUsable(largest)) {
      throw RowChecks.unusable(fused.row(row), index, "fused logits");
    }
    return largest;
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
