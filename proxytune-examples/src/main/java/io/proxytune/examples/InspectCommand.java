package io.proxytune.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.AdapterSummary;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.fit.FitReport;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.VerboseOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a checkpoint folder holds, or which of several fit together. */
@Command(
    name = "inspect",
    description =
        "What a checkpoint folder or a LoRA adapter holds, or which of several models fit together;"
            + " weights are not loaded.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class)
final class InspectCommand implements Callable<Integer> {
  private final App app;

  @Parameters(
      paramLabel = "MODEL",
      arity = "1..*",
      description =
          "A Hugging Face checkpoint folder, a PEFT folder, or a name on the Hub; two or more are"
              + " compared.")
  private List<String> models = List.of();

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
    List<Path> folders = models.stream().map(app.engine()::folder).toList();
    if (folders.size() > 1) {
      FitReport report = app.engine().compare(folders);
      print(FitJson.of(report), new FitText(report, models).lines());
    } else {
      inspect(folders.get(0));
    }
    return 0;
  }

  private void inspect(Path folder) {
    if (app.engine().isAdapter(folder)) {
      AdapterSummary adapter = app.engine().inspectAdapter(folder);
      print(AdapterReport.json(adapter), AdapterReport.lines(adapter));
    } else {
      CheckpointSummary summary = app.engine().inspect(folder);
      print(SummaryReport.json(summary), SummaryReport.lines(summary));
    }
  }

  private void print(ObjectNode object, List<String> lines) {
    if (json) {
      JsonReport.print(app.terminal(), object);
    } else {
      lines.forEach(app.terminal().out()::println);
    }
  }
}
