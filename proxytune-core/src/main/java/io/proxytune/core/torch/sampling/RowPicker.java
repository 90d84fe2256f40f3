package io.proxytune.core.torch.sampling;

import io.proxytune.LogitsProcessor;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Noise;
import io.proxytune.core.sampling.RowChecks;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.sampling.Scale;
import io.proxytune.core.sampling.StepContext;
import io.proxytune.core.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Picks the token of one row with one state. */
final class RowPicker {
  private final Tensor rows;
  private final int row;
  private final int index;
  private final TorchSamplerState state;
  private final SamplingPlan plan;
  private final StepContext context;

  /**
   * Prepares a pick.
   *
   * @param rows fused rows, {@code [rows, width]}
   * @param row the row
   * @param index how messages call it
   * @param state its sequence
   */
  RowPicker(Tensor rows, int row, int index, TorchSamplerState state) {
    this.rows = rows;
    this.row = row;
    this.index = index;
    this.state = state;
    this.plan = state.plan();
    this.context = state.context();
  }

  /** Picks from a row whose largest fused logit is known and finite. */
  int pick(double largestFused) {
    if (!plan.processors().isEmpty() || plan.sampler() instanceof Sampler.Custom) {
      return pickWithCode();
    }
    try (TorchScope scope = TorchScope.open()) {
      StandardSampler sampler = (StandardSampler) plan.sampler();
      return state.hasEdits()
          ? pickEdited(editedRow(), sampler)
          : draw(fusedRow(), largestFused, sampler);
    }
  }

  /** The application's code sees a copy on the heap, and runs outside of every pointer scope. */
  private int pickWithCode() {
    float[] row = rowForCode();
    for (LogitsProcessor processor : plan.processors()) {
      processor.process(row, context);
    }
    RowChecks.requireUsable(row, index, "edited logits");
    if (plan.sampler() instanceof Sampler.Custom custom) {
      return RowChecks.customPick(custom, row, context);
    }
    try (TorchScope scope = TorchScope.open()) {
      return pickEdited(HeapTensors.upload(row, rows), (StandardSampler) plan.sampler());
    }
  }

  private float[] rowForCode() {
    try (TorchScope scope = TorchScope.open()) {
      return HeapTensors.floats(state.hasEdits() ? editedRow() : fusedRow());
    }
  }

  private Tensor fusedRow() {
    return rows.select(0, row).to(ScalarType.Float);
  }

  private Tensor editedRow() {
    Tensor row = fusedRow().clone();
    state.edit(row);
    return row;
  }

  private int pickEdited(Tensor row, StandardSampler sampler) {
    RowMaxima maximum = RowMaxima.of(row.unsqueeze(0));
    if (!RowChecks.isUsable(maximum.value(0))) {
      throw RowChecks.unusable(HeapTensors.floats(row), index, "edited logits");
    }
    return sampler.isGreedy() ? maximum.id(0) : draw(row, maximum.value(0), sampler);
  }

  private int draw(Tensor row, double largest, StandardSampler sampler) {
    long noiseKey = Noise.key(context.seed(), context.position());
    return new DeviceDraw(row, new Scale(largest, sampler.temperature())).draw(sampler, noiseKey);
  }
}
