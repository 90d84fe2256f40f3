package io.proxytune.examples.evaluation;

import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.Usage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which family of models to use, and with how many threads. */
public final class FamilyOptions {
  @Option(
      names = "--family",
      paramLabel = "DIR",
      description = "The folder of the family; the one that ships if not given.")
  private @Nullable Path folder;

  @Option(
      names = "--threads",
      paramLabel = "COUNT",
      description = "CPU threads inside an operation; the physical cores are best.")
  private @Nullable Integer threads;

  /** The family's folder; there must be one. */
  public FamilyFolder family() {
    return FamilyFolder.require(folder);
  }

  /** Loads the models. */
  public Systems open(CommandContext context, FamilyFolder family, boolean quiet) {
    setThreads(context);
    return Systems.open(context, family, quiet);
  }

  /** Sets how many threads decode, where that was asked for. */
  public void setThreads(CommandContext context) {
    Usage.check(threads == null || threads >= 1, "--threads must be >= 1, got %s", threads);
    if (threads != null) {
      context.engine().setThreads(threads);
    }
  }
}
