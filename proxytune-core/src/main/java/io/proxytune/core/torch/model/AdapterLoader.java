package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.LoraTensors;
import io.proxytune.core.checkpoint.PublishedSettings;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TensorReader;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.model.LogitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Loads an adapter beside the weights of a model that is in memory. */
public final class AdapterLoader {
  private final TorchModel host;
  private final DecoderSpec spec;
  private final LoraAdapter adapter;
  private final Optional<HalfLinear.Kernels> halves;

  /** Where what is being loaded belongs. */
  private TorchDevice device;

  /** What is loaded so far; closed again if loading fails. */
  private final List<AutoCloseable> loaded = new ArrayList<>();

  private AdapterLoader(TorchModel host, LoraAdapter adapter) {
    this.host = host;
    this.spec = host.weights().checkpoint().spec();
    this.adapter = adapter;
    this.halves =
        host.scripted() == null // nothing else computes with them
            ? Optional.empty()
            : ComputeThread.inScope(() -> Linears.halvesOf(TorchDevice.CPU, host.dtype()));
    this.device = host.placement().first();
  }

  /**
   * Loads an adapter.
   *
   * @param host a model of {@link ModelLoader}'s
   * @param folder the adapter
   * @param tokenizer the tokenizer that the adapter brings, if it does
   * @param endOfTextIds the ids that end its texts
   * @return the model with the adapter; the caller closes it
   * @throws io.proxytune.CheckpointException if the adapter does not fit, or changes what only a
   *     merged one can
   */
  public static LogitModel load(
      LogitSource host,
      AdapterFolder folder,
      Optional<Tokenizer> tokenizer,
      Set<Integer> endOfTextIds) {
    checkArgument(
        host instanceof TorchModel,
        "%s can't take an adapter: give a model that TorchModels.load loaded, got %s",
        host.name(),
        host);
    TorchModel model = (TorchModel) host;
    try (InUse inUse = new InUse()) {
      inUse.enter(model.lifetime());
      LoraAdapter adapter = LoraAdapter.bind(folder, model.weights().checkpoint());
      TorchModel.Identity identity =
          new TorchModel.Identity(
              host.name() + "+" + folder.name(),
              endOfTextIds,
              tokenizer.or(host::tokenizer),
              PublishedSettings.ofAdapter(folder.path()).orElse(model.published()));
      return new AdaptedModel(model, identity, new AdapterLoader(model, adapter).weights());
    }
  }

  private AdapterWeights weights() {
    BesideHost.check(adapter, spec, host.name());
    host.checkMemory(tableBytes());
    try {
      AdapterWeights weights = ComputeThread.inScope(this::load);
      adapter.folder().files().requireUnchanged();
      return weights;
    } catch (RuntimeException | Error e) {
      loaded.forEach(resource -> close(resource, e));
      throw e;
    }
  }

  private static void close(AutoCloseable resource, Throwable failure) {
    try {
      resource.close();
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  /** Of weights that are in memory again. */
  private long tableBytes() {
    return adapter.wholes().values().stream()
        .mapToLong(whole -> whole.elements() * ScalarTypes.bytes(host.dtype()))
        .sum();
  }

  private AdapterWeights load() {
    EmbeddingChange embedding = embedding();
    List<List<@Nullable LinearChange>> layers = new ArrayList<>();
    for (LayerSpec layer : spec.layers()) {
      device = host.placement().layers().get(layers.size());
      List<@Nullable LinearChange> changes = new ArrayList<>();
      layer.groups().forEach(group -> changes.add(change(group, host.dtype())));
      layers.add(changes);
    }
    ScriptedDecoder scripted = host.scripted();
    Optional<IValue> noHalves = Optional.ofNullable(scripted).map(ScriptedDecoder::noHalves);
    AdapterWeights weights = new AdapterWeights(embedding, layers, head(), noHalves);
    if (scripted != null && !weights.isPlain()) {
      scripted.prepareAdapting();
    }
    return weights;
  }

  private @Nullable LinearChange change(List<LinearSpec> group, ScalarType dtype) {
    ChangedGroup changed = new ChangedGroup(adapter, host.weights());
    group.forEach(changed::add);
    if (!changed.isSome()) {
      return null;
    }
    return new LinearChange(
        changed.factor().map(this::kept).orElse(null),
        changed.shift().map(this::kept).orElse(null),
        changed.hasProduct()
            ? lowRank(placed(changed.a(), dtype), placed(changed.b(), dtype), halves)
            : null);
  }

  /** On the device, as it is. */
  private Tensor kept(Tensor tensor) {
    return kept(tensor, tensor.scalar_type());
  }

  private Tensor kept(Tensor tensor, ScalarType dtype) {
    Tensor kept = Native.keep(placed(tensor, dtype));
    loaded.add(kept);
    return kept;
  }

  private Tensor placed(Tensor tensor, ScalarType dtype) {
    return tensor.to(device.toTorch(), dtype);
  }

  private LowRank lowRank(Tensor a, Tensor b, Optional<HalfLinear.Kernels> kernels) {
    LowRank lowRank = new LowRank(a, b, kernels);
    loaded.add(lowRank);
    return lowRank;
  }

  private @Nullable EmbeddingChange embedding() {
    String name = spec.embedding().tensor();
    Optional<StoredTensor> table = adapter.whole(name);
    if (table.isPresent()) {
      return new EmbeddingChange(kept(TensorReader.read(table.get()), host.dtype()), null, null);
    }
    return adapter.ofEmbedding().map(this::embedding).orElse(null);
  }

  private EmbeddingChange embedding(LoraTensors pair) {
    Tensor a = MergedWeights.inFloat(pair.a());
    Tensor b = MergedWeights.inFloat(pair.b()).mul(new Scalar(pair.scale()));
    Tensor factor = null;
    if (pair.magnitude().isPresent()) {
      host.weights().requireUnchanged();
      Tensor table = host.weights().read(spec.embedding().tensor());
      Tensor lengths = MergedWeights.inFloat(pair.magnitude().get());
      factor = MergedWeights.factors(table.t(), a, b, lengths);
      b = b.mul(factor.unsqueeze(1));
    }
    Tensor rows = a.t().contiguous(); // they are looked up
    return new EmbeddingChange(
        null,
        factor == null ? null : kept(factor),
        lowRank(placed(rows, host.dtype()).t(), placed(b, host.dtype()), Optional.empty()));
  }

  /** Products in float32, as the head's rows are. */
  private @Nullable HeadChange head() {
    LinearSpec head = spec.head().linear();
    Optional<StoredTensor> whole = adapter.whole(head.weight());
    if (whole.isPresent()) {
      return new HeadChange(own(head, whole.get()), null);
    }
    LinearChange change = change(List.of(head), ScalarType.Float);
    return change == null ? null : new HeadChange(null, change);
  }

  private Linear own(LinearSpec head, StoredTensor whole) {
    LinearFactory factory =
        Heads.on(device, host.dtype(), Linears.on(device, host.dtype(), WeightLayout.PACKED));
    Tensor bias =
        head.bias()
            .flatMap(adapter::whole)
            .map(TensorReader::read)
            .or(() -> host.weights().bias(head))
            .map(stored -> placed(stored, host.dtype()))
            .orElse(null);
    Linear own = factory.create(placed(TensorReader.read(whole), host.dtype()), bias);
    loaded.add(own);
    return own;
  }
}
