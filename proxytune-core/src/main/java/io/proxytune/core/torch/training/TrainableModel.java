package io.proxytune.core.torch.training;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.SafetensorsOutput;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.ProcessSettings;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TensorReader;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.core.torch.model.TrainingGraph;
import io.proxytune.core.torch.model.TrainingWeights;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A model in training: all of its weights, or an adapter on frozen ones. For one thread. */
public final class TrainableModel implements AutoCloseable {
  /** What transformers initialises a new Llama's matrices with. */
  private static final double INITIAL_DEVIATION = 0.02;

  private static final List<String> STATE = List.of("weights", "mean", "square");

  private final ParameterStore store;
  private final TrainingGraph graph;
  private final Deque<AutoCloseable> frozen;

  private TrainableModel(ParameterStore store, TrainingGraph graph, Deque<AutoCloseable> frozen) {
    this.store = store;
    this.graph = graph;
    this.frozen = frozen;
  }

  /**
   * A new model with random weights.
   *
   * @param spec what it is
   * @param dtype the dtype of the passes, F32 or BF16
   * @param seed what the weights depend on
   * @return the model
   */
  public static TrainableModel random(DecoderSpec spec, StoredType dtype, long seed) {
    return ComputeThread.call(() -> withRandomWeights(spec, dtype, seed));
  }

  private static TrainableModel withRandomWeights(DecoderSpec spec, StoredType dtype, long seed) {
    ParameterStore store = new ParameterStore(ParameterLayout.of(spec), ScalarTypes.of(dtype));
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      Generator generator = torch.make_generator_cpu(seed);
      for (ParameterLayout.Slot slot : store.layout().slots()) {
        for (ParameterLayout.Part part : slot.parts()) {
          Tensor weights = store.weights(part.name());
          if (slot.isMatrix()) {
            weights.normal_(0, INITIAL_DEVIATION, new GeneratorOptional(generator));
          } else if (!part.name().endsWith(".bias")) {
            weights.fill_(new Scalar(1.0));
          }
        }
      }
      store.publish();
    }
    return full(spec, dtype, store);
  }

  /**
   * A checkpoint's model, to train all of its weights.
   *
   * @param checkpoint the checkpoint
   * @param dtype the dtype of the passes, F32 or BF16
   * @return the model
   * @throws CheckpointException if it is a mixture of experts or a part of a larger model
   */
  public static TrainableModel load(DecoderCheckpoint checkpoint, StoredType dtype) {
    requireTrainable(checkpoint);
    DecoderSpec spec = checkpoint.spec();
    return ComputeThread.call(
        () -> {
          ParameterLayout layout = ParameterLayout.of(spec);
          ParameterStore store = new ParameterStore(layout, ScalarTypes.of(dtype));
          try {
            store.load(checkpoint::tensor);
            checkpoint.folder().files().requireUnchanged();
            return full(spec, dtype, store);
          } catch (RuntimeException | Error e) {
            store.close();
            throw e;
          }
        });
  }

  private static TrainableModel full(DecoderSpec spec, StoredType dtype, ParameterStore store) {
    TrainingWeights weights = new GraphWeights(store::leaf, store, Optional.empty());
    TrainingGraph graph = inScope(() -> new TrainingGraph(spec, weights, ScalarTypes.of(dtype)));
    return new TrainableModel(store, graph, new ArrayDeque<>());
  }

  /**
   * A checkpoint's model with an adapter, to train the adapter alone.
   *
   * @param checkpoint the checkpoint
   * @param adapter the adapter
   * @param dtype the dtype of the passes, F32 or BF16
   * @param seed what the adapter's weights depend on
   * @return the model
   * @throws CheckpointException if it is a mixture of experts or a part of a larger model
   */
  public static TrainableModel adapt(
      DecoderCheckpoint checkpoint, AdapterSpec adapter, StoredType dtype, long seed) {
    requireTrainable(checkpoint);
    return ComputeThread.call(() -> withAdapter(checkpoint, adapter, dtype, seed));
  }

  private static TrainableModel withAdapter(
      DecoderCheckpoint checkpoint, AdapterSpec adapter, StoredType dtype, long seed) {
    DecoderSpec spec = checkpoint.spec();
    ParameterStore store =
        new ParameterStore(ParameterLayout.ofAdapter(spec, adapter), ScalarTypes.of(dtype));
    FrozenWeights frozen = frozen(checkpoint, dtype, store);
    initialise(store, seed);
    TrainingWeights weights = new GraphWeights(frozen::get, store, Optional.of(adapter));
    TrainingGraph graph = inScope(() -> new TrainingGraph(spec, weights, ScalarTypes.of(dtype)));
    Deque<AutoCloseable> resources = new ArrayDeque<>();
    resources.push(frozen);
    return new TrainableModel(store, graph, resources);
  }

  private static FrozenWeights frozen(
      DecoderCheckpoint checkpoint, StoredType dtype, ParameterStore store) {
    FrozenWeights frozen = new FrozenWeights();
    try {
      frozen.load(checkpoint.spec(), checkpoint::tensor, ScalarTypes.of(dtype));
      checkpoint.folder().files().requireUnchanged();
      return frozen;
    } catch (RuntimeException | Error e) {
      frozen.close();
      store.close();
      throw e;
    }
  }

  /** As PEFT does: B is zero, A uniform within ±1/√in, which is Kaiming's bound for a = √5. */
  private static void initialise(ParameterStore store, long seed) {
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      Generator generator = torch.make_generator_cpu(seed);
      for (ParameterLayout.Slot slot : store.layout().slots()) {
        if (slot.names().get(0).endsWith(".lora_A.weight")) {
          double bound = 1 / Math.sqrt((double) slot.shape()[1]);
          store
              .weights(slot.parts().get(0).name())
              .uniform_(-bound, bound, new GeneratorOptional(generator));
        }
      }
      store.publish();
    }
  }

  private static void requireTrainable(DecoderCheckpoint checkpoint) {
    if (checkpoint.isTextPart()) {
      throw new CheckpointException(
          "checkpoint folder "
              + checkpoint.folder().path()
              + " is of a model of images and text, whose text part can be decoded with but not"
              + " trained here: save that part by itself with transformers (its "
              + checkpoint.spec().architecture()
              + ".from_pretrained, then save_pretrained) and train the result");
    }
    if (checkpoint.spec().hasExperts()) {
      throw new CheckpointException(
          "checkpoint folder "
              + checkpoint.folder().path()
              + " is a mixture of experts ("
              + checkpoint.spec().architecture()
              + "), which can be decoded with but not trained here: train it with transformers and"
              + " PEFT, and load the result");
    }
  }

  private static TrainingGraph inScope(Supplier<TrainingGraph> making) {
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      return making.get();
    }
  }

  /**
   * Learns from a batch.
   *
   * @param batch the rows
   * @param settings AdamW's constants
   * @param rate the learning rate
   * @param step the step's number, from 1
   * @return the loss before the step and the gradient's length
   */
  public StepResult step(TokenBatch batch, AdamSettings settings, double rate, int step) {
    return computing(() -> learn(batch, settings, rate, step));
  }

  private StepResult learn(TokenBatch batch, AdamSettings settings, double rate, int step) {
    double loss = backward(batch);
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      return new StepResult(loss, AdamW.step(store, settings, rate, step));
    }
  }

  /** Adds the gradient of a batch's mean loss; returns that loss. */
  double backward(TokenBatch batch) {
    try (TrainingScope scope = TrainingScope.withGradients()) {
      Tensor loss = lossSumOf(batch).div(new Scalar((double) batch.lossTokens()));
      loss.backward();
      return loss.item_float();
    }
  }

  /**
   * The loss over a batch, without learning from it.
   *
   * @param batch the rows
   * @return the sum over its targets, in nats
   */
  public double lossSum(TokenBatch batch) {
    return computing(
        () -> {
          try (TrainingScope scope = TrainingScope.withoutGradients()) {
            return (double) lossSumOf(batch).item_float();
          }
        });
  }

  /**
   * Runs a pass. All products of float32 are OpenBLAS's, between operators on LibTorch's threads:
   * with threads of its own each waits for cores that the others still hold. In bfloat16 its only
   * products are those of the attention, which its own threads make a little faster.
   */
  <T> T computing(Supplier<T> pass) {
    return ComputeThread.call(
        () -> {
          if (!store.isFloat32()) {
            return pass.get();
          }
          try (ProcessSettings settings = ProcessSettings.enter()) {
            return pass.get();
          }
        });
  }

  private Tensor lossSumOf(TokenBatch batch) {
    return graph.lossSum(
        Tensors.upload(batch.inputs()),
        Tensors.upload(batch.targets()),
        TokenBatch.IGNORED,
        batch.rows(),
        batch.length());
  }

  ParameterStore store() {
    return store;
  }

  /**
   * The number of weights that are trained.
   *
   * @return the parameters
   */
  public long parameters() {
    return store.layout().parameters();
  }

  /**
   * Writes the trained weights as a safetensors file.
   *
   * @param file where
   * @param type their dtype
   */
  public void save(Path file, StoredType type) {
    List<SafetensorsOutput.Entry> entries =
        store
            .layout()
            .parts()
            .map(part -> new SafetensorsOutput.Entry(part.name(), type, part.shape()))
            .toList();
    SafetensorsOutput.write(
        file,
        entries,
        Map.of("format", "pt"),
        (index, sink) -> {
          try (TrainingScope scope = TrainingScope.withoutGradients();
              Tensor converted = converted(entries.get(index))) {
            Tensors.write(converted, sink);
          }
        });
  }

  /** A trained tensor in an entry's dtype; the caller closes it. */
  private Tensor converted(SafetensorsOutput.Entry entry) {
    return ComputeThread.call(
        () -> {
          try (TrainingScope scope = TrainingScope.withoutGradients()) {
            Tensor weights = store.weights(entry.name());
            return Tensors.keep(weights.to(ScalarTypes.of(entry.type())).contiguous());
          }
        });
  }

  /**
   * Writes all that is needed to go on later: weights and moments, in float32.
   *
   * @param file where
   */
  public void saveState(Path file) {
    List<Tensor> tensors = List.of(store.master(), store.mean(), store.square());
    List<SafetensorsOutput.Entry> entries = new ArrayList<>();
    for (String name : STATE) {
      entries.add(
          new SafetensorsOutput.Entry(name, StoredType.F32, List.of(store.layout().size())));
    }
    SafetensorsOutput.write(
        file, entries, Map.of(), (index, sink) -> Tensors.write(tensors.get(index), sink));
  }

  /**
   * Whether tensors are what {@link #saveState} writes for such a model.
   *
   * @param tensors the tensors of a file by their names
   * @return whether {@link #restoreState} can take them
   */
  public boolean isState(Map<String, StoredTensor> tensors) {
    List<Long> shape = List.of(store.layout().size());
    return tensors.keySet().equals(Set.copyOf(STATE))
        && tensors.values().stream()
            .allMatch(tensor -> tensor.type() == StoredType.F32 && tensor.shape().equals(shape));
  }

  /**
   * Goes on from a saved state.
   *
   * @param tensors the tensors of its file, by name
   */
  public void restoreState(Map<String, StoredTensor> tensors) {
    ComputeThread.call(() -> restored(tensors));
  }

  private TrainableModel restored(Map<String, StoredTensor> tensors) {
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      List<Tensor> targets = List.of(store.master(), store.mean(), store.square());
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).copy_(TensorReader.read(tensors.get(STATE.get(i))));
      }
      store.gradient().zero_();
      store.publish();
    }
    return this;
  }

  @Override
  public void close() {
    graph.close();
    store.close();
    for (AutoCloseable resource : frozen) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    TorchRuntime.trimMemory();
  }
}
