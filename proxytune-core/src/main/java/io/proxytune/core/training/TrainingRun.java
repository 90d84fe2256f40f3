package io.proxytune.core.training;

import io.proxytune.ModelException;
import io.proxytune.core.torch.training.AdamSettings;
import io.proxytune.core.torch.training.StepResult;
import io.proxytune.core.torch.training.TokenBatch;
import io.proxytune.core.torch.training.TrainableModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a training, from the last saved state to the end or until it is stopped. */
final class TrainingRun {
  private static final Logger logger = LoggerFactory.getLogger(TrainingRun.class);

  private final TrainableModel model;
  private final TrainingOptions options;
  private final TrainingState state;
  private final TrainingListener listener;
  private final Batches batches;
  private final List<TokenBatch> heldOut;
  private final int steps;

  // How far it is; of this call alone: since when, and from where.
  private TrainingState.Progress done;
  private final long began = System.nanoTime();
  private final int firstStep;
  private final double secondsBefore;
  private final long tokensBefore;

  TrainingRun(
      TrainableModel model,
      int contextLength,
      TrainingData data,
      TrainingOptions options,
      TrainingState state,
      TrainingListener listener) {
    this.model = model;
    this.options = options;
    this.state = state;
    this.listener = listener;
    this.batches =
        new Batches(data.sequences(), options.tokensPerStep(), contextLength, options.seed());
    this.heldOut =
        data.heldOut().isEmpty()
            ? List.of()
            : new Batches(data.heldOut(), options.tokensPerStep(), contextLength, 0).inOrder();
    this.steps = options.steps() > 0 ? options.steps() : batches.steps(options.epochs());
    this.done = state.read().orElseGet(state::none);
    if (done.step() > 0) {
      logger.info("Training goes on after step {} of {}", done.step(), steps);
      state.restore(done, model);
    }
    this.firstStep = done.step();
    this.secondsBefore = done.seconds();
    this.tokensBefore = done.tokens();
  }

  /** Trains to the end, or until it is stopped by the listener, an interrupt, or what is asked. */
  TrainingReport run(Path folder, BooleanSupplier stops) {
    Iterator<TokenBatch> rows = batches.from(done.step());
    while (done.step() < steps) {
      if (listener.stopRequested()
          || Thread.currentThread().isInterrupted()
          || stops.getAsBoolean()) {
        if (done.step() > 0) {
          state.save(done, model);
        }
        return report(folder, false);
      }
      step(rows.next());
    }
    return report(folder, true);
  }

  private void step(TokenBatch batch) {
    int step = done.step() + 1;
    double rate = learningRate(step);
    StepResult result = model.step(batch, adam(), rate, step);
    requireFinite(result, step);
    done.losses().add(result.loss());
    OptionalDouble heldOutLoss = heldOutLoss(step);
    heldOutLoss.ifPresent(loss -> done.heldOutLosses().put(step, loss));
    done =
        new TrainingState.Progress(
            done.fingerprint(),
            step,
            done.losses(),
            done.heldOutLosses(),
            secondsBefore + seconds(),
            done.tokens() + batch.positions(),
            false);
    if (step % options.saveStateEvery() == 0 && step < steps) {
      state.save(done, model);
    }
    listener.onStep(progress(result, rate, heldOutLoss));
  }

  private AdamSettings adam() {
    return new AdamSettings(
        options.beta1(),
        options.beta2(),
        options.epsilon(),
        options.weightDecay(),
        options.clipNorm());
  }

  /** Up over the warm-up, then down towards 0, which the step after the last would have. */
  private double learningRate(int step) {
    int warmUp = Math.min(options.warmUpSteps(), steps - 1);
    double share =
        step <= warmUp ? (double) step / warmUp : (steps - step + 1.0) / (steps - warmUp);
    return options.learningRate() * share;
  }

  private static void requireFinite(StepResult result, int step) {
    if (!Double.isFinite(result.loss()) || !Double.isFinite(result.gradientNorm())) {
      throw new ModelException(
          "training diverged at step "
              + step
              + ": loss "
              + result.loss()
              + ", gradient norm "
              + result.gradientNorm()
              + "; lower the learning rate or warm up longer, and delete the state folder if it was"
              + " saved too late");
    }
  }

  private OptionalDouble heldOutLoss(int step) {
    if (heldOut.isEmpty() || (step % options.heldOutEvery() != 0 && step != steps)) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    long tokens = 0;
    for (TokenBatch batch : heldOut) {
      sum += model.lossSum(batch);
      tokens += batch.lossTokens();
    }
    return OptionalDouble.of(sum / tokens);
  }

  private double seconds() {
    return (System.nanoTime() - began) / 1e9;
  }

  private TrainingProgress progress(StepResult result, double rate, OptionalDouble heldOutLoss) {
    double perStep = seconds() / (done.step() - firstStep);
    return new TrainingProgress(
        done.step(),
        steps,
        result.loss(),
        rate,
        result.gradientNorm(),
        (done.tokens() - tokensBefore) / seconds(),
        heldOutLoss,
        Duration.ofMillis((long) (1000 * perStep * (steps - done.step()))));
  }

  private TrainingReport report(Path folder, boolean complete) {
    return report(done, folder, complete);
  }

  /** What is told of a training that came so far. */
  static TrainingReport report(TrainingState.Progress done, Path folder, boolean complete) {
    return new TrainingReport(
        folder,
        complete,
        done.step(),
        done.losses(),
        new TreeMap<>(done.heldOutLosses()),
        done.seconds(),
        done.tokens());
  }

  /** How far it is. */
  TrainingState.Progress progress() {
    return done;
  }
}
