package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Makes a decoder from its description, piece by piece. What is made is closed again by its {@link
 * Weights} if making the rest fails. For one thread.
 */
final class DecoderLoader {
  private final DecoderSpec spec;
  private final Weights weights;
  private final LinearFactory inLayers;
  private final LinearFactory forHead;
  private final KernelFactory forAttention;
  private final Runnable afterLayer;

  private final List<RotarySpec> rotarySpecs = new ArrayList<>();
  private final List<Rotary> rotaries = new ArrayList<>();
  private final List<AttentionShape> shapes = new ArrayList<>();
  private final List<AttentionKernel> kernels = new ArrayList<>();

  /** Makes what attends in layers of a shape. */
  interface KernelFactory {
    AttentionKernel create(AttentionShape shape);
  }

  /**
   * A loader.
   *
   * @param inLayers what makes the linear layers
   * @param forHead what makes the head
   * @param forAttention what makes kernels
   * @param afterLayer what to do when a layer is loaded
   */
  DecoderLoader(
      DecoderSpec spec,
      Weights weights,
      LinearFactory inLayers,
      LinearFactory forHead,
      KernelFactory forAttention,
      Runnable afterLayer) {
    this.spec = spec;
    this.weights = weights;
    this.inLayers = inLayers;
    this.forHead = forHead;
    this.forAttention = forAttention;
    this.afterLayer = afterLayer;
  }

  Decoder load() {
    Embedding embedding = embedding(spec.embedding());
    Head head = head(spec.head(), embedding.rows());
    afterLayer.run(); // packing a head takes float32 copies of its parts
    List<DecoderLayer> layers = new ArrayList<>();
    for (LayerSpec layer : spec.layers()) {
      layers.add(layer(layer));
      afterLayer.run();
    }
    return new Decoder(
        spec, embedding, List.copyOf(rotaries), List.copyOf(kernels), List.copyOf(layers), head);
  }

  private Embedding embedding(EmbeddingSpec embedding) {
    Tensor rows = weights.tensor(embedding.tensor());
    return new Embedding(
        rows,
        weights.rounded(embedding.scale()),
        plain(embedding.projection()),
        embedding.positions().map(learned -> weights.tensor(learned.tensor())).orElse(null),
        embedding.positions().map(EmbeddingSpec.LearnedPositions::offset).orElse(0),
        norm(embedding.norm()));
  }

  private Head head(HeadSpec head, Tensor embedding) {
    Linear linear =
        head.tied()
            ? weights.tiedHead(forHead, embedding, head.linear())
            : weights.linear(forHead, List.of(head.linear()));
    return new Head(norm(head.norm()), plain(head.projection()), linear, head.scale());
  }

  private @Nullable Linear plain(Optional<LinearSpec> linear) {
    return linear.map(some -> weights.linear(weights.asStored(), List.of(some))).orElse(null);
  }

  private DecoderLayer layer(LayerSpec layer) {
    return new DecoderLayer(
        layer,
        attention(layer.attention()),
        feedForward(layer.feedForward()),
        norm(layer.beforeAttention()),
        norm(layer.afterAttention()),
        norm(layer.beforeFeedForward()),
        norm(layer.afterFeedForward()));
  }

  private Attention attention(AttentionSpec attention) {
    return new Attention(
        attention,
        weights.linear(inLayers, attention.inputs()),
        innerNorm(attention.queryNorm()),
        innerNorm(attention.keyNorm()),
        attention.rotary().map(this::rotary).orElse(-1),
        kernel(AttentionShape.of(attention)),
        attention.sinks().map(name -> weights.tensor(name, ScalarType.Float)).orElse(null),
        weights.linear(inLayers, List.of(attention.output())));
  }

  private int rotary(RotarySpec rotary) {
    if (!rotarySpecs.contains(rotary)) {
      rotaries.add(weights.rotary(rotary));
      rotarySpecs.add(rotary);
    }
    return rotarySpecs.indexOf(rotary);
  }

  private int kernel(AttentionShape shape) {
    if (!shapes.contains(shape)) {
      kernels.add(weights.owned(() -> forAttention.create(shape)));
      shapes.add(shape);
    }
    return shapes.indexOf(shape);
  }

  private FeedForward feedForward(FeedForwardSpec feedForward) {
    return feedForward instanceof ExpertsSpec experts
        ? experts(experts)
        : mlp((MlpSpec) feedForward);
  }

  private Mlp mlp(MlpSpec mlp) {
    return new Mlp(
        mlp.activation(),
        mlp.gate().isPresent(),
        weights.linear(inLayers, mlp.inputs()),
        weights.linear(inLayers, List.of(mlp.down())),
        Attention.LINEARS);
  }

  private Experts experts(ExpertsSpec experts) {
    List<Mlp> each = new ArrayList<>();
    for (MlpSpec expert : experts.experts()) {
      each.add(
          Mlp.unadaptable(
              expert.activation(),
              expert.gate().isPresent(),
              weights.linear(inLayers, expert.inputs()),
              weights.linear(inLayers, List.of(expert.down()))));
    }
    return new Experts(
        experts,
        plain(Optional.of(experts.router())),
        experts
            .scoring()
            .correction()
            .map(name -> weights.tensor(name, ScalarType.Float))
            .orElse(null),
        List.copyOf(each),
        experts.shared().map(this::mlp).orElse(null),
        plain(experts.sharedGate()));
  }

  private @Nullable Norm norm(Optional<NormSpec> norm) {
    return norm.map(some -> weights.norm(some, some.kind() == NormSpec.Kind.RMS_PLUS_ONE))
        .orElse(null);
  }

  /** Of queries or keys, which programs have in float32. */
  private @Nullable Norm innerNorm(Optional<NormSpec> norm) {
    return norm.map(some -> weights.norm(some, true)).orElse(null);
  }
}
