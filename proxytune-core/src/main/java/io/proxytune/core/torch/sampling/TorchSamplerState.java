package io.proxytune.core.torch.sampling;

import static com.google.common.base.Preconditions.checkState;

import io.proxytune.ModelException;
import io.proxytune.Penalties;
import io.proxytune.StandardSampler;
import io.proxytune.core.constraint.ConstraintState;
import io.proxytune.core.constraint.TokenMask;
import io.proxytune.core.sampling.EditFault;
import io.proxytune.core.sampling.PlanChecks;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.sampling.StepContext;
import io.proxytune.core.sampling.StepRules;
import io.proxytune.core.sampling.TokenHistory;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A sequence's tokens, and its edits as tensors on the device of its logits. */
final class TorchSamplerState implements SamplerState {
  private final TorchLogitMath owner;
  private final SamplingPlan plan;
  private final TokenHistory history;
  private final @Nullable SeenIds seen;
  private final @Nullable ConstraintState constraint;
  private @Nullable FixedEdits fixed;
  private boolean closed;

  TorchSamplerState(TorchLogitMath owner, SamplingPlan plan, int[] promptIds) {
    this.owner = owner;
    this.plan = plan;
    this.history = new TokenHistory(promptIds);
    this.seen = plan.penalties().equals(Penalties.NONE) ? null : new SeenIds(history);
    this.constraint = plan.beginConstraint();
  }

  TorchLogitMath owner() {
    return owner;
  }

  SamplingPlan plan() {
    return plan;
  }

  StepContext context() {
    return StepContext.of(plan.seed(), history);
  }

  /** Refuses to pick for a closed state or from rows that lack the plan's ids. */
  void requireReady(int width) {
    checkState(!closed, "this sampler state is closed");
    PlanChecks.requireInRow(plan, history, width);
  }

  /** Why a row can't be picked from after this state's edits and the application's. */
  ModelException fault(float[] fused, float[] edited, int index) {
    return EditFault.explain(fused, edited, index, plan, history);
  }

  /** Whether the token of the largest fused logit is picked at this step, if it may be. */
  boolean isPlainGreedy() {
    return plan.sampler() instanceof StandardSampler standard
        && standard.isGreedy()
        && plan.processors().isEmpty()
        && !changesLogits();
  }

  /** Whether the constraint, if there is one, lets a token come next. */
  boolean allows(int id) {
    return constraint == null || constraint.allows(id);
  }

  @Override
  public int allowed(int[] ids) {
    return constraint == null ? ids.length : constraint.allowed(ids);
  }

  /** Whether the row is another one at this step. */
  boolean hasEdits() {
    return constraint != null || changesLogits();
  }

  /** Whether bias, penalties or bans change the row at this step. */
  private boolean changesLogits() {
    return seen != null
        || !plan.logitBias().isEmpty()
        || !plan.bannedIds().isEmpty()
        || (isTooShort() && !plan.endIds().isEmpty())
        || !rules().isEmpty();
  }

  private StepRules rules() {
    return StepRules.of(plan, history);
  }

  private boolean isTooShort() {
    return history.generatedCount() < plan.minNewTokens();
  }

  /** Applies bias, penalties and bans, in this order, to a float32 row {@code [width]}. */
  void edit(Tensor row) {
    FixedEdits edits = fixedFor(row);
    edits.bias(row);
    if (seen != null) {
      seen.penalise(row, plan.penalties());
    }
    if (constraint == null) {
      edits.ban(row, rules(), isTooShort());
      return;
    }
    TokenMask mask = constraint.mask();
    edits.ban(row, rules(), isTooShort() && !mask.allowsOnly(plan.endIds()));
    FixedEdits.keepOnly(row, mask);
  }

  /** Takes out of a row what the application's code put into it against the constraint. */
  void constrain(float[] row) {
    if (constraint != null) {
      constraint.mask().apply(row);
    }
  }

  private FixedEdits fixedFor(Tensor row) {
    FixedEdits existing = fixed;
    if (existing != null && existing.fits(row)) {
      return existing;
    }
    closeFixed();
    FixedEdits fresh = new FixedEdits(plan, row);
    fixed = fresh;
    return fresh;
  }

  @Override
  public void append(int id) {
    checkState(!closed, "this sampler state is closed");
    history.append(id);
    if (constraint != null) {
      constraint.append(id);
    }
    if (seen != null) {
      seen.append(id);
    }
  }

  @Override
  public void truncate(int generated) {
    checkState(!closed, "this sampler state is closed");
    List<Integer> before = history.generatedIds();
    history.truncate(generated);
    if (constraint != null) {
      constraint.truncate(generated);
    }
    if (seen != null) {
      seen.remove(before.subList(generated, before.size()));
    }
  }

  private void closeFixed() {
    if (fixed != null) {
      fixed.close();
      fixed = null;
    }
  }

  @Override
  public void close() {
    closed = true;
    closeFixed();
    if (seen != null) {
      seen.close();
    }
  }
}
