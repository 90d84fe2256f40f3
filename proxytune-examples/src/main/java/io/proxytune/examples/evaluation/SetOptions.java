package io.proxytune.examples.evaluation;

import io.proxytune.examples.cli.Usage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much of an evaluation set to use. */
public final class SetOptions {
  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The first N items of each task only; all if not given.")
  private @Nullable Integer limit;

  /** Reads a set of a family. */
  public ItemSet read(FamilyFolder family, String name) {
    Usage.check(limit == null || limit >= 1, "--limit must be >= 1, got %s", limit);
    ItemSet set = ItemSet.read(name, family.data(name));
    return limit == null ? set : set.limit(limit);
  }
}
