package io.proxytune.core.training;

import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.hub.HubCache;
import io.proxytune.core.torch.training.AdapterSpec;
import io.proxytune.core.torch.training.MemoryNeed;
import io.proxytune.core.torch.training.TrainableModel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Trains on the CPU; its steps take turns with the passes of models that decode meanwhile. The
 * calling thread waits, and calls the listener. The output folder appears when training is
 * complete; until then the state is kept beside it, in a folder of its name with {@code .training}
 * behind it, and the same call (same data, same options) goes on from the last saved state to the
 * same weights, bit for bit with the same number of threads on the same machine. A state is flushed
 * to the disk before the one before it goes. The folder carries a mark that is locked while
 * training runs, so that a second training with the same output is refused; a folder of that name
 * without a mark is refused too, and only files that training wrote are ever deleted in it. A JVM
 * that is told to end, such as by a signal, waits until a step has come to its end and the state is
 * saved, for half a minute at most. Safe for use by several threads, each with an output folder of
 * its own.
 */
public final class Training {
  private static final String CONFIG = "config.json";
  private static final String GENERATION = "generation_config.json";

  private Training() {}

  /**
   * Trains a new Llama with random weights.
   *
   * @param shape its sizes
   * @param tokenizerFolder where {@code tokenizer.json} and the files beside it are copied from
   * @param data what to learn
   * @param options how
   * @param output the Hugging Face folder to write, in bfloat16
   * @param listener hears each step
   * @return how it went
   * @throws io.proxytune.CheckpointException if the tokenizer is missing or broken, or the output
   *     can't be written
   * @throws io.proxytune.DeviceException if it does not fit into memory
   * @throws TrainingDataException if a sequence is too long or has an id outside of the vocabulary
   */
  public static TrainingReport pretrain(
      ModelShape shape,
      Path tokenizerFolder,
      TrainingData data,
      TrainingOptions options,
      Path output,
      TrainingListener listener) {
    SpecialIds ids = SpecialIds.of(tokenizerFolder, shape.vocabularySize());
    DecoderSpec spec = ConfigFiles.decoder(shape);
    TrainingTask task =
        new TrainingTask(
            "new " + shape,
            Optional.empty(),
            spec,
            MemoryNeed.full(spec),
            dtype -> TrainableModel.random(spec, dtype, options.seed()),
            (model, folder) -> {
              OutputFolder.copyCompanions(tokenizerFolder, folder);
              OutputFolder.write(folder.resolve(CONFIG), ConfigFiles.config(shape, ids));
              OutputFolder.write(folder.resolve(GENERATION), ConfigFiles.generation(ids));
              OutputFolder.copy(tokenizerFolder, GENERATION, folder);
              model.save(folder.resolve("model.safetensors"), StoredType.BF16);
            });
    return task.run(data, options, output, listener);
  }

  /**
   * Tunes all weights of a checkpoint.
   *
   * @param checkpoint a Hugging Face folder of a supported architecture; it stays as it is
   * @param data what to learn
   * @param options how
   * @param output the Hugging Face folder to write, in the checkpoint's dtype, with its other files
   * @param listener hears each step
   * @return how it went
   * @throws io.proxytune.CheckpointException if the checkpoint can't be read or the output can't be
   *     written
   * @throws io.proxytune.DeviceException if it does not fit into memory
   * @throws TrainingDataException if a sequence is too long or has an id outside of the vocabulary
   */
  public static TrainingReport tune(
      Path checkpoint,
      TrainingData data,
      TrainingOptions options,
      Path output,
      TrainingListener listener) {
    DecoderCheckpoint source = DecoderCheckpoint.open(checkpoint);
    TrainingTask task =
        new TrainingTask(
            "all of " + checkpoint,
            Optional.of(checkpoint),
            source.spec(),
            MemoryNeed.full(source.spec()),
            dtype -> TrainableModel.load(source, dtype),
            (model, folder) -> {
              OutputFolder.copyCompanions(checkpoint, folder);
              OutputFolder.copy(checkpoint, CONFIG, folder);
              OutputFolder.copy(checkpoint, GENERATION, folder);
              model.save(folder.resolve("model.safetensors"), source.storedDType());
            });
    return task.run(data, options, output, listener);
  }

  /**
   * Tunes a LoRA adapter on a checkpoint, whose own weights stay as they are. Where the two stand
   * under one folder, the adapter names the checkpoint by a relative path, so that they can be
   * moved together.
   *
   * @param checkpoint a Hugging Face folder of a supported architecture
   * @param lora the adapter's rank, scale and targets
   * @param data what to learn
   * @param options how
   * @param output the PEFT folder to write: {@code adapter_config.json}, {@code
   *     adapter_model.safetensors} in float32, and the tokenizer's files
   * @param listener hears each step
   * @return how it went
   * @throws io.proxytune.CheckpointException if the checkpoint can't be read or the output can't be
   *     written
   * @throws io.proxytune.DeviceException if it does not fit into memory
   * @throws TrainingDataException if a sequence is too long or has an id outside of the vocabulary
   */
  public static TrainingReport tuneLora(
      Path checkpoint,
      LoraOptions lora,
      TrainingData data,
      TrainingOptions options,
      Path output,
      TrainingListener listener) {
    DecoderCheckpoint source = DecoderCheckpoint.open(checkpoint);
    AdapterSpec spec = new AdapterSpec(lora.rank(), lora.scale(), lora.targetModules());
    TrainingTask task =
        new TrainingTask(
            lora + " on " + checkpoint,
            Optional.of(checkpoint),
            source.spec(),
            MemoryNeed.adapter(source.spec(), spec),
            dtype -> TrainableModel.adapt(source, spec, dtype, options.seed()),
            (model, folder) -> {
              OutputFolder.copyCompanions(checkpoint, folder);
              OutputFolder.write(
                  folder.resolve("adapter_config.json"),
                  ConfigFiles.adapter(
                      lora, OutputFolder.nameFor(checkpoint, output), HubCache.nameOf(checkpoint)));
              model.save(folder.resolve("adapter_model.safetensors"), StoredType.F32);
            });
    return task.run(data, options, output, listener);
  }
}
