package io.proxytune.examples.training;

import io.proxytune.core.training.ModelShape;
import io.proxytune.core.training.Training;
import io.proxytune.core.training.TrainingData;
import io.proxytune.core.training.TrainingOptions;
import io.proxytune.core.training.TrainingReport;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.OutputOptions;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a new, small Llama on plain text. */
@Command(
    name = "pretrain",
    description = "Trains a new, small Llama on plain text, on the CPU.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class)
public final class PretrainCommand implements Callable<Integer> {
  private static final double LEARNING_RATE = 2e-3;

  private final CommandContext context;

  @Option(
      names = "--text",
      required = true,
      paramLabel = "FILE",
      description = "UTF-8 text, a document a line.")
  private Path text = Path.of("");

  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "MODEL",
      description =
          "A folder with tokenizer.json and tokenizer_config.json, or a model's name on the Hub.")
  private String tokenizer = "";

  @Option(names = "--hidden", paramLabel = "N", description = "Width of the model.")
  private int hidden = 256;

  @Option(names = "--layers", paramLabel = "N", description = "Layers.")
  private int layers = 6;

  @Option(names = "--heads", paramLabel = "N", description = "Query heads.")
  private int heads = 4;

  @Option(names = "--kv-heads", paramLabel = "N", description = "Key and value heads.")
  private @Nullable Integer kvHeads;

  @Option(names = "--intermediate", paramLabel = "N", description = "Width inside the MLP.")
  private int intermediate = 704;

  @Option(names = "--context", paramLabel = "N", description = "Positions.")
  private int positions = 128;

  @Option(names = "--tied-head", description = "Use the embedding as the head's weight too.")
  private boolean tiedHead;

  @Option(
      names = "--held-out-share",
      paramLabel = "SHARE",
      description =
          "The share of the text that is only measured on; 0.02 if not given, 0 for none.")
  private double heldOutShare = 0.02;

  @Mixin private final TrainingRunOptions training = new TrainingRunOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  public PretrainCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    HeldOut.check(heldOutShare);
    TrainingOptions options = training.options(LEARNING_RATE);
    Usage.check(positions >= 1, "--context must be >= 1, got %s", positions);
    Path folder = context.engine().folder(tokenizer);
    ModelShape shape = shape(RawDocuments.vocabularySize(folder));
    TrainingSummary.checkLossFile(training.out());
    training.setThreads(context.engine());
    TrainingData data =
        HeldOut.share(RawDocuments.read(text, folder, positions), heldOutShare, training.seed());
    String name = String.valueOf(training.out().getFileName());
    try (TrainingMonitor monitor = new TrainingMonitor(context, name, output.quiet())) {
      TrainingReport report =
          Training.pretrain(shape, folder, data, options, training.out(), monitor);
      monitor.close();
      return TrainingSummary.finish(context, report, output.json());
    }
  }

  private ModelShape shape(int vocabulary) {
    return new ModelShape(
        vocabulary,
        hidden,
        layers,
        heads,
        kvHeads == null ? heads : kvHeads,
        intermediate,
        positions,
        10_000,
        1e-5,
        tiedHead);
  }
}
