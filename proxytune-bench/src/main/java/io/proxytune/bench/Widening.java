package io.proxytune.bench;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.checkpoint.DecoderConfig;

/**
 * How the matrices of a Llama model grow to a larger shape so that it computes the same.
 *
 * <p>What is added reads what it likes and writes nothing. Matrices that read the residual stream
 * (queries, keys, values, gate, up, the head) are random where they are new: their new columns meet
 * only zeros, and their new rows feed only what is not read on. Matrices that write into it (the
 * embedding, the attention's output, down) are zero where they are new, and so the new part of the
 * residual stream stays zero, and new heads, new MLP units and whole new layers add nothing.
 *
 * <p>Only the norms notice the width: the mean square over D' elements of which D are not zero is
 * D/D' of what it was. So their weight is multiplied by √(D/D') and their ε by D/D'.
 *
 * <p>Immutable.
 */
final class Widening {
  private final DecoderConfig from;
  private final ModelShape to;
  private final Axis hidden;
  private final Axis queries;
  private final Axis keys;
  private final Axis units;
  private final Axis vocabulary;

  /** Of a model without biases and with a head of its own, whose heads keep their width. */
  Widening(DecoderConfig from, ModelShape to) {
    checkArgument(
        !from.attentionBias() && !from.mlpBias() && !from.tiedHead(),
        "only a model without biases and with a head of its own can be widened, got %s",
        from);
    checkArgument(
        to.headDim() == from.headDim(),
        "heads must keep their width %s, as its square root scales the scores; got %s",
        from.headDim(),
        to.headDim());
    checkArgument(
        to.layers() >= from.layers(), "layers must be >= %s, got %s", from.layers(), to.layers());
    this.from = from;
    this.to = to;
    int headDim = from.headDim();
    int fromGroup = from.heads() / from.kvHeads();
    int toGroup = to.heads() / to.kvHeads();
    hidden = Axis.grown(from.hiddenSize(), to.hidden());
    queries = Axis.heads(headDim, from.kvHeads(), fromGroup, to.kvHeads(), toGroup);
    keys = Axis.grown(from.kvHeads() * headDim, to.kvHeads() * headDim);
    units = Axis.grown(from.intermediateSize(), to.intermediate());
    vocabulary = Axis.grown(from.vocabularySize(), to.vocabulary());
  }

  /**
   * How a matrix grows.
   *
   * @param rows its outputs; of the embedding its ids
   * @param columns its inputs; of the embedding its outputs
   * @param writes whether it writes into the residual stream
   */
  record Matrix(Axis rows, Axis columns, boolean writes) {}

  /**
   * How a matrix grows.
   *
   * @param module its name up to {@code .weight}, such as {@code model.layers.0.mlp.up_proj}
   */
  Matrix matrix(String module) {
    String kind = module.substring(module.lastIndexOf('.') + 1);
    return switch (kind) {
      case "embed_tokens" -> new Matrix(vocabulary, hidden, true);
      case "q_proj" -> new Matrix(queries, hidden, false);
      case "k_proj", "v_proj" -> new Matrix(keys, hidden, false);
      case "o_proj" -> new Matrix(hidden, queries, true);
      case "gate_proj", "up_proj" -> new Matrix(units, hidden, false);
      case "down_proj" -> new Matrix(hidden, units, true);
      case "lm_head" -> new Matrix(vocabulary, hidden, false);
      default -> throw new IllegalArgumentException("no matrix of a Llama model: " + module);
    };
  }

  /** The width of the residual stream before. */
  int sourceHidden() {
    return from.hiddenSize();
  }

  ModelShape shape() {
    return to;
  }

  /** What a norm's weight is multiplied by. */
  double normScale() {
    return Math.sqrt((double) from.hiddenSize() / to.hidden());
  }

  /** The norms' ε after widening. */
  double normEpsilon() {
    return from.normEpsilon() * from.hiddenSize() / to.hidden();
  }
}
