package io.proxytune.core.torch.model;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What the first layer reads. Immutable but for {@link #close()}; safe for use by several threads.
 *
 * @param rows {@code [vocabulary, size]}
 * @param scale the factor of rows, a value of the model's dtype
 * @param projection what brings them to the width of the residual stream
 * @param positions {@code [rows, width]}, what is added for a token's position
 * @param firstPosition the row of position 0
 * @param norm the norm of the sum
 */
record Embedding(
    Tensor rows,
    double scale,
    @Nullable Linear projection,
    @Nullable Tensor positions,
    int firstPosition,
    @Nullable Norm norm)
    implements AutoCloseable {

  /**
   * Looks tokens up.
   *
   * @param ids {@code [tokens]}, 64-bit
   * @param places {@code [tokens]}, 64-bit: their positions
   * @param adapters which of the tokens adapters take part in
   * @return {@code [tokens, width]}
   */
  Tensor apply(Tensor ids, Tensor places, List<AdapterRows> adapters) {
    Tensor x = torch.index_select(rows, 0, ids);
    for (AdapterRows adapted : adapters) {
      EmbeddingChange change = adapted.adapter().embedding();
      if (change != null) {
        change.applyTo(adapted.of(x), adapted.of(ids));
      }
    }
    if (scale != 1) {
      x = x.mul_(new Scalar(scale));
    }
    if (projection != null) {
      x = projection.apply(x);
    }
    if (positions != null) {
      Tensor own = places.add(new Scalar((long) firstPosition));
      x = x.add_(torch.index_select(positions, 0, own));
    }
    return norm == null ? x : norm.apply(x);
  }

  /** Whether {@link #apply} reads the positions. */
  boolean readsPositions() {
    return positions != null;
  }

  /**
   * Writes the same.
   *
   * @param ids the name of the tokens' ids
   * @param places the name of their positions, both {@code [tokens]}, 64-bit
   * @return the name of the result
   */
  String write(ScriptWriter script, String ids, String places) {
    String x = script.let("torch.index_select(%s, 0, %s)", script.tensor(rows), ids);
    if (scale != 1) {
      x = script.update(x, "mul", Double.toString(scale));
    }
    if (projection != null) {
      x = projection.write(script, x);
    }
    if (positions != null) {
      String own = script.let("torch.add(%s, %d)", places, firstPosition);
      String learned = script.let("torch.index_select(%s, 0, %s)", script.tensor(positions), own);
      x = script.update(x, "add", learned);
    }
    return norm == null ? x : norm.write(script, x);
  }

  @Override
  public void close() {
    rows.close();
    if (projection != null) {
      projection.close();
    }
    if (positions != null) {
      positions.close();
    }
    if (norm != null) {
      norm.close();
    }
  }
}
