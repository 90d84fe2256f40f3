package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.IValue;

/** A linear layer that a {@link DecoderScript} can compute by itself. */
interface ScriptedLinear extends Linear {
  /** The type of the weight in TorchScript. */
  String scriptWeightType();

  /** The expression of the product of {@code x}, {@code weight} and {@code bias}. */
  String scriptProduct();

  /** The weight; it stays this layer's. */
  IValue scriptWeight();

  /** The bias, or none where it is the weight's; it stays this layer's. */
  IValue scriptBias();

  /** How many rows to compute for so many tokens: more, where that is faster. */
  int scriptRows(int tokens);
}
