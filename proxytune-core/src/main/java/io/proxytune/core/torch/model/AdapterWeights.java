package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.IValue;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA adapter's matrices, layer by layer. Immutable but for {@link #close()}; safe for use by
 * several threads.
 */
final class AdapterWeights implements AutoCloseable {
  /** Any operator that takes a list of tensors of which some may be missing. */
  private static final BoxedOperator INDEX =
      BoxedOperator.find("aten::index", "Tensor").orElseThrow();

  private final List<List<@Nullable LowRank>> layers;
  private final @Nullable LowRank head;
  private final IValue script;
  private final @Nullable IValue scriptHalves;

  /**
   * All of an adapter.
   *
   * @param layers of each decoder layer the matrices of its groups of linear layers, null where one
   *     is not adapted
   * @param head the output projection's
   * @param noHalves an empty list for their copies in float16, if the model's script takes them
   */
  AdapterWeights(
      List<List<@Nullable LowRank>> layers, @Nullable LowRank head, Optional<IValue> noHalves) {
    this.layers = List.copyOf(layers);
    this.head = head;
    this.script = Native.keep(noScript());
    all().forEach(this::appendToScript);
    this.scriptHalves = noHalves.map(Native::keep).orElse(null);
    if (scriptHalves != null && haveHalves()) {
      all().forEach(part -> appendHalves(scriptHalves, part));
    }
  }

  private boolean haveHalves() {
    return all().filter(Objects::nonNull).allMatch(part -> part.halves().isPresent());
  }

  private static void appendHalves(IValue list, @Nullable LowRank part) {
    Optional<LowRank.Halves> halves = part == null ? Optional.empty() : part.halves();
    DecoderScript.append(list, halves.map(LowRank.Halves::down).orElseGet(IValue::new));
    DecoderScript.append(list, halves.map(LowRank.Halves::up).orElseGet(IValue::new));
  }

  /** Every linear layer's, in the order of a {@link DecoderScript}'s weights. */
  private Stream<@Nullable LowRank> all() {
    return Stream.concat(layers.stream().flatMap(List::stream), Stream.of(head));
  }

  private void appendToScript(@Nullable LowRank part) {
    if (part == null) {
      DecoderScript.append(script, new IValue());
      DecoderScript.append(script, new IValue());
    } else {
      DecoderScript.append(script, new IValue(part.down()));
      DecoderScript.append(script, new IValue(part.up()));
    }
  }

  /** No adapter, for a {@link DecoderScript}. */
  static IValue noScript() {
    return INDEX.emptyList(1);
  }

  /** These matrices for a {@link DecoderScript}; the list stays this adapter's. */
  IValue script() {
    return script;
  }

  /** Their copies in float16 for the same, none where there are no such copies. */
  @Nullable IValue scriptHalves() {
    return scriptHalves;
  }

  /**
   * What is added to a linear layer, null where it is not adapted.
   *
   * @param layer the decoder layer's number
   * @param group its place among those of the decoder layer that can be adapted
   */
  @Nullable LowRank part(int layer, int group) {
    return layers.get(layer).get(group);
  }

  /** The output projection's, null where it is not adapted. */
  @Nullable LowRank head() {
    return head;
  }

  @Override
  public void close() {
    script.close();
    if (scriptHalves != null) {
      scriptHalves.close();
    }
    all().filter(Objects::nonNull).forEach(LowRank::close);
  }
}
