package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.LoraTensors;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.torch.TensorReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter changes in linear layers whose outputs stand side by side, as one change: their
 * As stand one below the other, and B has a block for each, with zeros elsewhere. Layers of one
 * fused module have one A. Everything is float32. For one thread, within one scope.
 */
final class ChangedGroup {
  private final LoraAdapter adapter;
  private final MergedWeights host;

  private final Map<String, Long> columns = new LinkedHashMap<>(); // of each module's A
  private final List<Tensor> as = new ArrayList<>();
  private final List<Block> blocks = new ArrayList<>();
  private final List<@Nullable Tensor> factors = new ArrayList<>();
  private final List<@Nullable Tensor> shifts = new ArrayList<>();
  private final List<Long> widths = new ArrayList<>();
  private long rows;
  private long rank;

  ChangedGroup(LoraAdapter adapter, MergedWeights host) {
    this.adapter = adapter;
    this.host = host;
  }

  /** A matrix within a larger one. */
  private record Block(Tensor values, long row, long column) {}

  /** Adds the next layer. */
  void add(LinearSpec linear) {
    Optional<LoraTensors> pair = adapter.of(linear);
    Tensor factor = pair.map(some -> addPair(linear, some)).orElse(null);
    factors.add(factor);
    shifts.add(shift(linear, factor));
    widths.add(linear.out());
    rows += linear.out();
  }

  /** Gives the factors of the layer's rows, if it has any. */
  private @Nullable Tensor addPair(LinearSpec linear, LoraTensors pair) {
    Tensor a = MergedWeights.inFloat(pair.a());
    Tensor b =
        StoredWeights.rows(MergedWeights.inFloat(pair.b()), linear.rows())
            .mul(new Scalar(pair.scale()));
    Tensor factor = pair.magnitude().map(own -> factor(linear, a, b, own)).orElse(null);
    Long column = columns.get(pair.module());
    if (column == null) {
      column = rank;
      columns.put(pair.module(), column);
      as.add(a);
      rank += pair.rank();
    }
    blocks.add(new Block(factor == null ? b : b.mul(factor.unsqueeze(1)), rows, column));
    return factor;
  }

  private Tensor factor(LinearSpec linear, Tensor a, Tensor b, StoredTensor magnitude) {
    host.requireUnchanged();
    Tensor lengths = StoredWeights.rows(MergedWeights.inFloat(magnitude), linear.rows());
    return MergedWeights.factors(host.weight(linear), a, b, lengths.contiguous());
  }

  /** {@code f · (y − b) + b' = f · y + (b' − f · b)}: the model's bias is in {@code y}. */
  private @Nullable Tensor shift(LinearSpec linear, @Nullable Tensor factor) {
    Optional<StoredTensor> whole = linear.bias().flatMap(adapter::whole);
    if (linear.bias().isEmpty() || (whole.isEmpty() && factor == null)) {
      return null;
    }
    host.requireUnchanged();
    Tensor old = host.bias(linear).orElseThrow().to(ScalarType.Float);
    Tensor own =
        whole
            .map(stored -> StoredWeights.rows(TensorReader.read(stored), linear.rows()))
            .map(bias -> bias.to(ScalarType.Float))
            .orElse(old);
    return own.sub(factor == null ? old : old.mul(factor));
  }

  /** Whether anything is changed. */
  boolean isSome() {
    return hasProduct() || factor().isPresent() || shift().isPresent();
  }

  boolean hasProduct() {
    return !as.isEmpty();
  }

  /** {@code [rank, in]}. */
  Tensor a() {
    return as.size() == 1 ? as.get(0) : joined(as);
  }

  /** {@code [out, rank]}, with scales and factors in it. */
  Tensor b() {
    Tensor whole = torch.zeros(new long[] {rows, rank}, new TensorOptions(ScalarType.Float));
    for (Block block : blocks) {
      Tensor values = block.values;
      whole
          .narrow(0, block.row, values.size(0))
          .narrow(1, block.column, values.size(1))
          .copy_(values);
    }
    return whole;
  }

  /** {@code [out]}, if some rows have factors. */
  Optional<Tensor> factor() {
    return joined(factors, 1);
  }

  /** {@code [out]}, if something is added to some rows. */
  Optional<Tensor> shift() {
    return joined(shifts, 0);
  }

  private Optional<Tensor> joined(List<@Nullable Tensor> parts, double otherwise) {
    if (parts.stream().allMatch(part -> part == null)) {
      return Optional.empty();
    }
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Tensor part = parts.get(i);
      all.add(part == null ? constant(widths.get(i), otherwise) : part);
    }
    return Optional.of(joined(all));
  }

  private static Tensor constant(long width, double value) {
    return torch.full(new long[] {width}, new Scalar(value), new TensorOptions(ScalarType.Float));
  }

  private static Tensor joined(List<Tensor> parts) {
    return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
  }
}
