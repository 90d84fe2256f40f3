package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;
import static java.util.stream.Collectors.joining;

import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The architectures that can be loaded. */
final class Architectures {
  private static final List<Architecture> ALL = List.of(new LlamaArchitecture());

  private Architectures() {}

  /** Finds a config's architecture by {@code architectures[0]}, or else by {@code model_type}. */
  static Architecture of(ConfigJson config) {
    Optional<String> name = config.firstText("architectures");
    if (name.isPresent()) {
      return ALL.stream()
          .filter(architecture -> architecture.bodyName().equals(name.get()))
          .findFirst()
          .orElseGet(() -> find(config, "architectures[0]", name.get(), Architecture::name));
    }
    return config
        .text("model_type")
        .map(type -> find(config, "model_type", type, Architecture::modelType))
        .orElseThrow(() -> unsupported(config, "neither architectures nor model_type is given"));
  }

  private static Architecture find(
      ConfigJson config, String key, String value, Function<Architecture, String> property) {
    return ALL.stream()
        .filter(architecture -> property.apply(architecture).equals(value))
        .findFirst()
        .orElseThrow(
            () -> unsupported(config, lenientFormat("%s \"%s\" is not supported", key, value)));
  }

  private static CheckpointException unsupported(ConfigJson config, String problem) {
    return new CheckpointException(
        lenientFormat(
            "%s: %s; use a checkpoint of a supported architecture: %s",
            config.file(),
            problem,
            ALL.stream()
                .map(architecture -> architecture.name() + " (" + architecture.modelType() + ")")
                .collect(joining(", "))));
  }
}
