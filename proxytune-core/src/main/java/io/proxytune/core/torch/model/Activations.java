package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.Activation;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The activations of feed-forward parts. */
final class Activations {
  /** gpt-oss's bound of a gate and of what it gates. */
  private static final double BOUND = 7;

  private static final double STEEPNESS = 1.702;

  private Activations() {}

  /** Of {@code x}, which may change; the result may be {@code x}. */
  static Tensor apply(Activation activation, Tensor x) {
    return switch (activation) {
      case SILU -> torch.silu(x);
      case GELU -> torch.gelu(x, "none");
      case GELU_TANH -> torch.gelu(x, "tanh");
      case RELU -> torch.relu(x);
      case RELU_SQUARED -> torch.relu(x).square_();
      case CLAMPED_SWIGLU -> throw new IllegalArgumentException(activation + " needs a gate");
    };
  }

  /** The activated gate times {@code up}. */
  static Tensor gated(Activation activation, Tensor gate, Tensor up) {
    if (activation != Activation.CLAMPED_SWIGLU) {
      return apply(activation, gate).mul_(up);
    }
    Tensor bounded = gate.clamp_max(new Scalar(BOUND));
    Tensor other =
        up.clamp(new ScalarOptional(new Scalar(-BOUND)), new ScalarOptional(new Scalar(BOUND)));
    Tensor open = torch.sigmoid(bounded.mul(new Scalar(STEEPNESS)));
    return other.add_(new Scalar(1.0)).mul_(bounded.mul_(open));
  }

  /** Writes {@link #apply}. */
  static String write(ScriptWriter script, Activation activation, String x) {
    return switch (activation) {
      case SILU -> script.let("torch.silu(%s)", x);
      case GELU -> script.let("torch.gelu(%s)", x);
      case GELU_TANH -> script.let("torch.gelu(%s, approximate=\"tanh\")", x);
      case RELU -> script.let("torch.relu(%s)", x);
      case RELU_SQUARED -> script.let("torch.square(torch.relu(%s))", x);
      case CLAMPED_SWIGLU -> throw new IllegalArgumentException(activation + " needs a gate");
    };
  }

  /** Writes {@link #gated}. */
  static String writeGated(ScriptWriter script, Activation activation, String gate, String up) {
    if (activation != Activation.CLAMPED_SWIGLU) {
      return script.update(write(script, activation, gate), "mul", up);
    }
    String bounded = script.let("torch.clamp_max(%s, %s)", gate, BOUND);
    String other = script.let("torch.clamp(%s, -%s, %s)", up, BOUND, BOUND);
    return script.let(
        "torch.mul(torch.mul(torch.add(%s, 1.0), %s), torch.sigmoid(torch.mul(%s, %s)))",
        other, bounded, bounded, STEEPNESS);
  }
}
