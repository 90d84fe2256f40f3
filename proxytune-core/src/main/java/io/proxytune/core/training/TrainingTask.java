package io.proxytune.core.training;

import io.proxytune.core.DType;
import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.torch.training.MemoryNeed;
import io.proxytune.core.torch.training.TrainableModel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What is trained and what becomes of it: the part in which new models, tuned ones and adapters
 * differ.
 *
 * @param what the model, for the fingerprint
 * @param config its sizes
 * @param memory what it needs
 * @param open makes the model for a dtype
 * @param save writes the output into a folder
 */
record TrainingTask(
    String what,
    DecoderConfig config,
    MemoryNeed memory,
    Function<StoredType, TrainableModel> open,
    BiConsumer<TrainableModel, Path> save) {

  TrainingReport run(
      TrainingData data, TrainingOptions options, Path output, TrainingListener listener) {
    OutputFolder folder = new OutputFolder(output, options.overwrite());
    folder.check();
    check(data.sequences(), "sequences");
    check(data.heldOut(), "held-out sequences");
    StoredType dtype = options.dtype() == DType.FLOAT32 ? StoredType.F32 : StoredType.BF16;
    if (options.memoryCheck()) {
      memory.requireFree(dtype, longestStep(data, options), config.contextLength());
    }
    String fingerprint = Fingerprint.of(what, data, options);
    TrainingState state = new TrainingState(folder.stateFolder(), fingerprint);
    state.read(); // refused before anything is loaded
    try (TrainableModel model = open.apply(dtype)) {
      TrainingReport report =
          new TrainingRun(
                  model, config.contextLength(), data, options, state, fingerprint, listener)
              .run(folder.folder());
      if (report.complete()) {
        write(model, options, folder);
      }
      return report;
    }
  }

  private void write(TrainableModel model, TrainingOptions options, OutputFolder folder) {
    Path stage = folder.stage();
    save.accept(model, stage);
    options
        .chatTemplate()
        .ifPresent(file -> OutputFolder.copy(file, stage.resolve("chat_template.jinja")));
    folder.publish(stage);
  }

  private static int longestStep(TrainingData data, TrainingOptions options) {
    int longest = data.sequences().stream().mapToInt(TrainingSequence::length).max().orElse(0);
    return Math.max(options.tokensPerStep(), longest);
  }

  private void check(List<TrainingSequence> sequences, String name) {
    for (int i = 0; i < sequences.size(); i++) {
      TrainingSequence sequence = sequences.get(i);
      if (sequence.length() - 1 > config.contextLength()) {
        throw new TrainingDataException(
            name
                + "["
                + i
                + "] takes "
                + (sequence.length() - 1)
                + " positions, more than the model's context of "
                + config.contextLength()
                + "; cut it",
            null);
      }
      checkIds(sequence, name + "[" + i + "]");
    }
  }

  private void checkIds(TrainingSequence sequence, String name) {
    for (int i = 0; i < sequence.length(); i++) {
      if (sequence.id(i) >= config.vocabularySize()) {
        throw new TrainingDataException(
            name
                + " has the token id "
                + sequence.id(i)
                + ", but the model has "
                + config.vocabularySize()
                + " ids; use the tokenizer that belongs to the model",
            null);
      }
    }
  }
}
