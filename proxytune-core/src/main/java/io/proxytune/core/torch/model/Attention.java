package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The attention of a layer: its weights, and the steps of an {@link AttentionSpec}. Immutable but
 * for {@link #close()}; safe for use by several threads.
 *
 * @param spec what it computes
 * @param projections what makes queries, keys and values
 * @param kernel the number of the decoder's kernel that attends
 * @param sinks {@code [heads]}, float32, where the spec has them
 * @param output the projection of the result
 */
record Attention(
    AttentionSpec spec,
    HeadProjections projections,
    int kernel,
    @Nullable Tensor sinks,
    Linear output)
    implements AutoCloseable {
  /** The place of {@link #output} among the linear layers that an adapter can add to. */
  int outputGroup() {
    return projections.linears();
  }

  /**
   * Attends, all but the output's projection.
   *
   * @param x {@code [tokens, width]}
   * @return {@code [tokens, heads · valueDim]}
   */
  Tensor attend(Tensor x, Decoder decoder, LayerPass pass) {
    Tensor heads = projections.apply(x, decoder, pass);
    AttentionKernel attending = decoder.kernels().get(kernel);
    RaggedBatch batch = pass.batch();
    Tensor attended = attending.apply(heads, batch.parts().get(kernel), pass.index(), sinks);
    return spec.valueDim() == spec.headDim()
        ? attended
        : attended
            .view(batch.tokens(), spec.heads(), spec.headDim())
            .narrow(2, 0, spec.valueDim())
            .reshape(batch.tokens(), -1);
  }

  /**
   * Writes {@link #attend} and the output's projection.
   *
   * @return the name of the result, {@code [rows, width]}, which is new
   */
  String write(ScriptWriter script, Decoder decoder, String x) {
    AttentionKernel attending = decoder.kernels().get(kernel);
    AttentionShape shape = attending.shape;
    if (script.program().isForTraining()) {
      return writeTraining(script, decoder, shape, x);
    }
    String attended =
        script.let(
            "self.%s(%s, caches, shared, layer, segments, runs, masks[%d], lookups[%d], %s)",
            AttentionScript.write(script.program(), shape, attending.rowwise()),
            projections.write(script, decoder, x),
            kernel,
            kernel,
            writeSinks(script));
    script.line("if padding.size(0) > 0:");
    script.line("  %1$s = torch.index_select(%1$s, 0, padding)", attended);
    String values = writeValues(script, attended);
    return LayerScript.linear(script, output, script.let("%s.to(%s.dtype)", values, x));
  }

  private String writeTraining(
      ScriptWriter script, Decoder decoder, AttentionShape shape, String x) {
    HeadProjections.Written heads = projections.writeTraining(script, decoder, x);
    String attended =
        script.let(
            "self.%s(%s, %s, %s, rows, length, masks[%d], %s)",
            AttentionScript.writeTraining(script.program(), shape),
            heads.queries(),
            heads.keys(),
            heads.values(),
            kernel,
            writeSinks(script));
    return output.write(script, writeValues(script, attended));
  }

  private String writeSinks(ScriptWriter script) {
    return sinks == null ? "[]" : "[" + script.tensor(sinks) + "]";
  }

  /** Without what stands behind values that are narrower than keys. */
  private String writeValues(ScriptWriter script, String attended) {
    return spec.valueDim() == spec.headDim()
        ? attended
        : script.let(
            "torch.flatten(%s.view([-1, %d, %d]).narrow(2, 0, %d), 1)",
            attended, spec.heads(), spec.headDim(), spec.valueDim());
  }

  @Override
  public void close() {
    projections.close();
    output.close();
    if (sinks != null) {
      sinks.close();
    }
  }
}
