package io.proxytune.examples.training;

import io.proxytune.core.training.LoraOptions;
import io.proxytune.examples.cli.Usage;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether to make a LoRA adapter, and which. */
final class AdapterOptions {
  @Option(
      names = "--lora",
      description = "Make a LoRA adapter in PEFT's layout, not a copy of the model.")
  private boolean lora;

  @Option(names = "--rank", paramLabel = "R", description = "The adapter's rank; 8 if not given.")
  private @Nullable Integer rank;

  @Option(
      names = "--lora-alpha",
      paramLabel = "ALPHA",
      description = "The adapter is scaled by ALPHA / R; 16 if not given.")
  private @Nullable Double alpha;

  @Option(
      names = "--target-modules",
      paramLabel = "NAME",
      split = ",",
      description = "The adapted layers, such as q_proj,v_proj; all linear ones if not given.")
  private @Nullable Set<String> targetModules;

  @Option(names = "--rank-stabilized", description = "Scale the adapter by ALPHA / sqrt(R).")
  private boolean rankStabilized;

  boolean wanted() {
    return lora;
  }

  /** Refuses what would be ignored. */
  void check() {
    boolean given = rank != null || alpha != null || targetModules != null || rankStabilized;
    Usage.check(
        lora || !given, "--rank, --lora-alpha, --target-modules and --rank-stabilized need --lora");
    if (lora) {
      options();
    }
  }

  LoraOptions options() {
    LoraOptions options = LoraOptions.defaults().withRankStabilized(rankStabilized);
    options = rank == null ? options : options.withRank(rank);
    options = alpha == null ? options : options.withAlpha(alpha);
    return targetModules == null ? options : options.withTargetModules(targetModules);
  }
}
