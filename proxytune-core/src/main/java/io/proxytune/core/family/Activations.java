package io.proxytune.core.family;

import static java.util.stream.Collectors.joining;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import java.util.Map;
import java.util.Optional;

/** The names that transformers has for activations. */
final class Activations {
  private static final Map<String, Activation> BY_NAME =
      Map.ofEntries(
          Map.entry("silu", Activation.SILU),
          Map.entry("swish", Activation.SILU),
          Map.entry("gelu", Activation.GELU),
          Map.entry("gelu_python", Activation.GELU),
          Map.entry("gelu_new", Activation.GELU_TANH),
          Map.entry("gelu_fast", Activation.GELU_TANH),
          Map.entry("gelu_accurate", Activation.GELU_TANH),
          Map.entry("gelu_pytorch_tanh", Activation.GELU_TANH),
          Map.entry("gelu_python_tanh", Activation.GELU_TANH),
          Map.entry("relu", Activation.RELU),
          Map.entry("relu2", Activation.RELU_SQUARED));

  private Activations() {}

  static Activation read(ConfigJson config, String key, Activation absent) {
    Optional<String> name = config.text(key);
    if (name.isEmpty()) {
      return absent;
    }
    Activation activation = BY_NAME.get(name.get());
    if (activation == null) {
      throw config.refusal(
          key, "one of " + BY_NAME.keySet().stream().sorted().collect(joining(", ")));
    }
    return activation;
  }
}
