package io.proxytune.core.decoder;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A transformer layer: immutable. Two steps, {@code x + s · after(attention(before(x)))} and the
 * same with the feed-forward part; or both parts of one {@code x} beside each other.
 *
 * @param attention the attention
 * @param feedForward what follows it or stands beside it
 * @param beforeAttention the norm of what attention reads
 * @param afterAttention the norm of what it gives
 * @param beforeFeedForward the norm of what the feed-forward part reads; where the parts stand
 *     beside each other and this has none, it reads what attention reads
 * @param afterFeedForward the norm of what it gives
 * @param parallel whether the parts stand beside each other (GPT-J)
 * @param normalizesSum whether the norms behind the parts are of the sum with {@code x} (OPT-350m)
 * @param residualScale the factor {@code s} of what is added to {@code x}
 */
public record LayerSpec(
    AttentionSpec attention,
    FeedForwardSpec feedForward,
    Optional<NormSpec> beforeAttention,
    Optional<NormSpec> afterAttention,
    Optional<NormSpec> beforeFeedForward,
    Optional<NormSpec> afterFeedForward,
    boolean parallel,
    boolean normalizesSum,
    double residualScale) {
  public LayerSpec {
    requireNonNull(attention, "attention");
    requireNonNull(feedForward, "feedForward");
    requireNonNull(beforeAttention, "beforeAttention");
    requireNonNull(afterAttention, "afterAttention");
    requireNonNull(beforeFeedForward, "beforeFeedForward");
    requireNonNull(afterFeedForward, "afterFeedForward");
  }

  /**
   * The common layer, with a norm before each part.
   *
   * @param attention the attention
   * @param feedForward what follows it
   * @param beforeAttention the norm of what attention reads
   * @param beforeFeedForward the norm of what the feed-forward part reads
   * @return the layer
   */
  public static LayerSpec preNorm(
      AttentionSpec attention,
      FeedForwardSpec feedForward,
      NormSpec beforeAttention,
      NormSpec beforeFeedForward) {
    return new LayerSpec(
        attention,
        feedForward,
        Optional.of(beforeAttention),
        Optional.empty(),
        Optional.of(beforeFeedForward),
        Optional.empty(),
        false,
        false,
        1);
  }

  /**
   * A layer with norms before and after each part (Gemma 2).
   *
   * @param attention the attention
   * @param feedForward what follows it
   * @param beforeAttention the norm of what attention reads, where it has one
   * @param afterAttention the norm of what it gives
   * @param beforeFeedForward the norm of what the feed-forward part reads, where it has one
   * @param afterFeedForward the norm of what it gives
   * @return the layer
   */
  public static LayerSpec sandwich(
      AttentionSpec attention,
      FeedForwardSpec feedForward,
      Optional<NormSpec> beforeAttention,
      NormSpec afterAttention,
      Optional<NormSpec> beforeFeedForward,
      NormSpec afterFeedForward) {
    return new LayerSpec(
        attention,
        feedForward,
        beforeAttention,
        Optional.of(afterAttention),
        beforeFeedForward,
        Optional.of(afterFeedForward),
        false,
        false,
        1);
  }

  /**
   * A layer whose parts stand beside each other.
   *
   * @param attention the attention
   * @param feedForward what stands beside it
   * @param beforeAttention the norm of what attention reads
   * @param beforeFeedForward the norm of what the feed-forward part reads; none: the same
   * @return the layer
   */
  public static LayerSpec parallel(
      AttentionSpec attention,
      FeedForwardSpec feedForward,
      NormSpec beforeAttention,
      Optional<NormSpec> beforeFeedForward) {
    return new LayerSpec(
        attention,
        feedForward,
        Optional.of(beforeAttention),
        Optional.empty(),
        beforeFeedForward,
        Optional.empty(),
        true,
        false,
        1);
  }

  /**
   * The same with another attention.
   *
   * @param other the attention
   * @return the layer
   */
  public LayerSpec withAttention(AttentionSpec other) {
    return new LayerSpec(
        other,
        feedForward,
        beforeAttention,
        afterAttention,
        beforeFeedForward,
        afterFeedForward,
        parallel,
        normalizesSum,
        residualScale);
  }

  /**
   * The same parts, the norms before them in place behind them, of the sum with the residual
   * stream.
   *
   * @return the layer
   */
  public LayerSpec normalizingSums() {
    return new LayerSpec(
        attention,
        feedForward,
        Optional.empty(),
        beforeAttention,
        Optional.empty(),
        beforeFeedForward,
        parallel,
        true,
        residualScale);
  }

  /**
   * The same with a factor of what is added to the residual stream.
   *
   * @param factor the factor
   * @return the layer
   */
  public LayerSpec withResidualScale(double factor) {
    return new LayerSpec(
        attention,
        feedForward,
        beforeAttention,
        afterAttention,
        beforeFeedForward,
        afterFeedForward,
        parallel,
        normalizesSum,
        factor);
  }

  /**
   * Its linear layers.
   *
   * @return every one, each once
   */
  public Stream<LinearSpec> linears() {
    return Stream.concat(attention.groups().stream().flatMap(List::stream), feedForward.linears());
  }

  /**
   * The linear layers that an adapter can add to, those that read the same input together, in the
   * order in which a pass uses them. Experts and their router are not among them.
   *
   * @return each with the layers whose outputs stand side by side
   */
  public List<List<LinearSpec>> groups() {
    List<List<LinearSpec>> groups = new ArrayList<>(attention.groups());
    mlp()
        .ifPresent(
            mlp -> {
              groups.add(mlp.inputs());
              groups.add(List.of(mlp.down()));
            });
    return List.copyOf(groups);
  }

  /** The MLP that every token goes through. */
  private Optional<MlpSpec> mlp() {
    return feedForward instanceof ExpertsSpec experts
        ? experts.shared()
        : Optional.of((MlpSpec) feedForward);
  }

  /**
   * Its norms.
   *
   * @return every one, those within attention included
   */
  public Stream<NormSpec> norms() {
    return Stream.of(
            beforeAttention.stream(),
            attention.norms(),
            afterAttention.stream(),
            beforeFeedForward.stream(),
            afterFeedForward.stream())
        .flatMap(each -> each);
  }
}
