package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderConfig;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The weights of a decoder-only transformer and its forward pass. Immutable but for {@link
 * #close()}; safe for use by several threads.
 */
record Decoder(
    DecoderConfig config,
    Tensor embedding,
    Rotary rotary,
    Attention attention,
    List<DecoderLayer> layers,
    RmsNorm finalNorm,
    Linear head)
    implements AutoCloseable {

  /**
   * Runs the tokens of a batch through every layer; the caches of its spans receive their keys and
   * values.
   *
   * @param ids {@code [tokens]}, 64-bit, on the model's device
   * @return the residual stream, {@code [tokens, hidden]}
   */
  Tensor hidden(Tensor ids, RaggedBatch batch) {
    Tensor x = torch.index_select(embedding, 0, ids);
    for (int i = 0; i < layers.size(); i++) {
      x = forward(x, batch, i);
    }
    return x;
  }

  /** Each layer needs as much memory as the one before, and finds it free and warm. */
  private Tensor forward(Tensor x, RaggedBatch batch, int index) {
    return Native.onlyResult(() -> layer(index, batch).forward(x, batch, this, index));
  }

  private DecoderLayer layer(int index, RaggedBatch batch) {
    DecoderLayer layer = layers.get(index);
    return batch.adapters().isEmpty() ? layer : AdapterRows.adapt(layer, index, batch.adapters());
  }

  /**
   * Logits, {@code [rows, vocabulary]} in float32, of rows of the residual stream, {@code [rows,
   * hidden]}.
   *
   * @param adapters which of these rows adapters take part in
   */
  Tensor logits(Tensor hidden, List<AdapterRows> adapters) {
    Linear adapted = AdapterRows.adapt(head, adapters, AdapterWeights::head);
    return adapted.apply(finalNorm.apply(hidden).to(ScalarType.Float));
  }

  @Override
  public void close() {
    head.close();
    finalNorm.close();
    layers.forEach(DecoderLayer::close);
    attention.close();
    rotary.close();
    embedding.close();
  }
}
