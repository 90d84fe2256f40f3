package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.LoraTensors;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.StoredRows;
import io.proxytune.core.torch.TensorReader;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reads a checkpoint's tensors as a model has them: an adapter is merged into them, in float32.
 * Keeps nothing of what it reads. Safe for use by several threads where its listener is.
 *
 * @param checkpoint where they are
 * @param adapter what is merged
 * @param afterReading is told of each of the checkpoint's tensors that was read, or stood for
 */
record MergedWeights(
    DecoderCheckpoint checkpoint,
    Optional<LoraAdapter> adapter,
    Consumer<StoredTensor> afterReading) {

  /** The same tensors, whose reading concerns nobody. */
  MergedWeights(DecoderCheckpoint checkpoint, Optional<LoraAdapter> adapter) {
    this(checkpoint, adapter, any -> {});
  }

  /**
   * Checks that files are as they were when they were opened.
   *
   * @throws io.proxytune.CheckpointException if one changed
   */
  void requireUnchanged() {
    checkpoint.folder().files().requireUnchanged();
    adapter.ifPresent(merged -> merged.folder().files().requireUnchanged());
  }

  /** A whole tensor of the description's. */
  Tensor read(String name) {
    Tensor own = TensorReader.read(stored(name));
    return name.equals(checkpoint.spec().embedding().tensor())
        ? adapter.flatMap(LoraAdapter::ofEmbedding).map(pair -> table(own, pair)).orElse(own)
        : own;
  }

  /** An embedding's table is the weight of a linear layer, transposed. */
  private static Tensor table(Tensor own, LoraTensors pair) {
    StoredRows all = StoredRows.all(own.size(1));
    return merged(own.t(), pair, all).t().contiguous();
  }

  /** Takes note of a layer's matrix that need not be read. */
  void pass(LinearSpec linear) {
    afterReading.accept(checkpoint.tensor(linear.weight()));
  }

  /** A layer's matrix, {@code [out, in]}. */
  Tensor weight(LinearSpec linear) {
    Tensor own = StoredWeights.matrix(read(linear.weight(), linear), linear.rows());
    return adapter
        .flatMap(merged -> merged.of(linear))
        .map(pair -> merged(own, pair, linear.rows()))
        .orElse(own);
  }

  /** A layer's bias, {@code [out]}, if it has one. */
  Optional<Tensor> bias(LinearSpec linear) {
    return linear.bias().map(name -> StoredWeights.rows(read(name, linear), linear.rows()));
  }

  /** What of a tensor a layer needs: of a stack of matrices the layer's own. */
  private Tensor read(String name, LinearSpec linear) {
    StoredTensor stored = stored(name);
    return linear.rows().expert().isPresent()
        ? TensorReader.read(stored.slice(linear.rows().expert().getAsInt()))
        : TensorReader.read(stored);
  }

  private StoredTensor stored(String name) {
    StoredTensor own = checkpoint.tensor(name);
    afterReading.accept(own);
    return adapter.flatMap(merged -> merged.whole(name)).orElse(own);
  }

  /**
   * {@code W + scale · B · A} in float32, to be rounded once; with magnitudes, its rows brought to
   * those lengths.
   */
  private static Tensor merged(Tensor weight, LoraTensors pair, StoredRows rows) {
    Tensor a = inFloat(pair.a());
    Tensor b = StoredWeights.rows(inFloat(pair.b()), rows);
    Tensor sum =
        torch.addmm(weight.to(ScalarType.Float), b, a, new Scalar(1.0), new Scalar(pair.scale()));
    return pair.magnitude()
        .map(magnitude -> StoredWeights.rows(inFloat(magnitude), rows))
        .map(lengths -> sum.mul_(lengths.div(lengths(sum)).unsqueeze(1)))
        .orElse(sum);
  }

  /**
   * The factors of a layer's rows where an adapter gives the sums of weights lengths (DoRA).
   *
   * @param weight {@code [out, in]}, what the adapter adds to
   * @param a {@code [rank, in]}, float32
   * @param b {@code [out, rank]}, float32, with the adapter's scale in it
   * @param magnitude {@code [out]}, float32
   * @return {@code [out]}, float32
   */
  static Tensor factors(Tensor weight, Tensor a, Tensor b, Tensor magnitude) {
    Tensor factors = torch.empty_like(magnitude);
    RowChunks.each(
        weight,
        (first, count) -> {
          Tensor own = weight.narrow(0, first, count).to(ScalarType.Float);
          Tensor sum = torch.addmm(own, b.narrow(0, first, count), a);
          Tensor lengths = lengths(sum);
          factors.narrow(0, first, count).copy_(magnitude.narrow(0, first, count).div(lengths));
        });
    return factors;
  }

  private static Tensor lengths(Tensor matrix) {
    return matrix.square().sum(new long[] {1}, false, new ScalarTypeOptional()).sqrt_();
  }

  static Tensor inFloat(StoredTensor stored) {
    return TensorReader.read(stored).to(ScalarType.Float);
  }
}
