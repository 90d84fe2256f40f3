package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Activations as two digits of 7 bits, {@code x ≈ s (h + l / 126)} with {@code s} from each row:
 * the error of an activation is at most 1/15876 of the largest in its row, less than bfloat16's.
 *
 * <p>Digits have 7 bits and not 8 since processors without VNNI add pairs of products in 16 bits.
 *
 * @param high {@code [tokens, in]}, whole numbers in {@code [-63, 63]}
 * @param low the same, not rounded yet
 * @param step {@code [tokens, 1]}
 */
record Digits(Tensor high, Tensor low, Tensor step) {
  /** Digits are in {@code [-63, 63]}, stored with this added. */
  static final int ZERO_POINT = 64;

  static final int LARGEST = ZERO_POINT - 1;

  /** What a high digit is worth in low ones. */
  static final double RATIO = 2.0 * LARGEST;

  /** The steps of {@link #of}: {@code step}, {@code high}, {@code low}; 6: float32. */
  static final String SCRIPT =
      """
      tokens = x.size(0)
      values = x.to(6)
      step = torch.linalg_vector_norm(values, inf, [1], True).div_({largest}).clamp_min_({smallest})
      steps = torch.div(values, step)
      high = torch.round(steps)
      low = steps.sub_(high).mul_({ratio})
      """;

  /** The steps of {@link #sum}. */
  static final String SUM =
      """
      y = products.narrow(0, 0, tokens)
      return y.add_(products.narrow(0, tokens, tokens), alpha={part}).mul_(step)
      """;

  /** Takes rows apart, {@code [tokens, in]} in any dtype. */
  static Digits of(Tensor x) {
    Tensor values = x.to(ScalarType.Float);
    Tensor step =
        torch
            .linalg_vector_norm(
                values,
                new Scalar(Double.POSITIVE_INFINITY),
                new long[] {1},
                true,
                new ScalarTypeOptional())
            .div_(new Scalar((double) LARGEST))
            .clamp_min_(new Scalar(Int8Rounded.SMALLEST));
    Tensor steps = values.div(step);
    Tensor high = torch.round(steps);
    return new Digits(high, steps.sub_(high).mul_(new Scalar(RATIO)), step);
  }

  /**
   * Puts products together again, in place.
   *
   * @param products those of the high digits of all rows, then of the low ones, and what comes
   *     behind them
   */
  Tensor sum(Tensor products) {
    long tokens = step.size(0);
    Tensor high = products.narrow(0, 0, tokens);
    Tensor low = products.narrow(0, tokens, tokens);
    return high.add_(low, new Scalar(1 / RATIO)).mul_(step);
  }

  /** A method's text with the numbers of digits in it. */
  static String withNumbers(String script) {
    return script
        .replace("{largest}", Double.toString(LARGEST))
        .replace("{smallest}", Double.toString(Int8Rounded.SMALLEST))
        .replace("{ratio}", Double.toString(RATIO))
        .replace("{part}", Double.toString(1 / RATIO))
        .replace("{zeroPoint}", Integer.toString(ZERO_POINT))
        .indent(ScriptProgram.BODY);
  }
}
