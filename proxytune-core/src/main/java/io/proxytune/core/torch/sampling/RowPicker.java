package io.proxytune.core.torch.sampling;

import static java.util.Objects.requireNonNull;

import io.proxytune.LogitsProcessor;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Noise;
import io.proxytune.core.sampling.RowChecks;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.sampling.Scale;
import io.proxytune.core.sampling.StepContext;
import io.proxytune.core.torch.ComputeThread;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Picks the token of one row with one state. Rows go through the stages together, so that a device
 * is waited for once a stage and not once a row. For one thread.
 */
final class RowPicker {
  private static final List<BiConsumer<RowPicker, Download>> STAGES =
      List.of(RowPicker::edit, RowPicker::ask, RowPicker::askRest);

  private final Tensor rows;
  private final int row;
  private final int index;
  private final double largestFused;
  private final TorchSamplerState state;
  private final SamplingPlan plan;
  private final StepContext context;
  private float @Nullable [] processed;
  private @Nullable Tensor logits;
  private @Nullable Maximum edited;
  private @Nullable DeviceDraw draw;
  private int id = -1;

  /** The largest logit of an edited row, and its lowest id. */
  private record Maximum(Download.Part value, Download.Part id) {}

  /**
   * Prepares a pick.
   *
   * @param rows fused rows, {@code [rows, width]}
   * @param row the row
   * @param index how messages call it
   * @param largestFused its largest logit, finite
   * @param state its sequence
   */
  RowPicker(Tensor rows, int row, int index, double largestFused, TorchSamplerState state) {
    this.rows = rows;
    this.row = row;
    this.index = index;
    this.largestFused = largestFused;
    this.state = state;
    this.plan = state.plan();
    this.context = state.context();
  }

  /**
   * Picks for all of them. The application's code runs on the calling thread, outside of every
   * scope.
   */
  static void pickAll(List<RowPicker> pickers) {
    pickers.forEach(RowPicker::runCode);
    List<RowPicker> open = pickers.stream().filter(picker -> picker.id < 0).toList();
    if (!open.isEmpty()) {
      ComputeThread.inScopeOf(open.get(0).rows, () -> runStages(open));
    }
  }

  private static List<RowPicker> runStages(List<RowPicker> open) {
    for (BiConsumer<RowPicker, Download> stage : STAGES) {
      Download download = new Download();
      open.forEach(picker -> stage.accept(picker, download));
      download.run();
    }
    open.forEach(RowPicker::finish);
    return open;
  }

  /** How messages call the row. */
  int index() {
    return index;
  }

  /** The picked token. */
  int id() {
    return id;
  }

  /** The application's processors and sampler see a copy on the heap. */
  private void runCode() {
    boolean isCustom = plan.sampler() instanceof Sampler.Custom;
    if (plan.processors().isEmpty() && !isCustom) {
      return;
    }
    float[] copy = copyOf(state.hasEdits() ? this::editedRow : this::fusedRow);
    for (LogitsProcessor processor : plan.processors()) {
      processor.process(copy, context);
    }
    state.constrain(copy);
    if (!RowChecks.isUsable(RowChecks.largest(copy))) {
      throw state.fault(copyOf(this::fusedRow), copy, index);
    }
    if (plan.sampler() instanceof Sampler.Custom custom) {
      id = RowChecks.customPick(custom, copy, context);
    } else {
      processed = copy;
    }
  }

  private float[] copyOf(Supplier<Tensor> made) {
    return ComputeThread.inScopeOf(rows, () -> HeapTensors.floats(made.get()));
  }

  private Tensor fusedRow() {
    return rows.select(0, row).to(ScalarType.Float);
  }

  private Tensor editedRow() {
    Tensor copy = fusedRow().clone();
    state.edit(copy);
    return copy;
  }

  /** Stage 1: the row to pick from; where it is not as it was, its largest logit is asked for. */
  private void edit(Download download) {
    if (processed == null && !state.hasEdits()) {
      logits = fusedRow();
      return;
    }
    Tensor changed = processed == null ? editedRow() : HeapTensors.upload(processed, rows);
    T_TensorTensor_T largest = changed.max(0, false);
    edited = new Maximum(download.add(largest.get0()), download.add(largest.get1()));
    logits = changed;
  }

  /** Stage 2: the largest is known, so that a greedy pick is, and a draw can begin. */
  private void ask(Download download) {
    Tensor known = requireNonNull(logits, "edited before");
    double largest = edited == null ? largestFused : edited.value.values()[0];
    if (!RowChecks.isUsable(largest)) {
      throw state.fault(HeapTensors.floats(fusedRow()), HeapTensors.floats(known), index);
    }
    StandardSampler sampler = (StandardSampler) plan.sampler();
    if (sampler.isGreedy()) {
      id = (int) requireNonNull(edited, "else the fused row's is picked").id.values()[0];
      return;
    }
    DeviceRow all = new DeviceRow(known, new Scale(largest, sampler.temperature()));
    draw = new DeviceDraw(all, sampler, Noise.key(context.seed(), context.position()));
    draw.ask(download);
  }

  /** Stage 3. */
  private void askRest(Download download) {
    if (draw != null) {
      draw.askRest(download);
    }
  }

  private void finish() {
    if (draw != null) {
      id = draw.id();
    }
  }
}
