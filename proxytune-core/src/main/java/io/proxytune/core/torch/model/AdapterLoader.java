package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.LoraTensors;
import io.proxytune.core.checkpoint.PublishedSettings;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TensorReader;
import io.proxytune.model.LogitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Loads an adapter beside the weights of a model that is in memory. */
public final class AdapterLoader {
  private final TorchModel host;
  private final LoraAdapter adapter;
  private final Optional<HalfLinear.Kernels> halves;

  /** What is loaded so far; closed again if loading fails. */
  private final List<LowRank> loaded = new ArrayList<>();

  private AdapterLoader(TorchModel host, LoraAdapter adapter) {
    this.host = host;
    this.adapter = adapter;
    this.halves =
        host.scripted() == null // nothing else computes with them
            ? Optional.empty()
            : ComputeThread.inScope(() -> Linears.halvesOf(host.device(), host.dtype()));
  }

  /**
   * Loads an adapter.
   *
   * @param host a model of {@link ModelLoader}'s
   * @param folder the adapter
   * @param tokenizer the tokenizer that the adapter brings, if it does
   * @param endOfTextIds the ids that end its texts
   * @return the model with the adapter; the caller closes it
   * @throws io.proxytune.CheckpointException if the adapter does not fit
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
      LoraAdapter adapter = LoraAdapter.bind(folder, model.checkpoint());
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
    try {
      AdapterWeights weights = ComputeThread.inScope(this::load);
      adapter.folder().files().requireUnchanged();
      return weights;
    } catch (RuntimeException | Error e) {
      loaded.forEach(LowRank::close);
      throw e;
    }
  }

  private AdapterWeights load() {
    List<List<@Nullable LowRank>> layers = new ArrayList<>();
    for (LayerSpec layer : host.checkpoint().spec().layers()) {
      List<@Nullable LowRank> parts = new ArrayList<>();
      layer.groups().forEach(group -> parts.add(part(group)));
      layers.add(parts);
    }
    LowRank head = adapter.ofHead().map(this::head).orElse(null);
    Optional<IValue> noHalves = Optional.ofNullable(host.scripted()).map(ScriptedDecoder::noHalves);
    return new AdapterWeights(layers, head, noHalves);
  }

  /**
   * One product for layers whose outputs stand side by side: their As stand one below the other,
   * and B has a block for each, with zeros elsewhere.
   */
  private @Nullable LowRank part(List<LinearSpec> linears) {
    List<Tensor> as = new ArrayList<>();
    List<Block> blocks = new ArrayList<>();
    long rows = 0;
    long columns = 0;
    for (LinearSpec linear : linears) {
      Optional<LoraTensors> pair = adapter.of(linear);
      if (pair.isPresent()) {
        as.add(a(pair.get()));
        blocks.add(new Block(StoredWeights.rows(b(pair.get()), linear.rows()), rows, columns));
        columns += pair.get().rank();
      }
      rows += linear.out();
    }
    return as.isEmpty() ? null : lowRank(joined(as), joined(blocks, rows, columns));
  }

  /** A matrix within a larger one. */
  private record Block(Tensor values, long row, long column) {}

  private static Tensor joined(List<Tensor> parts) {
    TensorVector tensors = new TensorVector();
    parts.forEach(tensors::push_back);
    return torch.cat(tensors, 0);
  }

  private Tensor joined(List<Block> blocks, long rows, long columns) {
    TensorOptions options =
        new TensorOptions(host.dtype()).device(new DeviceOptional(host.device().toTorch()));
    Tensor whole = torch.zeros(new long[] {rows, columns}, options);
    for (Block block : blocks) {
      Tensor values = block.values;
      whole
          .narrow(0, block.row, values.size(0))
          .narrow(1, block.column, values.size(1))
          .copy_(values);
    }
    return whole;
  }

  private LowRank lowRank(Tensor a, Tensor b) {
    LowRank lowRank = new LowRank(a, b, halves);
    loaded.add(lowRank);
    return lowRank;
  }

  /** In float32, as the head's rows are. */
  private LowRank head(LoraTensors pair) {
    return lowRank(
        placed(pair.a(), 1, ScalarType.Float), placed(pair.b(), pair.scale(), ScalarType.Float));
  }

  private Tensor a(LoraTensors pair) {
    return placed(pair.a(), 1, host.dtype());
  }

  private Tensor b(LoraTensors pair) {
    return placed(pair.b(), pair.scale(), host.dtype());
  }

  /** Scaled in float32. */
  private Tensor placed(StoredTensor stored, double scale, ScalarType dtype) {
    return TensorReader.read(stored)
        .to(ScalarType.Float)
        .mul(new Scalar(scale))
        .to(host.device().toTorch(), dtype);
  }
}
