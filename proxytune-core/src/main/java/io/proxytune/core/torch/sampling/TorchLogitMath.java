package io.proxytune.core.torch.sampling;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import io.proxytune.TokenLogprobs.Alternative;
import io.proxytune.TokenTrace.View;
import io.proxytune.core.sampling.Blend;
import io.proxytune.core.sampling.Certainty;
import io.proxytune.core.sampling.ColumnOrder;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.sampling.PlanChecks;
import io.proxytune.core.sampling.RowChecks;
import io.proxytune.core.sampling.RowPicks;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.sampling.Scale;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@link LogitMath} as tensor operations on the device of the base's logits; an application's own
 * logits are uploaded to the CPU. It follows {@link io.proxytune.core.sampling.ReferenceLogitMath}.
 * A row goes to the heap only for an application's processor or sampler.
 *
 * <p><b>Threads:</b> safe for use by several threads; a state belongs to one sequence.
 */
public final class TorchLogitMath implements LogitMath {
  /** Bounds the float64 copies of several rows: 16 MiB each. */
  private static final int VALUES_AT_ONCE = 1 << 21;

  /** An implementation of its own. */
  public TorchLogitMath() {}

  /** A view where the rows follow each other, else a copy, on the same device. */
  @Override
  public Logits select(Logits logits, int[] rows) {
    if (!(logits instanceof TorchLogits)) {
      return LogitMath.super.select(logits, rows);
    }
    Arrays.stream(rows).forEach(row -> checkElementIndex(row, logits.rows(), "row"));
    try (DeviceLogits onDevice = DeviceLogits.of(logits)) {
      Tensor all = onDevice.tensor();
      return ComputeThread.inScopeOf(all, () -> new TorchLogits(selected(all, rows)));
    }
  }

  static Tensor selected(Tensor all, int[] rows) {
    return isRun(rows)
        ? all.narrow(0, rows[0], rows.length)
        : all.index_select(0, HeapTensors.upload(rows, all));
  }

  /** A copy, on the device of the first. */
  @Override
  public Logits join(List<? extends Logits> parts) {
    if (!parts.stream().allMatch(TorchLogits.class::isInstance)) {
      return LogitMath.super.join(parts);
    }
    try (DeviceTensors inputs = new DeviceTensors()) {
      Tensor[] tensors = parts.stream().map(inputs::rowsOf).toArray(Tensor[]::new);
      return ComputeThread.inScopeOf(
          tensors[0], () -> new TorchLogits(torch.cat(new TensorVector(tensors))));
    }
  }

  /** Gathers on the rows' device; an application's own rows are copied to the CPU. */
  @Override
  public ColumnOrder columnOrder(int[] sources) {
    return new DeviceColumns(sources);
  }

  private static boolean isRun(int[] rows) {
    return rows.length > 0 && IntStream.range(1, rows.length).allMatch(i -> rows[i] == rows[0] + i);
  }

  @Override
  public Logits fuse(Logits base, List<Offset> offsets, IdRange emittable, OptionalDouble cap) {
    PlanChecks.requireFit(base.rows(), offsets);
    return Fusion.fuse(base, offsets, emittable, cap);
  }

  @Override
  public Logits fuse(Blend blend, double[] strengths) {
    return TorchBlend.fuse(blend, strengths);
  }

  @Override
  public double[] matchedStrengths(Blend blend, double most) {
    return TorchMatch.strengths(blend, most);
  }

  @Override
  public List<Certainty> certainties(Logits logits) {
    List<Certainty> certainties = new ArrayList<>();
    int rowsAtOnce = rowsAtOnce(logits.width());
    try (DeviceLogits rows = DeviceLogits.of(logits)) {
      for (int from = 0; from < logits.rows(); from += rowsAtOnce) {
        int count = Math.min(rowsAtOnce, logits.rows() - from);
        int first = from;
        Tensor all = rows.tensor();
        double[] both =
            ComputeThread.inScopeOf(all, () -> certainties(all.narrow(0, first, count)));
        for (int row = 0; row < count; row++) {
          certainties.add(new Certainty(both[row], both[count + row]));
        }
      }
    }
    return certainties;
  }

  /** Each row's entropy, then each row's largest probability. */
  private static double[] certainties(Tensor rows) {
    Tensor logs = rows.to(ScalarType.Double).log_softmax(1);
    Tensor surprises = logs.mul(logs.exp()).neg_();
    surprises.masked_fill_(logs.isneginf(), new Scalar(0.0));
    return HeapTensors.doubles(surprises.sum(1), logs.amax(new long[] {1}, false).exp_());
  }

  @Override
  public SamplerState newState(SamplingPlan plan, int[] promptIds) {
    return new TorchSamplerState(this, plan, promptIds);
  }

  @Override
  public int[] pick(Logits fused, List<? extends SamplerState> states) {
    PlanChecks.requireOnePerRow(fused.rows(), states.size());
    if (states.isEmpty()) {
      return new int[0];
    }
    try (RowPicks picks = picks(fused)) {
      return picks.pick(IntStream.range(0, fused.rows()).toArray(), states);
    }
  }

  @Override
  public RowPicks picks(Logits fused) {
    return new TorchRowPicks(this, fused);
  }

  List<TorchSamplerState> own(List<? extends SamplerState> states, int width) {
    List<TorchSamplerState> own = new ArrayList<>(states.size());
    for (SamplerState state : states) {
      checkArgument(
          state instanceof TorchSamplerState torchState && torchState.owner() == this,
          "state %s was not made by this LogitMath",
          own.size());
      TorchSamplerState torchState = (TorchSamplerState) state;
      torchState.requireReady(width);
      own.add(torchState);
    }
    return own;
  }

  /** How many rows are worked on together. */
  static int rowsAtOnce(int width) {
    return Math.max(1, VALUES_AT_ONCE / width);
  }

  private static void requireUsable(double largest, Logits logits, int row, String stage) {
    if (!RowChecks.isUsable(largest)) {
      throw RowChecks.unusable(logits.row(row), row, stage);
    }
  }

  @Override
  public double[] logprobs(Logits logits, int[] ids) {
    PlanChecks.requireIds(logits.rows(), ids);
    double[] logprobs = new double[ids.length];
    int rowsAtOnce = rowsAtOnce(logits.width());
    try (DeviceLogits rows = DeviceLogits.of(logits)) {
      for (int from = 0; from < ids.length; from += rowsAtOnce) {
        int to = Math.min(ids.length, from + rowsAtOnce);
        double[] sums = sumsAndPicked(rows.tensor(), Arrays.copyOfRange(ids, from, to), from);
        for (int row = from; row < to; row++) {
          double logTotal = sums[row - from];
          requireUsable(logTotal, logits, row, "logits");
          boolean known = ids[row] < logits.width();
          logprobs[row] =
              known ? sums[row - from + to - from] - logTotal : Double.NEGATIVE_INFINITY;
        }
      }
    }
    return logprobs;
  }

  /** Each row's log of the sum of exponentials, then each row's logit of its id. */
  private static double[] sumsAndPicked(Tensor rows, int[] ids, int from) {
    return ComputeThread.inScopeOf(
        rows,
        () -> {
          Tensor part = rows.narrow(0, from, ids.length).to(ScalarType.Double);
          int lastId = (int) part.size(1) - 1;
          int[] inRow = Arrays.stream(ids).map(id -> Math.min(id, lastId)).toArray();
          Tensor picked = part.gather(1, HeapTensors.upload(inRow, part).unsqueeze(1));
          return HeapTensors.doubles(part.logsumexp(1), picked);
        });
  }

  @Override
  public List<List<Alternative>> top(Logits logits, int count) {
    PlanChecks.requireCount(count);
    List<List<Alternative>> top = new ArrayList<>();
    int rowsAtOnce = rowsAtOnce(logits.width());
    try (DeviceLogits rows = DeviceLogits.of(logits)) {
      RowMaxima maxima = logits.rows() == 0 ? null : RowMaxima.of(rows.tensor());
      for (int from = 0; from < logits.rows(); from += rowsAtOnce) {
        int to = Math.min(logits.rows(), from + rowsAtOnce);
        for (int row = from; row < to; row++) {
          requireUsable(maxima.value(row), logits, row, "logits");
        }
        top.addAll(topOfRows(rows.tensor(), from, to, maxima, count));
      }
    }
    return top;
  }

  @Override
  public List<View> views(Logits logits, int[] ids) {
    PlanChecks.requireIds(logits.rows(), ids);
    List<View> views = new ArrayList<>();
    try (DeviceLogits rows = DeviceLogits.of(logits)) {
      requireUsable(rows, logits);
      eachPart(
          logits.width(),
          ids.length,
          (from, count) ->
              views.addAll(
                  RowViews.of(rows.tensor(), from, Arrays.copyOfRange(ids, from, from + count))));
    }
    return views;
  }

  @Override
  public double[] divergences(Logits from, Logits to) {
    PlanChecks.requireOnePerRow(from.rows(), to.rows());
    DoubleStream.Builder divergences = DoubleStream.builder();
    try (DeviceLogits rows = DeviceLogits.of(from);
        DeviceLogits others = DeviceLogits.of(to)) {
      requireUsable(rows, from);
      requireUsable(others, to);
      eachPart(
          Math.max(from.width(), to.width()),
          from.rows(),
          (first, count) ->
              Arrays.stream(RowViews.divergences(rows.tensor(), others.tensor(), first, count))
                  .forEach(divergences));
    }
    return divergences.build().toArray();
  }

  private interface RowsWork {
    void run(int first, int count);
  }

  private static void eachPart(int width, int rows, RowsWork work) {
    int most = rowsAtOnce(width);
    for (int first = 0; first < rows; first += most) {
      work.run(first, Math.min(most, rows - first));
    }
  }

  private static void requireUsable(DeviceLogits rows, Logits logits) {
    if (logits.rows() > 0) {
      RowMaxima maxima = RowMaxima.of(rows.tensor());
      for (int row = 0; row < logits.rows(); row++) {
        requireUsable(maxima.value(row), logits, row, "logits");
      }
    }
  }

  private static List<List<Alternative>> topOfRows(
      Tensor rows, int from, int to, RowMaxima maxima, int count) {
    return ComputeThread.inScopeOf(
        rows,
        () -> {
          Download download = new Download();
          List<TopTokens> top = new ArrayList<>();
          for (int row = from; row < to; row++) {
            Tensor values = rows.select(0, row).to(ScalarType.Float);
            Scale scale = new Scale(maxima.value(row), 1);
            top.add(new TopTokens(new DeviceRow(values, scale), count, download));
          }
          download.run();
          return top.stream().map(TopTokens::alternatives).toList();
        });
  }
}
