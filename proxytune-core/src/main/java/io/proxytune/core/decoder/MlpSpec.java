package io.proxytune.core.decoder;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code down(activation(up(x)))}, or with a gate {@code down(activation(gate(x)) · up(x))} (arXiv
 * 2002.05202): immutable.
 *
 * @param activation what stands between
 * @param gate {@code [inner, width]}, where it has one
 * @param up {@code [inner, width]}
 * @param down {@code [width, inner]}
 */
public record MlpSpec(
    Activation activation, Optional<LinearSpec> gate, LinearSpec up, LinearSpec down)
    implements FeedForwardSpec {
  public MlpSpec {
    requireNonNull(activation, "activation");
    requireNonNull(gate, "gate");
    requireNonNull(up, "up");
    requireNonNull(down, "down");
  }

  /**
   * The layers that read the input, in the order in which their outputs stand side by side.
   *
   * @return the gate, if there is one, and up
   */
  public List<LinearSpec> inputs() {
    return Stream.concat(gate.stream(), Stream.of(up)).toList();
  }

  @Override
  public Stream<LinearSpec> linears() {
    return Stream.concat(inputs().stream(), Stream.of(down));
  }
}
