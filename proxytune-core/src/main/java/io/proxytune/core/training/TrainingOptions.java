package io.proxytune.core.training;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.proxytune.core.DType;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How to train: AdamW (arXiv 1711.05101) with the gradient clipped to a length, a learning rate
 * that rises linearly over the warm-up and falls linearly to 0 at the last step. Immutable; safe
 * for use by several threads.
 */
public final class TrainingOptions {
  private static final TrainingOptions DEFAULTS = new TrainingOptions(new Settings());

  private final Settings settings;

  private TrainingOptions(Settings settings) {
    this.settings = settings;
  }

  /** The values; never changed once an instance of the outer class holds them. */
  private static final class Settings implements Cloneable {
    private int steps; // 0: by epochs
    private double epochs = 3;
    private int tokensPerStep = 2048;
    private double learningRate = 1e-4;
    private double beta1 = 0.9;
    private double beta2 = 0.98;
    private double epsilon = 1e-8;
    private double weightDecay = 0.01;
    private double clipNorm = 1;
    private int warmUpSteps;
    private long seed;
    private int heldOutEvery = 100;
    private int saveStateEvery = 500;
    private DType dtype = DType.BFLOAT16;
    private boolean overwrite;
    private boolean memoryCheck = true;
    private Optional<Path> chatTemplate = Optional.empty();

    private Settings copy() {
      try {
        return (Settings) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** A copy with a change. */
  private TrainingOptions with(Consumer<Settings> change) {
    Settings copy = settings.copy();
    change.accept(copy);
    return new TrainingOptions(copy);
  }

  /**
   * Three epochs of 2,048 tokens a step at 1e-4 without warm-up, betas 0.9 and 0.98, weight decay
   * 0.01, clipped to length 1, in bfloat16.
   *
   * @return the defaults
   */
  public static TrainingOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Trains for a number of steps, however many epochs that makes.
   *
   * @param steps at least 1
   * @return changed options
   */
  public TrainingOptions withSteps(int steps) {
    checkArgument(steps >= 1, "steps must be >= 1, got %s", steps);
    return with(set -> set.steps = steps);
  }

  /**
   * Goes through the data a number of times.
   *
   * @param epochs above 0; a fraction ends within an epoch
   * @return changed options
   */
  public TrainingOptions withEpochs(double epochs) {
    checkArgument(
        epochs > 0 && Double.isFinite(epochs), "epochs must be finite and > 0, got %s", epochs);
    return with(
        set -> {
          set.epochs = epochs;
          set.steps = 0;
        });
  }

  /**
   * Limits a step: rows are added to it as long as all of them, padded to the longest, take no more
   * positions than this. A row that is longer makes a step of its own.
   *
   * @param tokens at least 1
   * @return changed options
   */
  public TrainingOptions withTokensPerStep(int tokens) {
    checkArgument(tokens >= 1, "tokensPerStep must be >= 1, got %s", tokens);
    return with(set -> set.tokensPerStep = tokens);
  }

  /**
   * The highest learning rate.
   *
   * @param rate above 0
   * @return changed options
   */
  public TrainingOptions withLearningRate(double rate) {
    checkArgument(rate > 0 && rate < 1e3, "learningRate must be in (0, 1000), got %s", rate);
    return with(set -> set.learningRate = rate);
  }

  /**
   * How slowly AdamW's moments change.
   *
   * @param beta1 of the mean, in [0, 1)
   * @param beta2 of the square, in [0, 1)
   * @return changed options
   */
  public TrainingOptions withBetas(double beta1, double beta2) {
    checkArgument(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1), got %s", beta1);
    checkArgument(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1), got %s", beta2);
    return with(
        set -> {
          set.beta1 = beta1;
          set.beta2 = beta2;
        });
  }

  /**
   * How far matrices shrink in a step, times the learning rate; norms and biases never do.
   *
   * @param decay at least 0
   * @return changed options
   */
  public TrainingOptions withWeightDecay(double decay) {
    checkArgument(decay >= 0 && decay < 1e3, "weightDecay must be in [0, 1000), got %s", decay);
    return with(set -> set.weightDecay = decay);
  }

  /**
   * The greatest length of a gradient; a longer one is scaled down to it.
   *
   * @param norm above 0; infinity for no limit
   * @return changed options
   */
  public TrainingOptions withClipNorm(double norm) {
    checkArgument(norm > 0, "clipNorm must be > 0, got %s", norm);
    return with(set -> set.clipNorm = norm);
  }

  /**
   * How many steps the learning rate takes to rise.
   *
   * @param steps at least 0
   * @return changed options
   */
  public TrainingOptions withWarmUpSteps(int steps) {
    checkArgument(steps >= 0, "warmUpSteps must be >= 0, got %s", steps);
    return with(set -> set.warmUpSteps = steps);
  }

  /**
   * What new weights and the order of the data depend on.
   *
   * @param seed any number
   * @return changed options
   */
  public TrainingOptions withSeed(long seed) {
    return with(set -> set.seed = seed);
  }

  /**
   * How often the held-out loss is measured; it is measured after the last step too.
   *
   * @param steps at least 1
   * @return changed options
   */
  public TrainingOptions withHeldOutEvery(int steps) {
    checkArgument(steps >= 1, "heldOutEvery must be >= 1, got %s", steps);
    return with(set -> set.heldOutEvery = steps);
  }

  /**
   * How often the state is saved beside the output folder, to go on from after an interruption.
   *
   * @param steps at least 1
   * @return changed options
   */
  public TrainingOptions withSaveStateEvery(int steps) {
    checkArgument(steps >= 1, "saveStateEvery must be >= 1, got %s", steps);
    return with(set -> set.saveStateEvery = steps);
  }

  /**
   * The number format of the forward and backward passes; the weights that are learnt are float32
   * either way.
   *
   * @param dtype bfloat16, or float32, which is slower and exact enough to check gradients
   * @return changed options
   */
  public TrainingOptions withDType(DType dtype) {
    checkArgument(
        dtype == DType.BFLOAT16 || dtype == DType.FLOAT32,
        "training needs BFLOAT16 or FLOAT32, got %s",
        dtype);
    return with(set -> set.dtype = dtype);
  }

  /**
   * Whether an output folder that is not empty is replaced; otherwise it is refused.
   *
   * @param overwrite whether it is
   * @return changed options
   */
  public TrainingOptions withOverwrite(boolean overwrite) {
    return with(set -> set.overwrite = overwrite);
  }

  /**
   * Whether a model that seems not to fit into memory is refused.
   *
   * @param check whether it is
   * @return changed options
   */
  public TrainingOptions withMemoryCheck(boolean check) {
    return with(set -> set.memoryCheck = check);
  }

  /**
   * Gives the output a chat template, instead of the source's if that has one.
   *
   * @param file a Jinja template
   * @return changed options
   */
  public TrainingOptions withChatTemplate(Path file) {
    return with(set -> set.chatTemplate = Optional.of(requireNonNull(file, "file")));
  }

  /**
   * How many steps to train for.
   *
   * @return the steps; 0 if {@link #epochs} says
   */
  public int steps() {
    return settings.steps;
  }

  /**
   * How often to go through the data, unless {@link #steps} says.
   *
   * @return above 0
   */
  public double epochs() {
    return settings.epochs;
  }

  /**
   * See {@link #withTokensPerStep}.
   *
   * @return at least 1
   */
  public int tokensPerStep() {
    return settings.tokensPerStep;
  }

  /**
   * See {@link #withLearningRate}.
   *
   * @return above 0
   */
  public double learningRate() {
    return settings.learningRate;
  }

  /**
   * See {@link #withBetas}.
   *
   * @return in [0, 1)
   */
  public double beta1() {
    return settings.beta1;
  }

  /**
   * See {@link #withBetas}.
   *
   * @return in [0, 1)
   */
  public double beta2() {
    return settings.beta2;
  }

  /**
   * What AdamW adds to the root of the square.
   *
   * @return 1e-8
   */
  public double epsilon() {
    return settings.epsilon;
  }

  /**
   * See {@link #withWeightDecay}.
   *
   * @return at least 0
   */
  public double weightDecay() {
    return settings.weightDecay;
  }

  /**
   * See {@link #withClipNorm}.
   *
   * @return above 0
   */
  public double clipNorm() {
    return settings.clipNorm;
  }

  /**
   * See {@link #withWarmUpSteps}.
   *
   * @return at least 0
   */
  public int warmUpSteps() {
    return settings.warmUpSteps;
  }

  /**
   * See {@link #withSeed}.
   *
   * @return the seed
   */
  public long seed() {
    return settings.seed;
  }

  /**
   * See {@link #withHeldOutEvery}.
   *
   * @return at least 1
   */
  public int heldOutEvery() {
    return settings.heldOutEvery;
  }

  /**
   * See {@link #withSaveStateEvery}.
   *
   * @return at least 1
   */
  public int saveStateEvery() {
    return settings.saveStateEvery;
  }

  /**
   * See {@link #withDType}.
   *
   * @return bfloat16 or float32
   */
  public DType dtype() {
    return settings.dtype;
  }

  /**
   * See {@link #withOverwrite}.
   *
   * @return whether an output folder is replaced
   */
  public boolean overwrite() {
    return settings.overwrite;
  }

  /**
   * See {@link #withMemoryCheck}.
   *
   * @return whether the memory is checked
   */
  public boolean memoryCheck() {
    return settings.memoryCheck;
  }

  /**
   * See {@link #withChatTemplate}.
   *
   * @return the template's file, if one was given
   */
  public Optional<Path> chatTemplate() {
    return settings.chatTemplate;
  }
}
