package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.IValue;
import org.jspecify.annotations.Nullable;

/**
 * An adapter's matrices, layer by layer. Immutable but for {@link #close()}; safe for use by
 * several threads.
 */
final class AdapterWeights implements AutoCloseable {
  /** Any operator that takes a list of tensors of which some may be missing. */
  private static final BoxedOperator INDEX =
      BoxedOperator.find("aten::index", "Tensor").orElseThrow();

  private final @Nullable EmbeddingChange embedding;
  private final List<List<@Nullable LinearChange>> layers;
  private final @Nullable HeadChange head;
  private final boolean plain;
  private final IValue script;
  private final @Nullable IValue scriptHalves;

  /**
   * All of an adapter.
   *
   * @param embedding what it makes of the embedding's rows
   * @param layers of each decoder layer what it makes of its groups of linear layers, null where
   *     one is not adapted
   * @param head what it makes of the output projection
   * @param noHalves an empty list for matrices in float16, if the model's script takes them
   */
  AdapterWeights(
      @Nullable EmbeddingChange embedding,
      List<List<@Nullable LinearChange>> layers,
      @Nullable HeadChange head,
      Optional<IValue> noHalves) {
    this.embedding = embedding;
    this.layers = List.copyOf(layers);
    this.head = head;
    this.plain =
        embedding == null
            && (head == null || head.isPlain())
            && layers().allMatch(change -> change == null || change.isPlain());
    this.script = Native.keep(noScript());
    scripted().forEach(change -> LinearChange.append(script, change, plain));
    this.scriptHalves = noHalves.map(Native::keep).orElse(null);
    if (scriptHalves != null && haveHalves()) {
      scripted().map(AdapterWeights::added).forEach(part -> appendHalves(scriptHalves, part));
    }
  }

  private boolean haveHalves() {
    return scripted()
        .map(AdapterWeights::added)
        .allMatch(part -> part == null || part.halves().isPresent());
  }

  private static @Nullable LowRank added(@Nullable LinearChange change) {
    return change == null ? null : change.added();
  }

  private static void appendHalves(IValue list, @Nullable LowRank part) {
    Optional<LowRank.Halves> halves = part == null ? Optional.empty() : part.halves();
    DecoderScript.append(list, halves.map(some -> some.down().value()).orElseGet(IValue::new));
    DecoderScript.append(list, halves.map(some -> some.up().value()).orElseGet(IValue::new));
  }

  private Stream<@Nullable LinearChange> layers() {
    return layers.stream().flatMap(List::stream);
  }

  /** In the order of a {@link DecoderScript}'s weights; what is not plain leaves the head out. */
  private Stream<@Nullable LinearChange> scripted() {
    return plain
        ? Stream.concat(layers(), Stream.of(head == null ? null : head.change()))
        : layers();
  }

  /** No adapter, for a {@link DecoderScript}. */
  static IValue noScript() {
    return INDEX.emptyList(1);
  }

  /** Whether it is nothing but products of low rank, added to linear layers. */
  boolean isPlain() {
    return plain;
  }

  /** What is in these layers for a {@link DecoderScript}; the list stays this adapter's. */
  IValue script() {
    return script;
  }

  /** Matrices in float16 for the same, none where there are no such copies. */
  @Nullable IValue scriptHalves() {
    return scriptHalves;
  }

  /** What is made of the embedding's rows, null where they are not adapted. */
  @Nullable EmbeddingChange embedding() {
    return embedding;
  }

  /**
   * What is made of a linear layer, null where it is not adapted.
   *
   * @param layer the decoder layer's number
   * @param group its place among those of the decoder layer that can be adapted
   */
  @Nullable LinearChange part(int layer, int group) {
    return layers.get(layer).get(group);
  }

  /** What is made of the output projection, null where it is not adapted. */
  @Nullable HeadChange head() {
    return head;
  }

  @Override
  public void close() {
    script.close();
    if (scriptHalves != null) {
      scriptHalves.close();
    }
    if (embedding != null) {
      embedding.close();
    }
    layers().filter(Objects::nonNull).forEach(LinearChange::close);
    if (head != null) {
      head.close();
    }
  }
}
