package io.proxytune.core.training;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A low-rank adapter (arXiv 2106.09685): immutable. Each target layer's {@code y = W x} becomes
 * {@code y = W x + scale · B (A x)} with {@code A [rank, in]} random and {@code B [out, rank]} zero
 * at first. There is no dropout.
 *
 * @param rank the inner width, at least 1
 * @param alpha the numerator of the scale, above 0
 * @param targetModules the linear layers that get an adapter, by their names in the layer, such as
 *     {@code q_proj}; ascending
 * @param rankStabilized whether the scale is {@code alpha / √rank} (rsLoRA, arXiv 2312.03732) and
 *     not {@code alpha / rank}
 */
public record LoraOptions(
    int rank, double alpha, Set<String> targetModules, boolean rankStabilized) {
  /** The linear layers of a Llama. */
  public static final List<String> MODULES =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  public LoraOptions {
    checkArgument(rank >= 1, "rank must be >= 1, got %s", rank);
    checkArgument(
        alpha > 0 && alpha < Double.POSITIVE_INFINITY,
        "alpha must be finite and > 0, got %s",
        alpha);
    checkArgument(!targetModules.isEmpty(), "targetModules needs at least one of %s", MODULES);
    for (String module : targetModules) {
      checkArgument(
          MODULES.contains(module), "targetModules must be among %s, got %s", MODULES, module);
    }
    targetModules = Collections.unmodifiableSet(new TreeSet<>(targetModules));
  }

  /**
   * Rank 8, alpha 16, on every linear layer, scaled by alpha / rank.
   *
   * @return the defaults
   */
  public static LoraOptions defaults() {
    return new LoraOptions(8, 16, Set.copyOf(MODULES), false);
  }

  /**
   * Changes the rank.
   *
   * @param rank at least 1
   * @return changed options
   */
  public LoraOptions withRank(int rank) {
    return new LoraOptions(rank, alpha, targetModules, rankStabilized);
  }

  /**
   * Changes alpha.
   *
   * @param alpha above 0
   * @return changed options
   */
  public LoraOptions withAlpha(double alpha) {
    return new LoraOptions(rank, alpha, targetModules, rankStabilized);
  }

  /**
   * Changes the layers that get an adapter.
   *
   * @param modules some of {@link #MODULES}
   * @return changed options
   */
  public LoraOptions withTargetModules(Set<String> modules) {
    return new LoraOptions(rank, alpha, modules, rankStabilized);
  }

  /**
   * Changes the scale to {@code alpha / √rank}, or back.
   *
   * @param stabilized whether it is
   * @return changed options
   */
  public LoraOptions withRankStabilized(boolean stabilized) {
    return new LoraOptions(rank, alpha, targetModules, stabilized);
  }

  /**
   * What the adapter's output is multiplied by.
   *
   * @return {@code alpha / rank} or {@code alpha / √rank}
   */
  public double scale() {
    return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
  }
}
