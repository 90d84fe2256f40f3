package io.proxytune.core.torch.training;

import io.proxytune.core.decoder.LinearSpec;
import java.util.Set;

/**
 * A LoRA adapter to train: immutable.
 *
 * @param rank the inner width
 * @param scale what its output is multiplied by
 * @param modules the linear layers that get one, such as {@code q_proj}
 */
public record AdapterSpec(int rank, double scale, Set<String> modules) {
  public AdapterSpec {
    modules = Set.copyOf(modules);
  }

  /** Whether the last part of a layer's module, such as {@code q_proj}, is among the targets. */
  boolean targets(LinearSpec linear) {
    String module = linear.module();
    return modules.contains(module.substring(module.lastIndexOf('.') + 1));
  }
}
