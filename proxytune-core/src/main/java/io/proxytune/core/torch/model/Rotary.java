package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embeddings (arXiv 2104.09864) of the first dimensions of each head. Angles are
 * taken in float32, as in transformers. Immutable but for {@link #close()}; safe for use by several
 * threads.
 */
public final class Rotary implements AutoCloseable {
  private final RotarySpec spec;
  private final TorchDevice device;
  private final ScalarType dtype;
  private final double factor; // of rotated heads

  /** {@code [dims]}, float32; negative where a pair's first is, whose sines then are so too. */
  private final Tensor frequencies;

  /**
   * Angles of the tokens of a pass, each {@code [tokens, 1, dims]}; sines signed for {@link
   * #rotate}.
   *
   * @param cosines of the angles
   * @param signedSines of the angles, those of a pair's first negated
   */
  public record Angles(Tensor cosines, Tensor signedSines) {}

  /**
   * Computes the frequencies, in the current scope.
   *
   * @param spec what is rotated, and how far
   * @param device where the angles will be
   * @param dtype the angles' dtype
   */
  public Rotary(RotarySpec spec, TorchDevice device, ScalarType dtype) {
    this.spec = spec;
    this.device = device;
    this.dtype = dtype;
    this.factor = RotaryFrequencies.attentionFactor(spec.scaling());
    this.frequencies = Native.keep(signed(RotaryFrequencies.of(spec, 1)));
  }

  /** {@code [dims / 2]} → {@code [dims]}. */
  private Tensor signed(Tensor plain) {
    Tensor both =
        spec.interleaved()
            ? torch.stack(new TensorVector(plain.neg(), plain), 1).flatten()
            : torch.cat(new TensorVector(plain.neg(), plain), 0);
    return both.to(device.toTorch(), ScalarType.Float);
  }

  RotarySpec spec() {
    return spec;
  }

  /**
   * The angles of a segment.
   *
   * @param position the position of its first token
   * @param count the number of its tokens
   * @return their angles, in the current scope
   */
  public Angles angles(int position, int count) {
    TensorOptions float32 = new TensorOptions(ScalarType.Float);
    Tensor positions =
        torch
            .arange(new Scalar(position), new Scalar(position + count), float32)
            .to(device.toTorch(), ScalarType.Float);
    Tensor angles = torch.outer(positions, frequenciesFor(position + count)).unsqueeze(1);
    return new Angles(scaled(angles.cos()).to(dtype), scaled(angles.sin()).to(dtype));
  }

  private Tensor scaled(Tensor values) {
    return factor == 1 ? values : values.mul_(new Scalar(factor));
  }

  /** Whether a pass that reaches a length rotates like every shorter one. */
  boolean isConstant(int length) {
    return length <= spec.scaling().constantLength();
  }

  /**
   * Keys that are in the cache keep the angles of their own pass, as in transformers; so where a
   * scaling depends on the length that a pass reaches, logits past the original context depend on
   * how a prompt is cut into passes.
   */
  private Tensor frequenciesFor(int length) {
    return isConstant(length) ? frequencies : signed(RotaryFrequencies.of(spec, length));
  }

  /**
   * Rotates heads, {@code [tokens, heads, headDim]}, in place.
   *
   * @param angles what {@link #angles} gave for the tokens
   */
  void rotate(Tensor heads, Angles angles) {
    Tensor rotated = spec.dims() == heads.size(2) ? heads : heads.narrow(2, 0, spec.dims());
    // Swapping a pair and a signed sine make (x1, x2) → (x1 cos − x2 sin, x2 cos + x1 sin).
    Tensor swapped = swapped(rotated);
    rotated.mul_(angles.cosines).addcmul_(swapped, angles.signedSines);
  }

  private Tensor swapped(Tensor heads) {
    return spec.interleaved()
        ? heads.unflatten(2, new long[] {-1, 2}).flip(3).flatten(2, 3)
        : torch.roll(heads, new long[] {spec.dims() / 2}, new long[] {2});
  }

  /**
   * Writes the angles of a pass that {@link #isConstant} accepts, for {@link #writeRotation}.
   *
   * @param positions the name of the tokens' positions, {@code [tokens]}, float32
   * @return two names, of cosines and signed sines
   */
  String[] writeAngles(ScriptWriter script, String positions) {
    String angles =
        script.let("(%s.unsqueeze(1) * %s).unsqueeze(1)", positions, script.tensor(frequencies));
    String cosines = script.let("torch.cos(%s)", angles);
    String sines = script.let("torch.sin(%s)", angles);
    if (factor != 1) {
      script.line("%s.mul_(%s)", cosines, Double.toString(factor));
      script.line("%s.mul_(%s)", sines, Double.toString(factor));
    }
    return new String[] {cosines, sines};
  }

  /**
   * Writes {@link #rotate}, in place where the program may do that.
   *
   * @param index this one's number among the decoder's, which the pass's angles are in the order of
   * @return the name of the rotated heads
   */
  String writeRotation(ScriptWriter script, String heads, int headDim, int index) {
    String cosines = "angles[" + 2 * index + "]";
    String sines = "angles[" + (2 * index + 1) + "]";
    boolean all = spec.dims() == headDim;
    String rotated = all ? heads : script.let("%s.narrow(2, 0, %d)", heads, spec.dims());
    String swapped =
        spec.interleaved()
            ? script.let(
                "torch.flatten(torch.flip(torch.unflatten(%s, 2, [-1, 2]), [3]), 2, 3)", rotated)
            : script.let("torch.roll(%s, [%d], [2])", rotated, spec.dims() / 2);
    if (!script.program().isForTraining()) {
      script.line("%s.mul_(%s).addcmul_(%s, %s)", rotated, cosines, swapped, sines);
      return heads;
    }
    String result =
        script.let("torch.addcmul(torch.mul(%s, %s), %s, %s)", rotated, cosines, swapped, sines);
    String rest = heads + ".narrow(2, " + spec.dims() + ", " + (headDim - spec.dims()) + ")";
    return all ? result : script.let("torch.cat([%s, %s], 2)", result, rest);
  }

  @Override
  public void close() {
    frequencies.close();
  }
}
