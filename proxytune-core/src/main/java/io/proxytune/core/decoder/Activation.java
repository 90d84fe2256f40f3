package io.proxytune.core.decoder;

/** What stands between the products of a feed-forward part. */
public enum Activation {
  /** {@code x · sigmoid(x)}, also called swish. */
  SILU,
  /** {@code x · Φ(x)} with the error function. */
  GELU,
  /** GELU by its approximation with tanh (arXiv 1606.08415). */
  GELU_TANH,
  /** {@code max(x, 0)}. */
  RELU,
  /** {@code max(x, 0)²} (arXiv 2109.08668). */
  RELU_SQUARED,
  /**
   * gpt-oss's gate: {@code (up + 1) · gate · sigmoid(1.702 · gate)} with the gate at most 7 and up
   * within ±7.
   */
  CLAMPED_SWIGLU
}
