package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The attention of a layer: its weights, and the steps of an {@link AttentionSpec}. Immutable but
 * for {@link #close()}; safe for use by several threads.
 *
 * @param spec what it computes
 * @param queryKeyValue all three projections, their outputs side by side
 * @param queryNorm of queries, where they have one
 * @param keyNorm of keys, where they have one
 * @param rotary the number of the decoder's rotary embeddings that heads are rotated by; −1: none
 * @param kernel the number of the decoder's kernel that attends
 * @param sinks {@code [heads]}, float32, where the spec has them
 * @param output the projection of the result
 */
record Attention(
    AttentionSpec spec,
    Linear queryKeyValue,
    @Nullable Norm queryNorm,
    @Nullable Norm keyNorm,
    int rotary,
    int kernel,
    @Nullable Tensor sinks,
    Linear output)
    implements AutoCloseable {
  /** Places among the linear layers that an adapter can add to. */
  static final int QUERY_KEY_VALUE = 0;

  static final int OUTPUT = 1;

  /** The number of those. */
  static final int LINEARS = 2;

  private long queries() {
    return (long) spec.heads() * spec.headDim();
  }

  private long keys() {
    return (long) spec.kvHeads() * spec.headDim();
  }

  /**
   * Attends, all but the output's projection.
   *
   * @param x {@code [tokens, width]}
   * @return {@code [tokens, heads · headDim]}
   */
  Tensor attend(Tensor x, Decoder decoder, LayerPass pass) {
    RaggedBatch batch = pass.batch();
    Tensor flat = pass.adapted(queryKeyValue, QUERY_KEY_VALUE).apply(x);
    Tensor heads = flat.view(batch.tokens(), -1, spec.headDim()); // [tokens, all heads, headDim]
    normalize(queryNorm, spec.normalizesWhole() ? flat : heads, 0, spec.heads(), queries());
    normalize(keyNorm, spec.normalizesWhole() ? flat : heads, spec.heads(), spec.kvHeads(), keys());
    if (spec.clip().isPresent()) {
      double most = spec.clip().getAsDouble();
      flat.clamp_(new ScalarOptional(new Scalar(-most)), new ScalarOptional(new Scalar(most)));
    }
    if (rotary >= 0) {
      Tensor rotated = heads.narrow(1, 0, (long) spec.heads() + spec.kvHeads());
      decoder.rotaries().get(rotary).rotate(rotated, batch.angles().get(rotary));
    }
    AttentionKernel attending = decoder.kernels().get(kernel);
    return attending.apply(heads, batch.parts().get(kernel), pass.index(), sinks);
  }

  /** In place, a stretch of heads or of their values. */
  private void normalize(@Nullable Norm norm, Tensor all, int firstHead, int heads, long width) {
    if (norm == null) {
      return;
    }
    Tensor own =
        spec.normalizesWhole()
            ? all.narrow(1, (long) firstHead * spec.headDim(), width)
            : all.narrow(1, firstHead, heads);
    own.copy_(norm.apply(own));
  }

  /**
   * Writes {@link #attend} and the output's projection.
   *
   * @return the name of the result, {@code [rows, width]}, which is new
   */
  String write(ScriptWriter script, Decoder decoder, String x) {
    if (script.program().isForTraining()) {
      return writeTraining(script, decoder, x);
    }
    String flat = script.let("%s.to(6)", LayerScript.linear(script, queryKeyValue, x));
    int all = spec.heads() + 2 * spec.kvHeads();
    String heads = script.let("%s.view([-1, %d, %d])", flat, all, spec.headDim());
    writeNorm(script, queryNorm, spec.normalizesWhole() ? flat : heads, 0, spec.heads());
    writeNorm(script, keyNorm, spec.normalizesWhole() ? flat : heads, spec.heads(), spec.kvHeads());
    if (spec.clip().isPresent()) {
      String most = Double.toString(spec.clip().getAsDouble());
      flat = script.update(flat, "clamp", "-" + most + ", " + most);
    }
    if (rotary >= 0) {
      String rotated = script.let("%s.narrow(1, 0, %d)", heads, spec.heads() + spec.kvHeads());
      writeRotation(script, decoder, rotated);
    }
    AttentionShape shape = decoder.kernels().get(kernel).shape;
    String attended =
        script.let(
            "self.%s(%s, caches, layer, segments, masks[%d], %s)",
            AttentionScript.write(script.program(), shape),
            heads,
            kernel,
            sinks == null ? "[]" : "[" + script.tensor(sinks) + "]");
    script.line("if padding.size(0) > 0:");
    script.line("  %1$s = torch.index_select(%1$s, 0, padding)", attended);
    return LayerScript.linear(script, output, script.let("%s.to(%s.dtype)", attended, x));
  }

  /** Queries, keys and values apart, since nothing changes in place. */
  private String writeTraining(ScriptWriter script, Decoder decoder, String x) {
    String flat = queryKeyValue.write(script, x);
    int kvHeads = spec.kvHeads();
    String queries = writeHeads(script, flat, 0, spec.heads(), queryNorm);
    String keys = writeHeads(script, flat, spec.heads(), kvHeads, keyNorm);
    String values = writeHeads(script, flat, spec.heads() + kvHeads, kvHeads, null);
    if (rotary >= 0) {
      queries = writeRotation(script, decoder, queries);
      keys = writeRotation(script, decoder, keys);
    }
    AttentionShape shape = decoder.kernels().get(kernel).shape;
    String attended =
        script.let(
            "self.%s(%s, %s, %s, rows, length, masks[%d], %s)",
            AttentionScript.writeTraining(script.program(), shape),
            queries,
            keys,
            values,
            kernel,
            sinks == null ? "[]" : "[" + script.tensor(sinks) + "]");
    return output.write(script, attended);
  }

  /** Rotates heads by the pass's angles, in place where the program may do that. */
  private String writeRotation(ScriptWriter script, Decoder decoder, String heads) {
    String cosines = "angles[" + 2 * rotary + "]";
    String sines = "angles[" + (2 * rotary + 1) + "]";
    return decoder
        .rotaries()
        .get(rotary)
        .writeRotation(script, heads, spec.headDim(), cosines, sines);
  }

  /** Some heads, {@code [tokens, heads, headDim]}, normalised and bounded. */
  private String writeHeads(
      ScriptWriter script, String flat, int first, int heads, @Nullable Norm norm) {
    int dim = spec.headDim();
    String own = script.let("%s.narrow(1, %d, %d)", flat, first * dim, heads * dim);
    if (norm != null && spec.normalizesWhole()) {
      own = norm.write(script, own);
    }
    String split = script.let("%s.reshape([-1, %d, %d])", own, heads, dim);
    String normal = norm == null || spec.normalizesWhole() ? split : norm.write(script, split);
    if (spec.clip().isEmpty()) {
      return normal;
    }
    String most = Double.toString(spec.clip().getAsDouble());
    return script.update(normal, "clamp", "-" + most + ", " + most);
  }

  private void writeNorm(
      ScriptWriter script, @Nullable Norm norm, String all, int firstHead, int heads) {
    if (norm == null) {
      return;
    }
    int each = spec.normalizesWhole() ? spec.headDim() : 1;
    String own = script.let("%s.narrow(1, %d, %d)", all, firstHead * each, heads * each);
    script.line("%s.copy_(%s)", own, norm.write(script, own));
  }

  @Override
  public void close() {
    queryKeyValue.close();
    output.close();
    if (queryNorm != null) {
      queryNorm.close();
    }
    if (keyNorm != null) {
      keyNorm.close();
    }
    if (sinks != null) {
      sinks.close();
    }
  }
}
