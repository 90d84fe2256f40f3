package io.proxytune.examples.training;

import io.proxytune.core.DType;
import io.proxytune.core.training.TrainingOptions;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Usage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to train, whatever is trained. */
final class TrainingRunOptions {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder to make; its training state is kept beside it until it is done.")
  private Path out = Path.of("");

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often to go through the data; 3 if not given.")
  private @Nullable Double epochs;

  @Option(names = "--steps", paramLabel = "N", description = "How many steps, instead of --epochs.")
  private @Nullable Integer steps;

  @Option(
      names = "--tokens-per-step",
      paramLabel = "N",
      description = "Positions of a step at most; 2048 if not given.")
  private int tokensPerStep = TrainingOptions.defaults().tokensPerStep();

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description = "The highest learning rate; it falls in a line to 0.")
  private @Nullable Double learningRate;

  @Option(
      names = "--warm-up-steps",
      paramLabel = "N",
      description = "Steps in which the learning rate rises.")
  private int warmUpSteps = TrainingOptions.defaults().warmUpSteps();

  @Option(names = "--weight-decay", paramLabel = "DECAY", description = "AdamW's weight decay.")
  private double weightDecay = TrainingOptions.defaults().weightDecay();

  @Option(names = "--clip-norm", paramLabel = "NORM", description = "The longest gradient.")
  private double clipNorm = TrainingOptions.defaults().clipNorm();

  @Option(
      names = "--held-out-every",
      paramLabel = "STEPS",
      description = "How often the held-out loss is measured.")
  private int heldOutEvery = TrainingOptions.defaults().heldOutEvery();

  @Option(
      names = "--save-every",
      paramLabel = "STEPS",
      description = "How often the state is saved, to go on from after a crash.")
  private int saveEvery = TrainingOptions.defaults().saveStateEvery();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of new weights and of the order of the data; 1 if not given.")
  private long seed = 1;

  @Option(
      names = "--float32",
      description = "Compute in float32, not in bfloat16: slower, a little more exact.")
  private boolean float32;

  @Option(names = "--overwrite", description = "Replace --out if it is there.")
  private boolean overwrite;

  @Option(
      names = "--no-memory-check",
      description = "Train even where the model seems not to fit into memory.")
  private boolean noMemoryCheck;

  @Option(
      names = "--threads",
      paramLabel = "COUNT",
      description = "CPU threads inside an operation; the physical cores are best.")
  private @Nullable Integer threads;

  Path out() {
    return out;
  }

  long seed() {
    return seed;
  }

  /** Applies {@code --threads}. */
  void setThreads(Engine engine) {
    if (threads != null) {
      Usage.check(threads >= 1, "--threads must be >= 1, got %s", threads);
      engine.setThreads(threads);
    }
  }

  /** Checks what was typed. */
  TrainingOptions options(double defaultLearningRate) {
    Usage.check(steps == null || epochs == null, "give --steps or --epochs, not both");
    double rate = learningRate == null ? defaultLearningRate : learningRate;
    TrainingOptions options =
        TrainingOptions.defaults()
            .withLearningRate(rate)
            .withTokensPerStep(tokensPerStep)
            .withWarmUpSteps(warmUpSteps)
            .withWeightDecay(weightDecay)
            .withClipNorm(clipNorm)
            .withHeldOutEvery(heldOutEvery)
            .withSaveStateEvery(saveEvery)
            .withSeed(seed)
            .withDType(float32 ? DType.FLOAT32 : DType.BFLOAT16)
            .withOverwrite(overwrite)
            .withMemoryCheck(!noMemoryCheck);
    options = steps == null ? options : options.withSteps(steps);
    return epochs == null ? options : options.withEpochs(epochs);
  }
}
