package io.proxytune.core.torch.training;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.model.Rotary;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The forward pass that gradients are taken of: whole rows of one length, no cache. It computes
 * what the decoder of {@code torch.model} computes, in operations that have gradients and are fast
 * on the CPU both ways. For one thread at a time.
 */
final class LlamaGraph implements AutoCloseable {
  private static final long REDUCE_SUM = 2;

  private final DecoderConfig config;
  private final ScalarType dtype;
  private final Tensor embedding; // [vocabulary, hidden]
  private final List<Layer> layers;
  private final Tensor norm; // [hidden]
  private final Tensor head; // [vocabulary, hidden]
  private final Rotary rotary;

  /** The weights of a layer. */
  record Layer(
      Tensor inputNorm,
      Projection queryKeyValue,
      Projection output,
      Tensor postNorm,
      Projection gateUp,
      Projection down) {}

  /** What all layers of a pass share. */
  private record Pass(int rows, int length, Tensor cosines, Tensor sines, Tensor mask) {}

  LlamaGraph(
      DecoderConfig config,
      ScalarType dtype,
      Tensor embedding,
      List<Layer> layers,
      Tensor norm,
      Tensor head) {
    this.config = config;
    this.dtype = dtype;
    this.embedding = embedding;
    this.layers = layers;
    this.norm = norm;
    this.head = head;
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      RotarySpec spec =
          new RotarySpec(config.headDim(), false, config.ropeTheta(), config.ropeScaling());
      this.rotary = new Rotary(spec, TorchDevice.CPU, dtype);
    }
  }

  /** The sum of the losses over a batch's targets, a float32 scalar in nats. */
  Tensor lossSum(TokenBatch batch) {
    Tensor x = torch.embedding(embedding, Tensors.upload(batch.inputs())); // [tokens, hidden]
    Pass pass = pass(batch);
    for (Layer layer : layers) {
      Tensor middle = x.add(attend(norm(x, layer.inputNorm()), layer, pass));
      x = middle.add(mlp(norm(middle, layer.postNorm()), layer));
    }
    Tensor logits = torch.linear(norm(x, norm), head).to(ScalarType.Float);
    Tensor targets = Tensors.upload(batch.targets());
    return torch.cross_entropy_loss(
        logits, targets, new TensorOptional(), REDUCE_SUM, TokenBatch.IGNORED, 0);
  }

  private Pass pass(TokenBatch batch) {
    Rotary.Angles angles = rotary.angles(0, batch.length());
    return new Pass(
        batch.rows(),
        batch.length(),
        angles.cosines().squeeze(1),
        angles.signedSines().squeeze(1),
        causalMask(batch.length()));
  }

  /** {@code [length, length]}, −∞ above the diagonal. */
  private Tensor causalMask(int length) {
    return torch
        .full(
            new long[] {length, length},
            new Scalar(Double.NEGATIVE_INFINITY),
            new TensorOptions(dtype))
        .triu(1);
  }

  private Tensor norm(Tensor x, Tensor weight) {
    return torch.rms_norm(
        x,
        new long[] {config.hiddenSize()},
        new TensorOptional(weight),
        new DoubleOptional(config.normEpsilon()));
  }

  private Tensor attend(Tensor x, Layer layer, Pass pass) {
    long headDim = config.headDim();
    Tensor heads = // [heads + 2 · kvHeads, rows, length, headDim]
        layer
            .queryKeyValue()
            .apply(x)
            .view(pass.rows, pass.length, -1, headDim)
            .permute(2, 0, 1, 3)
            .contiguous();
    TensorVector parts = heads.split_with_sizes(Projections.headCounts(config), 0);
    Tensor queries = flat(rotate(parts.get(0), pass));
    Tensor keys = flat(repeated(rotate(parts.get(1), pass)));
    Tensor values = flat(repeated(parts.get(2)));
    // Not the fused attention: in bfloat16 on the CPU it is many times slower.
    Tensor scores =
        torch.baddbmm(
            pass.mask,
            queries,
            keys.transpose(1, 2),
            new Scalar(1.0),
            new Scalar(1 / Math.sqrt(config.headDim())));
    Tensor attended = torch.bmm(torch.softmax(scores, -1), values);
    return layer
        .output()
        .apply(
            attended
                .view(config.heads(), pass.rows, pass.length, headDim)
                .permute(1, 2, 0, 3)
                .reshape((long) pass.rows * pass.length, config.heads() * headDim));
  }

  /** {@code [heads · rows, length, headDim]}. */
  private static Tensor flat(Tensor heads) {
    return heads.flatten(0, 1);
  }

  /** Keys or values once for each query head that uses them. */
  private Tensor repeated(Tensor heads) {
    int group = config.heads() / config.kvHeads();
    return group == 1
        ? heads
        : heads.repeat_interleave(group, new LongOptional(0), new LongOptional());
  }

  private Tensor rotate(Tensor heads, Pass pass) {
    Tensor swapped = torch.roll(heads, new long[] {config.headDim() / 2}, new long[] {3});
    return heads.mul(pass.cosines).addcmul(swapped, pass.sines);
  }

  private Tensor mlp(Tensor x, Layer layer) {
    long width = config.intermediateSize();
    TensorVector parts = layer.gateUp().apply(x).split_with_sizes(new long[] {width, width}, 1);
    return layer.down().apply(torch.silu(parts.get(0)).mul(parts.get(1)));
  }

  @Override
  public void close() {
    rotary.close();
  }
}
