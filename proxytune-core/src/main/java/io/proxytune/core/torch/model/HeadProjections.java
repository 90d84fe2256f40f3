package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;

/**
 * What makes the queries, keys and values of heads. Immutable but for {@link #close()}; safe for
 * use by several threads.
 */
interface HeadProjections extends AutoCloseable {
  /** How many linear layers it has that an adapter can add to. */
  int linears();

  /**
   * Of a pass's tokens, rotated.
   *
   * @param x {@code [tokens, width]}
   * @return {@code [tokens, heads + 2 · kvHeads, headDim]}, new: queries, keys, values
   */
  Tensor apply(Tensor x, Decoder decoder, LayerPass pass);

  /**
   * Writes the same, in float32.
   *
   * @return the name of the result
   */
  String write(ScriptWriter script, Decoder decoder, String x);

  /**
   * Writes the same for training, where nothing changes in place.
   *
   * @return three names, each of {@code [tokens, heads, headDim]}
   */
  Written writeTraining(ScriptWriter script, Decoder decoder, String x);

  /** Names of queries, keys and values. */
  record Written(String queries, String keys, String values) {}

  @Override
  void close();
}
