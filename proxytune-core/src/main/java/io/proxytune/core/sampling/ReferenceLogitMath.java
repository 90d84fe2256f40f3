package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.proxytune.LogitsProcessor;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.TokenLogprobs.Alternative;
import io.proxytune.TokenTrace.View;
import io.proxytune.core.constraint.ConstraintState;
import io.proxytune.core.constraint.TokenMask;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The definition of {@link LogitMath}: one row after the other, on the heap, in float64.
 *
 * <p>What the interface leaves open is settled here:
 *
 * <ul>
 *   <li>a pair with α = 0 takes no part;
 *   <li>where expert and anti-expert are equal the difference is 0, also where both are −∞;
 *   <li>where the base is −∞ the result is −∞, whatever the pairs say;
 *   <li>after the bias, and again after each kind of penalty, a logit is rounded to float32.
 * </ul>
 *
 * <p><b>Threads:</b> safe for use by several threads; a state belongs to one sequence.
 */
public final class ReferenceLogitMath implements LogitMath {
  /** An implementation of its own. */
  public ReferenceLogitMath() {}

  @Override
  public Logits fuse(Logits base, List<Offset> offsets, IdRange emittable, OptionalDouble cap) {
    PlanChecks.requireFit(base.rows(), offsets);
    float[][] fused = new float[base.rows()][];
    for (int row = 0; row < fused.length; row++) {
      fused[row] = fuseRow(RowChecks.read(base, row), offsets, emittable, cap, row);
    }
    return Logits.of(base.width(), fused);
  }

  static float[] fuseRow(
      float[] base, List<Offset> offsets, IdRange emittable, OptionalDouble cap, int index) {
    double[] sum = IntStream.range(0, base.length).mapToDouble(id -> base[id]).toArray();
    for (Offset offset : offsets) {
      if (offset.alpha() != 0) {
        addOffset(sum, offset, index);
      }
    }
    float[] fused = new float[base.length];
    for (int id = 0; id < base.length; id++) {
      boolean never = base[id] == Float.NEGATIVE_INFINITY || !emittable.contains(id);
      fused[id] = never ? Float.NEGATIVE_INFINITY : (float) capped(sum[id], cap);
    }
    return fused;
  }

  static double capped(double sum, OptionalDouble cap) {
    return cap.isEmpty() || Double.isInfinite(sum)
        ? sum
        : cap.getAsDouble() * Math.tanh(sum / cap.getAsDouble());
  }

  private static void addOffset(double[] sum, Offset offset, int index) {
    float[] expert = RowChecks.read(offset.expert(), index);
    float[] antiExpert = RowChecks.read(offset.antiExpert(), index);
    int end = Math.min(sum.length, Math.min(expert.length, antiExpert.length));
    for (int id = 0; id < end; id++) {
      if (offset.sharedIds().contains(id) && expert[id] != antiExpert[id]) {
        sum[id] += offset.alpha() * ((double) expert[id] - antiExpert[id]);
      }
    }
  }

  @Override
  public SamplerState newState(SamplingPlan plan, int[] promptIds) {
    return new State(this, plan, new TokenHistory(promptIds));
  }

  @Override
  public int[] pick(Logits fused, List<? extends SamplerState> states) {
    PlanChecks.requireOnePerRow(fused.rows(), states.size());
    int[] picked = new int[fused.rows()];
    for (int row = 0; row < picked.length; row++) {
      checkArgument(
          states.get(row) instanceof State state && state.owner == this,
          "state %s was not made by this LogitMath",
          row);
      picked[row] = ((State) states.get(row)).pick(fused, row);
    }
    return picked;
  }

  @Override
  public double[] logprobs(Logits logits, int[] ids) {
    PlanChecks.requireIds(logits.rows(), ids);
    double[] logprobs = new double[ids.length];
    for (int row = 0; row < ids.length; row++) {
      float[] values = RowChecks.read(logits, row);
      RowChecks.requireUsable(values, row, "logits");
      logprobs[row] =
          ids[row] < values.length
              ? values[ids[row]] - logSumExp(values)
              : Double.NEGATIVE_INFINITY;
    }
    return logprobs;
  }

  private static double logSumExp(float[] row) {
    double largest = RowChecks.largest(row);
    double total = 0;
    for (float value : row) {
      total += Math.exp(value - largest);
    }
    return largest + Math.log(total);
  }

  @Override
  public List<List<Alternative>> top(Logits logits, int count) {
    PlanChecks.requireCount(count);
    List<List<Alternative>> top = new ArrayList<>();
    for (int row = 0; row < logits.rows(); row++) {
      float[] values = RowChecks.read(logits, row);
      RowChecks.requireUsable(values, row, "logits");
      Candidates all = Candidates.ofRow(values, new Scale(RowChecks.largest(values), 1));
      top.add(
          IntStream.range(0, Math.min(count, all.size()))
              .mapToObj(rank -> new Alternative(all.id(rank), all.logprob(rank)))
              .toList());
    }
    return top;
  }

  @Override
  public List<View> views(Logits logits, int[] ids) {
    PlanChecks.requireIds(logits.rows(), ids);
    List<View> views = new ArrayList<>();
    for (int row = 0; row < ids.length; row++) {
      float[] values = RowChecks.read(logits, row);
      RowChecks.requireUsable(values, row, "logits");
      views.add(view(values, ids[row]));
    }
    return views;
  }

  private static View view(float[] values, int id) {
    double total = logSumExp(values);
    double entropy = 0;
    for (float value : values) {
      double logprob = value - total;
      double probability = Math.exp(logprob);
      entropy -= probability == 0 ? 0 : probability * logprob;
    }
    boolean known = id < values.length;
    double logit = known ? values[id] : Double.NEGATIVE_INFINITY;
    return new View(
        logit,
        logit - total,
        known ? rank(values, id) : values.length,
        RowChecks.argmax(values),
        entropy);
  }

  private static int rank(float[] values, int id) {
    return (int)
        IntStream.range(0, values.length)
            .filter(i -> values[i] > values[id] || (i < id && values[i] == values[id]))
            .count();
  }

  @Override
  public double[] divergences(Logits from, Logits to) {
    PlanChecks.requireOnePerRow(from.rows(), to.rows());
    double[] divergences = new double[from.rows()];
    for (int row = 0; row < divergences.length; row++) {
      float[] p = RowChecks.read(from, row);
      float[] q = RowChecks.read(to, row);
      RowChecks.requireUsable(p, row, "logits");
      RowChecks.requireUsable(q, row, "logits");
      divergences[row] = divergence(p, q);
    }
    return divergences;
  }

  private static double divergence(float[] p, float[] q) {
    double ofP = logSumExp(p);
    double ofQ = logSumExp(q);
    double sum = 0;
    for (int id = 0; id < p.length; id++) {
      double logprob = p[id] - ofP;
      double probability = Math.exp(logprob);
      if (probability > 0) {
        double other = id < q.length ? q[id] - ofQ : Double.NEGATIVE_INFINITY;
        sum += probability * (logprob - other);
      }
    }
    return sum;
  }

  /** A sequence; everything is computed anew from its tokens at each pick. */
  private static final class State implements SamplerState {
    private final ReferenceLogitMath owner;
    private final SamplingPlan plan;
    private final TokenHistory history;
    private final @Nullable ConstraintState constraint;
    private boolean closed;

    State(ReferenceLogitMath owner, SamplingPlan plan, TokenHistory history) {
      this.owner = owner;
      this.plan = plan;
      this.history = history;
      this.constraint = plan.beginConstraint();
    }

    @Override
    public void append(int id) {
      checkState(!closed, "this sampler state is closed");
      history.append(id);
      if (constraint != null) {
        constraint.append(id);
      }
    }

    @Override
    public void truncate(int generated) {
      checkState(!closed, "this sampler state is closed");
      history.truncate(generated);
      if (constraint != null) {
        constraint.truncate(generated);
      }
    }

    @Override
    public int allowed(int[] ids) {
      return constraint == null ? ids.length : constraint.allowed(ids);
    }

    @Override
    public void close() {
      closed = true;
    }

    int pick(Logits fused, int index) {
      checkState(!closed, "this sampler state is closed");
      float[] row = RowChecks.read(fused, index);
      PlanChecks.requireInRow(plan, history, row.length);
      RowChecks.requireUsable(row, index, "fused logits");
      TokenMask mask = constraint == null ? null : constraint.mask();
      ReferenceEdits.apply(row, plan, history, mask);
      StepContext context = StepContext.of(plan.seed(), history);
      for (LogitsProcessor processor : plan.processors()) {
        processor.process(row, context);
      }
      if (mask != null) {
        mask.apply(row);
      }
      if (!RowChecks.isUsable(RowChecks.largest(row))) {
        throw EditFault.explain(fused.row(index), row, index, plan, history);
      }
      return plan.sampler() instanceof Sampler.Custom custom
          ? RowChecks.customPick(custom, row, context)
          : standardPick(row, (StandardSampler) plan.sampler());
    }

    private int standardPick(float[] row, StandardSampler sampler) {
      if (sampler.isGreedy()) {
        return RowChecks.argmax(row);
      }
      Scale scale = new Scale(RowChecks.largest(row), sampler.temperature());
      return Filters.apply(Candidates.ofRow(row, scale), sampler)
          .draw(Noise.key(plan.seed(), history.position()));
    }
  }
}
