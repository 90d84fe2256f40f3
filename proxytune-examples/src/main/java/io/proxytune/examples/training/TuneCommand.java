package io.proxytune.examples.training;

import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
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
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tunes a checkpoint on conversations: a copy with new weights, or a LoRA adapter. */
@Command(
    name = "tune",
    description = "Tunes a Llama checkpoint on conversations, on the CPU: a copy or an adapter.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class)
public final class TuneCommand implements Callable<Integer> {
  private static final double FULL_RATE = 1e-4;
  private static final double LORA_RATE = 1e-3;

  private final CommandContext context;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description =
          "The Hugging Face checkpoint folder to tune, or a name on the Hub; it stays as it is.")
  private String model = "";

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description =
          "JSONL of {\"messages\": [{\"role\": ..., \"content\": ...}]}; answers carry the loss.")
  private Path data = Path.of("");

  @Option(
      names = "--held-out",
      paramLabel = "FILE",
      description = "The same of conversations that are only measured on.")
  private @Nullable Path heldOut;

  @Option(
      names = "--held-out-share",
      paramLabel = "SHARE",
      description = "The share of --data that is only measured on, instead of --held-out.")
  private double heldOutShare;

  @Option(
      names = "--chat-template",
      paramLabel = "FILE",
      description = "A Jinja template for the tuned model, if --model has none.")
  private @Nullable Path chatTemplate;

  @Option(
      names = "--max-length",
      paramLabel = "TOKENS",
      description = "The longest conversation; the model's context if not given.")
  private @Nullable Integer maxLength;

  @Option(
      names = "--packed",
      description = "Put several conversations into a row: faster, but they see each other.")
  private boolean packed;

  @Mixin private final AdapterOptions adapter = new AdapterOptions();
  @Mixin private final TrainingRunOptions training = new TrainingRunOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  public TuneCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    adapter.check();
    HeldOut.check(heldOutShare);
    Usage.check(
        heldOut == null || heldOutShare == 0, "give --held-out or --held-out-share, not both");
    TrainingOptions options = training.options(adapter.wanted() ? LORA_RATE : FULL_RATE);
    options = chatTemplate == null ? options : options.withChatTemplate(chatTemplate);
    TrainingSummary.checkLossFile(training.out());
    training.setThreads(context.engine());
    Path folder = context.engine().folder(model);
    TrainingData chats = chats(folder, positions(folder));
    String name = String.valueOf(training.out().getFileName());
    try (TrainingMonitor monitor = new TrainingMonitor(context, name, output.quiet())) {
      TrainingReport report = tune(folder, chats, options, monitor);
      monitor.close();
      return TrainingSummary.finish(context, report, output.json());
    }
  }

  private int positions(Path folder) {
    int most = context.engine().inspect(folder).contextLength();
    Usage.check(
        maxLength == null || (maxLength >= 2 && maxLength <= most),
        "--max-length must be in [2, %s], the model's context, got %s",
        most,
        maxLength);
    return maxLength == null ? most : maxLength;
  }

  private TrainingData chats(Path folder, int positions) {
    Tokenizer tokenizer = ChatData.tokenizer(folder, Optional.ofNullable(chatTemplate));
    TrainingData chats = TrainingData.of(ChatData.read(data, tokenizer, positions));
    chats =
        heldOut == null
            ? HeldOut.share(chats, heldOutShare, training.seed())
            : chats.withHeldOut(ChatData.read(heldOut, tokenizer, positions));
    return packed ? chats.packed(positions) : chats;
  }

  private TrainingReport tune(
      Path folder, TrainingData chats, TrainingOptions options, TrainingMonitor monitor) {
    return adapter.wanted()
        ? Training.tuneLora(folder, adapter.options(), chats, options, training.out(), monitor)
        : Training.tune(folder, chats, options, training.out(), monitor);
  }
}
