package io.proxytune.core.training;

import io.proxytune.core.DType;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.training.MemoryNeed;
import io.proxytune.core.torch.training.TrainableModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What is trained and what becomes of it: the part in which new models, tuned ones and adapters
 * differ.
 *
 * @param what the model, for the fingerprint
 * @param source the checkpoint that is learnt from, if there is one
 * @param spec what it is
 * @param memory what it needs
 * @param open makes the model for a dtype
 * @param save writes the output into a folder
 */
record TrainingTask(
    String what,
    Optional<Path> source,
    DecoderSpec spec,
    MemoryNeed memory,
    Function<StoredType, TrainableModel> open,
    BiConsumer<TrainableModel, Path> save) {

  TrainingReport run(
      TrainingData data, TrainingOptions options, Path output, TrainingListener listener) {
    OutputFolder folder = new OutputFolder(output, options.overwrite());
    source.ifPresent(folder::checkIsNot);
    check(data.sequences(), "sequences");
    check(data.heldOut(), "held-out sequences");
    if (!Files.exists(folder.stateFolder())) {
      folder.check(); // before anything is made
    }
    try (StateFolder stateFolder = StateFolder.claim(folder.stateFolder())) {
      TrainingState state = new TrainingState(stateFolder, Fingerprint.of(what, data, options));
      Optional<TrainingState.Progress> saved = state.read(); // refused before anything is loaded
      if (saved.isPresent() && saved.get().outputReady()) {
        publish(folder, stateFolder);
        return TrainingRun.report(saved.get(), folder.folder(), true);
      }
      folder.check();
      return train(data, options, listener, folder, state);
    } catch (IOException e) {
      throw OutputFolder.unwritable(folder.stateFolder(), e);
    }
  }

  private TrainingReport train(
      TrainingData data,
      TrainingOptions options,
      TrainingListener listener,
      OutputFolder folder,
      TrainingState state)
      throws IOException {
    StoredType dtype = options.dtype() == DType.FLOAT32 ? StoredType.F32 : StoredType.BF16;
    if (options.memoryCheck()) {
      memory.requireFree(dtype, longestStep(data, options), spec.constantLength());
    }
    try (ExitStop exit = ExitStop.listen();
        TrainableModel model = open.apply(dtype)) {
      TrainingRun run =
          new TrainingRun(model, spec.constantLength(), data, options, state, listener);
      TrainingReport report = run.run(folder.folder(), exit::isRequested);
      if (report.complete()) {
        write(model, options, state.folder().newStage());
        state.saveOutputReady(run.progress());
        publish(folder, state.folder());
      }
      return report;
    }
  }

  private static void publish(OutputFolder folder, StateFolder state) throws IOException {
    folder.publish(state.stage());
    state.delete();
  }

  private void write(TrainableModel model, TrainingOptions options, Path stage) {
    save.accept(model, stage);
    options
        .chatTemplate()
        .ifPresent(file -> OutputFolder.copy(file, stage.resolve("chat_template.jinja")));
    OutputFolder.flush(stage);
  }

  private static int longestStep(TrainingData data, TrainingOptions options) {
    int longest = data.sequences().stream().mapToInt(TrainingSequence::length).max().orElse(0);
    return Math.max(options.tokensPerStep(), longest);
  }

  private void check(List<TrainingSequence> sequences, String name) {
    for (int i = 0; i < sequences.size(); i++) {
      TrainingSequence sequence = sequences.get(i);
      if (sequence.length() - 1 > spec.constantLength()) {
        throw new TrainingDataException(
            name
                + "["
                + i
                + "] takes "
                + (sequence.length() - 1)
                + " positions, more than the "
                + (spec.constantLength() < spec.contextLength()
                    ? "positions that the model was first trained on (beyond, its rotary scaling"
                        + " depends on the length), "
                    : "model's context of ")
                + spec.constantLength()
                + "; cut it",
            null);
      }
      checkFills(sequence, name + "[" + i + "]");
      checkIds(sequence, name + "[" + i + "]");
    }
  }

  /** What pads a shorter row would be seen from both sides. */
  private void checkFills(TrainingSequence sequence, String name) {
    if (spec.isBidirectional() && sequence.length() - 1 != spec.constantLength()) {
      throw new TrainingDataException(
          name
              + " takes "
              + (sequence.length() - 1)
              + " positions, but tokens of this model see those behind them, so that a row must"
              + " fill its context of "
              + spec.constantLength()
              + ": put ids behind its end that it is to learn as such",
          null);
    }
  }

  private void checkIds(TrainingSequence sequence, String name) {
    for (int i = 0; i < sequence.length(); i++) {
      int greatest = Math.max(sequence.id(i), sequence.read(i));
      if (greatest >= spec.vocabulary()) {
        throw new TrainingDataException(
            name
                + " has the token id "
                + greatest
                + ", but the model has "
                + spec.vocabulary()
                + " ids; use the tokenizer that belongs to the model",
            null);
      }
    }
  }
}
