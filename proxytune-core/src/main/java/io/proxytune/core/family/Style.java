package io.proxytune.core.family;

import io.proxytune.core.config.RopeConfig.Defaults;
import io.proxytune.core.decoder.Activation;

/**
 * How a family spells its config and its tensors, and what transformers gives one whose config says
 * nothing: immutable.
 *
 * @param keys the keys of its config
 * @param body what precedes all names but the head's
 * @param layers what stands thereafter before a layer's number
 * @param epsilon what norms add
 * @param activation what stands between the products of the MLP
 * @param rope the rotation
 */
record Style(
    Keys keys, String body, String layers, double epsilon, Activation activation, Defaults rope) {
  /** Llama's, which most families have taken over. */
  static final Style LLAMA =
      new Style(Keys.COMMON, "model.", "layers.", 1e-6, Activation.SILU, Defaults.LLAMA);

  /** GPT-2's. */
  static final Style GPT2 =
      new Style(Keys.GPT2, "transformer.", "h.", 1e-5, Activation.GELU_TANH, Defaults.LLAMA);

  Style withKeys(Keys other) {
    return new Style(other, body, layers, epsilon, activation, rope);
  }

  Style withNames(String otherBody, String otherLayers) {
    return new Style(keys, otherBody, otherLayers, epsilon, activation, rope);
  }

  Style withEpsilon(double other) {
    return new Style(keys, body, layers, other, activation, rope);
  }

  Style withEpsilon(String key, double other) {
    return new Style(keys.withEpsilon(key), body, layers, other, activation, rope);
  }

  Style withActivation(Activation other) {
    return new Style(keys, body, layers, epsilon, other, rope);
  }

  Style withActivation(String key, Activation other) {
    return new Style(keys.withActivation(key), body, layers, epsilon, other, rope);
  }

  Style withTheta(double theta) {
    return new Style(keys, body, layers, epsilon, activation, rope.withTheta(theta));
  }

  Style withPartialRotation(double share) {
    return new Style(keys, body, layers, epsilon, activation, rope.withPartial(share));
  }

  Style withPositions(int positions) {
    return new Style(keys, body, layers, epsilon, activation, rope.withPositions(positions));
  }
}
