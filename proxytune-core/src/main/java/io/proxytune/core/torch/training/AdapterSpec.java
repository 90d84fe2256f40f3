package io.proxytune.core.torch.training;

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

  boolean targets(String module) {
    return modules.contains(module);
  }
}
