package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LatentSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Puts a decoder together from its description. For one thread. */
final class DecoderAssembly {
  private final DecoderSpec spec;
  private final Placement placement;
  private final List<? extends Pieces> parts;

  private final List<Made<RotarySpec>> rotarySpecs = new ArrayList<>();
  private final List<Rotary> rotaries = new ArrayList<>();
  private final List<Made<AttentionShape>> shapes = new ArrayList<>();
  private final List<AttentionKernel> kernels = new ArrayList<>();

  private Pieces pieces; // of the part that is being made

  /** What layers of a part share. */
  private record Made<T>(Pieces by, T spec) {}

  /** On the CPU. */
  DecoderAssembly(DecoderSpec spec, Pieces pieces) {
    this(spec, Placement.of(TorchDevice.CPU, spec.layers().size()), List.of(pieces));
  }

  /**
   * On several devices.
   *
   * @param placement where the layers are
   * @param parts what makes the pieces of each of its parts
   */
  DecoderAssembly(DecoderSpec spec, Placement placement, List<? extends Pieces> parts) {
    this.spec = spec;
    this.placement = placement;
    this.parts = List.copyOf(parts);
    this.pieces = parts.get(0);
  }

  Decoder decoder() {
    Embedding embedding = embedding(spec.embedding());
    pieces = parts.get(parts.size() - 1);
    Head head = head(spec.head(), embedding.rows());
    pieces.layerDone(); // packing a head takes float32 copies of its parts
    List<DecoderLayer> layers = layers();
    return new Decoder(
        spec,
        placement.layers(),
        embedding,
        List.copyOf(rotaries),
        List.copyOf(kernels),
        layers,
        head);
  }

  private List<DecoderLayer> layers() {
    List<DecoderLayer> layers = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      pieces = parts.get(part);
      for (int i = 0; i < placement.parts().get(part).layers(); i++) {
        layers.add(layer(spec.layers().get(layers.size())));
        pieces.layerDone();
      }
    }
    return List.copyOf(layers);
  }

  private Embedding embedding(EmbeddingSpec embedding) {
    Tensor rows = pieces.tensor(embedding.tensor());
    return new Embedding(
        rows,
        pieces.rounded(embedding.scale()),
        plain(embedding.projection()),
        embedding.positions().map(learned -> pieces.tensor(learned.tensor())).orElse(null),
        embedding.positions().map(EmbeddingSpec.LearnedPositions::offset).orElse(0),
        norm(embedding.norm()));
  }

  private Head head(HeadSpec head, Tensor embedding) {
    Linear linear = pieces.head(head, embedding);
    return new Head(norm(head.norm()), plain(head.projection()), linear, head.scale());
  }

  private @Nullable Linear plain(Optional<LinearSpec> linear) {
    return linear.map(pieces::plain).orElse(null);
  }

  private DecoderLayer layer(LayerSpec layer) {
    Attention attention = attention(layer.attention());
    int behind = attention.outputGroup() + 1;
    return new DecoderLayer(
        layer,
        attention,
        feedForward(layer.feedForward(), behind),
        norm(layer.beforeAttention()),
        norm(layer.afterAttention()),
        norm(layer.beforeFeedForward()),
        norm(layer.afterFeedForward()));
  }

  private Attention attention(AttentionSpec attention) {
    return new Attention(
        attention,
        projections(attention),
        kernel(AttentionShape.of(attention)),
        attention.sinks().map(pieces::wideTensor).orElse(null),
        pieces.linear(List.of(attention.output())));
  }

  private HeadProjections projections(AttentionSpec attention) {
    return attention
        .latent()
        .<HeadProjections>map(latent -> latent(attention, latent))
        .orElseGet(
            () ->
                new DirectProjections(
                    attention,
                    pieces.linear(attention.groups().get(0)),
                    innerNorm(attention.queryNorm()),
                    innerNorm(attention.keyNorm()),
                    attention.rotary().map(this::rotary).orElse(-1)));
  }

  private LatentProjections latent(AttentionSpec attention, LatentSpec latent) {
    List<List<LinearSpec>> groups = attention.groups();
    return new LatentProjections(
        attention,
        pieces.linear(groups.get(0)),
        norm(latent.queryNorm()),
        latent.queryDown().isPresent() ? pieces.linear(List.of(attention.query())) : null,
        pieces.norm(latent.keyValueNorm(), false),
        pieces.linear(List.of(attention.key(), attention.value())),
        rotary(attention.rotary().orElseThrow()));
  }

  private int rotary(RotarySpec rotary) {
    Made<RotarySpec> made = new Made<>(pieces, rotary);
    if (!rotarySpecs.contains(made)) {
      rotaries.add(pieces.rotary(rotary));
      rotarySpecs.add(made);
    }
    return rotarySpecs.indexOf(made);
  }

  private int kernel(AttentionShape shape) {
    Made<AttentionShape> made = new Made<>(pieces, shape);
    if (!shapes.contains(made)) {
      kernels.add(pieces.kernel(shape));
      shapes.add(made);
    }
    return shapes.indexOf(made);
  }

  /** Behind so many linear layers that an adapter can add to. */
  private FeedForward feedForward(FeedForwardSpec feedForward, int behind) {
    return feedForward instanceof ExpertsSpec experts
        ? experts(experts, behind)
        : mlp((MlpSpec) feedForward, behind);
  }

  private Mlp mlp(MlpSpec mlp, int behind) {
    return new Mlp(
        mlp.activation(),
        mlp.gate().isPresent(),
        pieces.linear(mlp.inputs()),
        pieces.linear(List.of(mlp.down())),
        behind);
  }

  private Experts experts(ExpertsSpec experts, int behind) {
    List<Mlp> each = new ArrayList<>();
    for (MlpSpec expert : experts.experts()) {
      each.add(
          Mlp.unadaptable(
              expert.activation(),
              expert.gate().isPresent(),
              pieces.linear(expert.inputs()),
              pieces.linear(List.of(expert.down()))));
    }
    return new Experts(
        experts,
        pieces.plain(experts.router()),
        experts
            .scoring()
            .correction()
            .map(correction -> pieces.wideTensor(correction.tensor()))
            .orElse(null),
        List.copyOf(each),
        experts.shared().map(shared -> mlp(shared, behind)).orElse(null),
        plain(experts.sharedGate()));
  }

  private @Nullable Norm norm(Optional<NormSpec> norm) {
    return norm.map(some -> pieces.norm(some, some.kind() == NormSpec.Kind.RMS_PLUS_ONE))
        .orElse(null);
  }

  /** Of queries or keys, which programs have in float32. */
  private @Nullable Norm innerNorm(Optional<NormSpec> norm) {
    return norm.map(some -> pieces.norm(some, true)).orElse(null);
  }
}
