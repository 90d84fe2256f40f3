package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderConfig;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One transformer layer of the Llama kind: attention and a gated MLP, each behind an RMS norm. */
record DecoderLayer(
    RmsNorm inputNorm,
    Linear queryKeyValue,
    Linear output,
    RmsNorm postAttentionNorm,
    Linear gateUp,
    Linear down)
    implements AutoCloseable {

  /** {@code x} is {@code [tokens, hidden]}; the result is new, of the same shape. */
  Tensor forward(Tensor x, RaggedBatch batch, Decoder decoder, int index) {
    Tensor attended = attend(inputNorm.apply(x), batch, decoder, index);
    Tensor middle = output.applyAdd(attended, x);
    Tensor normed = postAttentionNorm.apply(middle);
    return down.applyAdd(gated(gateUp.apply(normed)), middle);
  }

  /** {@code [tokens, 2 · intermediate]}, gates before values → {@code [tokens, intermediate]}. */
  private static Tensor gated(Tensor both) {
    long width = both.size(1) / 2;
    return torch.silu(both.narrow(1, 0, width)).mul_(both.narrow(1, width, width));
  }

  private Tensor attend(Tensor x, RaggedBatch batch, Decoder decoder, int index) {
    DecoderConfig config = decoder.config();
    long rotated = (long) config.heads() + config.kvHeads();
    Tensor heads = // [tokens, heads + 2 · kvHeads, headDim]
        queryKeyValue.apply(x).view(batch.tokens(), rotated + config.kvHeads(), config.headDim());
    decoder.rotary().rotate(heads.narrow(1, 0, rotated), batch.angles());
    return decoder.attention().apply(heads, batch.spans(), batch.masks(), index);
  }

  @Override
  public void close() {
    inputNorm.close();
    queryKeyValue.close();
    output.close();
    postAttentionNorm.close();
    gateUp.close();
    down.close();
  }
}
