package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.TorchDevice;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The weights of a decoder-only transformer and its forward pass: the steps of a {@link
 * DecoderSpec}. Immutable but for {@link #close()}; safe for use by several threads.
 *
 * @param spec what it computes
 * @param devices where each layer is
 * @param embedding what the first layer reads
 * @param rotaries the position embeddings of its layers, each once
 * @param kernels what attends in its layers, one for each shape
 * @param layers the layers
 * @param head what turns the last one's result into logits
 */
record Decoder(
    DecoderSpec spec,
    List<TorchDevice> devices,
    Embedding embedding,
    List<Rotary> rotaries,
    List<AttentionKernel> kernels,
    List<DecoderLayer> layers,
    Head head)
    implements AutoCloseable {

  /** What the caches of its sequences hold, of a layer. */
  ScalarType cacheDType(int layer) {
    return kernels.get(layers.get(layer).attention().kernel()).cacheDType();
  }

  /** Whether a pass that reaches a length computes like every shorter one. */
  boolean isConstant(int length) {
    return rotaries.stream().allMatch(rotary -> rotary.isConstant(length));
  }

  /**
   * Runs the tokens of a batch through every layer; the caches of its spans receive their keys and
   * values.
   *
   * @param ids {@code [tokens]}, 64-bit, on the first layer's device
   * @param positions {@code [tokens]}, 64-bit, likewise
   * @return the residual stream, {@code [tokens, width]}, on the last layer's
   */
  Tensor hidden(Tensor ids, Tensor positions, RaggedBatch batch) {
    Tensor x = embedding.apply(ids, positions, batch.adapters());
    for (int i = 0; i < layers.size(); i++) {
      x = forward(x, new LayerPass(batch, i));
    }
    return x;
  }

  /** Each layer needs as much memory as the one before, and finds it free and warm. */
  private Tensor forward(Tensor x, LayerPass pass) {
    return Native.onlyResult(
        () -> layers.get(pass.index()).forward(handedOver(x, pass.index()), this, pass));
  }

  /** The residual stream where a layer is. */
  private Tensor handedOver(Tensor x, int layer) {
    TorchDevice device = devices.get(layer);
    return layer == 0 || device.equals(devices.get(layer - 1)) ? x : Placement.onto(device, x);
  }

  @Override
  public void close() {
    head.close();
    layers.forEach(DecoderLayer::close);
    kernels.forEach(AttentionKernel::close);
    rotaries.forEach(Rotary::close);
    embedding.close();
  }
}
