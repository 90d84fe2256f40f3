package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.LayerSpec;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A transformer layer: the steps of a {@link LayerSpec}. Immutable but for {@link #close()}; safe
 * for use by several threads.
 */
record DecoderLayer(
    LayerSpec spec,
    Attention attention,
    FeedForward feedForward,
    @Nullable Norm beforeAttention,
    @Nullable Norm afterAttention,
    @Nullable Norm beforeFeedForward,
    @Nullable Norm afterFeedForward)
    implements AutoCloseable {

  /** {@code x} is {@code [tokens, width]}; the result is new, of the same shape. */
  Tensor forward(Tensor x, Decoder decoder, LayerPass pass) {
    Tensor read = normed(beforeAttention, x);
    Tensor attended = attention.attend(read, decoder, pass);
    Linear output = pass.adapted(attention.output(), attention.outputGroup());
    if (spec.parallel()) {
      Tensor both =
          feedForward.applyAdd(
              beforeFeedForward == null ? read : normed(beforeFeedForward, x),
              normed(afterAttention, output.apply(attended)),
              pass);
      return scaled(both).add_(x);
    }
    Tensor middle =
        addsAtOnce(afterAttention)
            ? output.applyAdd(attended, x)
            : added(x, output.apply(attended), afterAttention);
    Tensor own = normed(beforeFeedForward, middle);
    return addsAtOnce(afterFeedForward)
        ? feedForward.applyAdd(own, middle, pass)
        : added(middle, feedForward.apply(own, pass), afterFeedForward);
  }

  private boolean addsAtOnce(@Nullable Norm after) {
    return after == null && spec.residualScale() == 1;
  }

  private Tensor added(Tensor x, Tensor y, @Nullable Norm after) {
    return spec.normalizesSum()
        ? normed(after, scaled(y).add_(x))
        : scaled(normed(after, y)).add_(x);
  }

  private static Tensor normed(@Nullable Norm norm, Tensor x) {
    return norm == null ? x : norm.apply(x);
  }

  private Tensor scaled(Tensor y) {
    return spec.residualScale() == 1 ? y : y.mul_(new Scalar(spec.residualScale()));
  }

  /**
   * Writes the same.
   *
   * @return the name of the result
   */
  String write(ScriptWriter script, Decoder decoder, String x) {
    String read = writeNorm(script, beforeAttention, x);
    String attended = attention.write(script, decoder, read);
    if (spec.parallel()) {
      String other = beforeFeedForward == null ? read : writeNorm(script, beforeFeedForward, x);
      String beside = feedForward.write(script, other);
      String own = writeNormOfProduct(script, x, attended, afterAttention);
      return writeSum(script, x, script.let("torch.add(%s, %s)", own, beside));
    }
    String middle = writeAdded(script, x, attended, afterAttention);
    String normed = writeNorm(script, beforeFeedForward, middle);
    return writeAdded(script, middle, feedForward.write(script, normed), afterFeedForward);
  }

  private String writeAdded(ScriptWriter script, String x, String y, @Nullable Norm after) {
    return spec.normalizesSum()
        ? writeNorm(script, after, writeSum(script, x, y))
        : writeSum(script, x, writeNormOfProduct(script, x, y, after));
  }

  /** Products may be float32 in a model of 16 bits. */
  private static String writeNormOfProduct(
      ScriptWriter script, String x, String y, @Nullable Norm after) {
    boolean takesAny = after == null || after instanceof WideNorm;
    return writeNorm(script, after, takesAny ? y : script.let("%s.to(%s.dtype)", y, x));
  }

  private String writeSum(ScriptWriter script, String x, String y) {
    if (script.program().isForTraining()) {
      return script.let("torch.add(%s, %s, alpha=%s)", x, y, spec.residualScale());
    }
    String scale = spec.residualScale() == 1 ? "" : ".mul_(" + spec.residualScale() + ")";
    return script.let("%s%s.add_(%s).to(%s.dtype)", y, scale, x, x);
  }

  private static String writeNorm(ScriptWriter script, @Nullable Norm norm, String x) {
    return norm == null ? x : norm.write(script, x);
  }

  @Override
  public void close() {
    Stream.of(beforeAttention, afterAttention, beforeFeedForward, afterFeedForward)
        .filter(norm -> norm != null)
        .forEach(Norm::close);
    attention.close();
    feedForward.close();
  }
}
