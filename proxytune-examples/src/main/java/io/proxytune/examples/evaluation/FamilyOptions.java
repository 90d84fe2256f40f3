package io.proxytune.examples.evaluation;

import static java.util.Objects.requireNonNull;

import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.report.RunRecord;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** What results of the family are made with: the command that runs, and the models. */
  public RunRecord record(FamilyFolder family) {
    RunRecord run = record();
    run.addModel("base", 0, "base", Optional.of(family.base()));
    run.addModel("direct", 0, "base-tuned", Optional.of(family.baseTuned()));
    run.addModel("expert", 0, "expert", Optional.of(family.expert()));
    run.addModel("anti-expert", 0, "small", Optional.of(family.small()));
    if (family.hasExpertLora()) {
      run.addModel("expert", 0, "expert-lora", Optional.of(family.expertLora()));
    }
    return run;
  }

  /** The same of one model. */
  public RunRecord record(String name, Path folder) {
    RunRecord run = record();
    run.addModel("model", 0, name, Optional.of(folder));
    return run;
  }

  private RunRecord record() {
    CommandSpec running = requireNonNull(command, "a command with these options");
    return RunRecord.now(running.root().commandLine().getParseResult().originalArgs());
  }

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
