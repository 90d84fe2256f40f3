package io.proxytune.examples;

import io.proxytune.core.CheckpointSummary;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.VerboseOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a checkpoint folder holds. */
@Command(
    name = "inspect",
    description = "What a checkpoint folder holds; its weights are not loaded.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class)
final class InspectCommand implements Callable<Integer> {
  private final App app;

  @Parameters(paramLabel = "DIR", description = "A Hugging Face checkpoint folder.")
  private Path folder = Path.of("");

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  InspectCommand(App app) {
    this.app = app;
  }

  @Override
  public Integer call() {
    CheckpointSummary summary = app.engine().inspect(folder);
    if (json) {
      JsonReport.print(app.terminal(), SummaryReport.json(summary));
    } else {
      SummaryReport.lines(summary).forEach(app.terminal().out()::println);
    }
    return 0;
  }
}
