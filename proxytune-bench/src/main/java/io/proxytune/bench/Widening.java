package io.proxytune.bench;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;

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
  private final DecoderSpec from;
  private final ModelShape to;
  private final Axis hidden;
  private final Axis queries;
  private final Axis keys;
  private final Axis units;
  private final Axis vocabulary;

  /** Of a model without biases and with a head of its own, whose heads keep their width. */
  Widening(DecoderSpec from, ModelShape to) {
    checkArgument(
        from.linears().allMatch(linear -> linear.bias().isEmpty()) && !from.head().tied(),
        "only a model without biases and with a head of its own can be widened, got %s",
        from);
    AttentionSpec attention = from.layers().get(0).attention();
    int headDim = attention.headDim();
    checkArgument(
        to.headDim() == headDim,
        "heads must keep their width %s, as its square root scales the scores; got %s",
        headDim,
        to.headDim());
    checkArgument(
        to.layers() >= from.layers().size(),
        "layers must be >= %s, got %s",
        from.layers().size(),
        to.layers());
    this.from = from;
    this.to = to;
    int kvHeads = attention.kvHeads();
    int fromGroup = attention.heads() / kvHeads;
    int toGroup = to.heads() / to.kvHeads();
    hidden = Axis.grown(from.width(), to.hidden());
    queries = Axis.heads(headDim, kvHeads, fromGroup, to.kvHeads(), toGroup);
    keys = Axis.grown(kvHeads * headDim, to.kvHeads() * headDim);
    units = Axis.grown(inner(from), to.intermediate());
    vocabulary = Axis.grown(from.vocabulary(), to.vocabulary());
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

  private static int inner(DecoderSpec llama) {
    return Math.toIntExact(((MlpSpec) llama.layers().get(0).feedForward()).up().out());
  }

  private NormSpec norm() {
    return from.head().norm().orElseThrow();
  }

  /** The width of the residual stream before. */
  int sourceHidden() {
    return from.width();
  }

  ModelShape shape() {
    return to;
  }

  /** What a norm's weight is multiplied by. */
  double normScale() {
    return Math.sqrt((double) from.width() / to.hidden());
  }

  /** The norms' ε after widening. */
  double normEpsilon() {
    return norm().epsilon() * from.width() / to.hidden();
  }
}
