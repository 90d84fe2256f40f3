package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.torch.TorchDevice;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The pieces of a decoder in training, which write themselves alone. */
record TrainedPieces(TrainingWeights weights, ScalarType dtype) implements Pieces {
  @Override
  public Tensor tensor(String name) {
    return weights.tensor(name);
  }

  @Override
  public Tensor wideTensor(String name) {
    return weights.tensor(name);
  }

  @Override
  public double rounded(double factor) {
    return torch.full(new long[] {1}, new Scalar(factor), new TensorOptions(dtype)).item_double();
  }

  @Override
  public Norm norm(NormSpec spec, boolean wide) {
    return new TrainedNorm(spec, weights);
  }

  @Override
  public Linear linear(List<LinearSpec> parts) {
    return new TrainedLinear(parts, weights);
  }

  @Override
  public Linear plain(LinearSpec linear) {
    return new TrainedLinear(List.of(linear), weights);
  }

  @Override
  public Linear head(HeadSpec head, Tensor embedding) {
    return head.tied()
        ? new PlainLinear(embedding, head.linear().bias().map(weights::tensor).orElse(null))
        : new TrainedLinear(List.of(head.linear()), weights);
  }

  @Override
  public Rotary rotary(RotarySpec spec) {
    return new Rotary(spec, TorchDevice.CPU, dtype);
  }

  @Override
  public AttentionKernel kernel(AttentionShape shape) {
    return new ProductsKernel(shape, TorchDevice.CPU, ScalarType.Float);
  }
}
