package io.proxytune.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.AdapterSummary;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.DType;
import io.proxytune.core.DevicePlan;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.fit.FitReport;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "Say which layers would be on which device too, as --device of other commands places"
              + " them; devices with a number need not be there.")
  private @Nullable String device;

  @Option(
      names = "--dtype",
      paramLabel = "DTYPE",
      converter = ModelOptions.DTypeConverter.class,
      description = "The weights in memory, for --device: stored (the default), float32, ...")
  private DType dtype = DType.AS_STORED;

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
    Usage.check(device == null || models.size() == 1, "--device is for one model alone");
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
      ObjectNode object = SummaryReport.json(summary);
      List<String> lines = SummaryReport.lines(summary);
      if (device != null) {
        LoadOptions options = LoadOptions.defaults().withDType(dtype).withDevice(device);
        DevicePlan plan = app.engine().plan(folder, options);
        object.set("device_plan", SummaryReport.json(plan));
        lines.addAll(SummaryReport.lines(plan));
      }
      print(object, lines);
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
