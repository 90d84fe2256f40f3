package io.proxytune.core.torch.model;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What turns the residual stream into logits, before their bound: models are fused before it.
 * Immutable but for {@link #close()}; safe for use by several threads.
 *
 * @param norm the norm of what it reads
 * @param projection what brings that to the width of the embedding
 * @param linear the product, of float32 and in float32
 * @param scale the factor of logits
 */
record Head(@Nullable Norm norm, @Nullable Linear projection, Linear linear, double scale)
    implements AutoCloseable {

  /**
   * Computes logits.
   *
   * @param hidden rows of the residual stream, {@code [rows, width]}
   * @param adapters which of these rows adapters take part in
   * @return {@code [rows, vocabulary]}, float32
   */
  Tensor apply(Tensor hidden, List<AdapterRows> adapters) {
    Tensor x = norm == null ? hidden : norm.apply(hidden);
    if (projection != null) {
      x = projection.apply(x);
    }
    Tensor logits = product(x.to(ScalarType.Float), adapters);
    return scale == 1 ? logits : logits.mul_(new Scalar(scale));
  }

  /** The model's own head is not read where no row needs it. */
  private Tensor product(Tensor x, List<AdapterRows> adapters) {
    if (adapters.size() == 1 && adapters.get(0).count() == x.size(0)) {
      HeadChange change = adapters.get(0).adapter().head();
      if (change != null && change.own() != null) {
        return change.own().apply(x);
      }
    }
    Tensor logits = linear.apply(x);
    for (AdapterRows adapted : adapters) {
      HeadChange change = adapted.adapter().head();
      if (change != null) {
        change.applyTo(adapted.of(logits), adapted.of(x));
      }
    }
    return logits;
  }

  /**
   * Writes the same.
   *
   * @param index the place of the head's among an adapter's matrices, as an expression
   * @return the name of the result
   */
  String write(ScriptWriter script, String hidden, String index) {
    String x = norm == null ? hidden : norm.write(script, hidden);
    if (projection != null) {
      x = projection.write(script, x);
    }
    String wide = script.let("%s.to(6)", x);
    String logits = linear.write(script, wide); // float32, and nothing is rounded after
    script.line("%s", LayerScript.adapt(script, logits, wide, index, "wantedAdapted"));
    return scale == 1 ? logits : script.update(logits, "mul", Double.toString(scale));
  }

  /** Writes the same for training: the product is in the model's dtype. */
  String writeTraining(ScriptWriter script, String hidden) {
    String x = norm == null ? hidden : norm.write(script, hidden);
    if (projection != null) {
      x = projection.write(script, x);
    }
    String logits = script.let("%s.to(6)", linear.write(script, x));
    return scale == 1 ? logits : script.update(logits, "mul", Double.toString(scale));
  }

  @Override
  public void close() {
    linear.close();
    if (projection != null) {
      projection.close();
    }
    if (norm != null) {
      norm.close();
    }
  }
}
