package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Attention with grouped queries (arXiv 2305.13245): immutable. Queries and keys are normalised,
 * then bounded, then rotated, or rotated before; the score of a query and a key is {@code scale · q
 * · k}, capped, with the bias of their distance added.
 *
 * <p>Latent attention has {@code headDim} for queries and keys, of which the projections {@code
 * key} and {@code value} give all but what {@link LatentSpec} says of them.
 *
 * @param heads the number of query heads
 * @param kvHeads the number of key and value heads, a divisor of {@code heads}
 * @param headDim the width of a head
 * @param query {@code [heads · headDim, width]}
 * @param key {@code [kvHeads · headDim, width]}
 * @param value {@code [kvHeads · headDim, width]}
 * @param output {@code [width, heads · headDim]}
 * @param clip the bound of queries, keys and values (OLMo), where they have one
 * @param queryNorm of each head where its size is {@code headDim}, else of all heads together
 * @param keyNorm likewise
 * @param rotary the position embeddings, where it has them
 * @param rotatesFirst whether queries and keys are rotated before they are normalised (Hunyuan)
 * @param linearBias whether scores fall with the distance (ALiBi, arXiv 2108.12409)
 * @param scale the factor of scores, commonly {@code 1 / √headDim}
 * @param scoreCap the bound of scores, {@code cap · tanh(score / cap)} (Gemma 2)
 * @param window how many tokens a token sees, itself included; none: all before it
 * @param sinks the tensor {@code [heads]} of scores that take part in each softmax and have no
 *     value (gpt-oss)
 * @param latent what queries, keys and values are made of, where that is not the input (DeepSeek)
 * @param causal whether a token sees no token behind it; else all of a text see each other, which
 *     is read in one pass
 */
public record AttentionSpec(
    int heads,
    int kvHeads,
    int headDim,
    LinearSpec query,
    LinearSpec key,
    LinearSpec value,
    LinearSpec output,
    OptionalDouble clip,
    Optional<NormSpec> queryNorm,
    Optional<NormSpec> keyNorm,
    Optional<RotarySpec> rotary,
    boolean rotatesFirst,
    boolean linearBias,
    double scale,
    OptionalDouble scoreCap,
    OptionalInt window,
    Optional<String> sinks,
    Optional<LatentSpec> latent,
    boolean causal) {
  public AttentionSpec {
    checkArgument(
        kvHeads >= 1 && heads % kvHeads == 0, "kvHeads %s must divide heads %s", kvHeads, heads);
    checkArgument(headDim >= 1, "headDim must be >= 1, got %s", headDim);
    requireNonNull(query, "query");
    requireNonNull(key, "key");
    requireNonNull(value, "value");
    requireNonNull(output, "output");
    checkArgument(
        !rotatesFirst || queryNorm.map(norm -> norm.size() == headDim).orElse(true),
        "norms behind the rotation are of each head, of %s",
        headDim);
    checkArgument(
        causal || (window.isEmpty() && !linearBias),
        "attention to tokens on both sides has neither a window nor scores that fall with the"
            + " distance");
    latent.ifPresent(
        some ->
            checkArgument(
                heads == kvHeads
                    && some.rotated() < headDim
                    && some.valueDim() <= headDim
                    && rotary.filter(own -> own.dims() == some.rotated()).isPresent()
                    && queryNorm.isEmpty()
                    && keyNorm.isEmpty()
                    && clip.isEmpty(),
                "latent attention needs a key for each query, of %s and more, and a rotation of"
                    + " these alone",
                some.rotated()));
  }

  /**
   * Attention that has nothing but what all have.
   *
   * @param heads the number of query heads
   * @param kvHeads the number of key and value heads
   * @param headDim the width of a head
   * @param query the query projection
   * @param key the key projection
   * @param value the value projection
   * @param output the output projection
   * @param rotary the position embeddings, where it has them
   * @return the attention, with the common scale
   */
  public static AttentionSpec of(
      int heads,
      int kvHeads,
      int headDim,
      LinearSpec query,
      LinearSpec key,
      LinearSpec value,
      LinearSpec output,
      Optional<RotarySpec> rotary) {
    return new AttentionSpec(
        heads,
        kvHeads,
        headDim,
        query,
        key,
        value,
        output,
        OptionalDouble.empty(),
        Optional.empty(),
        Optional.empty(),
        rotary,
        false,
        false,
        1 / Math.sqrt(headDim),
        OptionalDouble.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        true);
  }

  /**
   * Whether queries and keys are normalised over all heads together (OLMo 2), and not each head by
   * itself.
   *
   * @return whether the size of the queries' norm is not that of a head
   */
  public boolean normalizesWhole() {
    return queryNorm.isPresent() && queryNorm.get().size() != headDim;
  }

  /**
   * The linear layers, those that read the same together, in the order in which their outputs stand
   * side by side and in which a pass uses them.
   *
   * @return query, key and value, or those of latent attention in their steps; then the output
   */
  public List<List<LinearSpec>> groups() {
    List<List<LinearSpec>> groups =
        new ArrayList<>(
            latent
                .map(some -> some.groups(query, key, value))
                .orElseGet(() -> List.of(List.of(query, key, value))));
    groups.add(List.of(output));
    return List.copyOf(groups);
  }

  /**
   * The norms within.
   *
   * @return every one
   */
  public Stream<NormSpec> norms() {
    return Stream.concat(
        Stream.concat(queryNorm.stream(), keyNorm.stream()),
        latent.stream().flatMap(LatentSpec::norms));
  }

  /**
   * The width of a value, and of what attention gives for a head.
   *
   * @return that of a head unless it is latent attention
   */
  public int valueDim() {
    return latent.map(LatentSpec::valueDim).orElse(headDim);
  }

  /**
   * The same with normalised queries and keys.
   *
   * @param ofQueries the norm of queries
   * @param ofKeys the norm of keys
   * @return the attention
   */
  public AttentionSpec withNorms(NormSpec ofQueries, NormSpec ofKeys) {
    return changed(
        parts -> {
          parts.queryNorm = Optional.of(ofQueries);
          parts.keyNorm = Optional.of(ofKeys);
        });
  }

  /**
   * The same with other position embeddings.
   *
   * @param other the position embeddings, or none
   * @return the attention
   */
  public AttentionSpec withRotary(Optional<RotarySpec> other) {
    return changed(parts -> parts.rotary = other);
  }

  /**
   * The same with queries and keys that are rotated before they are normalised.
   *
   * @return the attention
   */
  public AttentionSpec rotatingFirst() {
    return changed(parts -> parts.rotatesFirst = true);
  }

  /**
   * The same with another scale.
   *
   * @param factor the factor of scores
   * @return the attention
   */
  public AttentionSpec withScale(double factor) {
    return changed(parts -> parts.scale = factor);
  }

  /**
   * The same with capped scores.
   *
   * @param cap the bound of scores, or none
   * @return the attention
   */
  public AttentionSpec withScoreCap(OptionalDouble cap) {
    return changed(parts -> parts.scoreCap = cap);
  }

  /**
   * The same over the last tokens alone.
   *
   * @param tokens how many a token sees, itself included; none: all before it
   * @return the attention
   */
  public AttentionSpec withWindow(OptionalInt tokens) {
    return changed(parts -> parts.window = tokens);
  }

  /**
   * The same with scores that fall with the distance.
   *
   * @return the attention
   */
  public AttentionSpec withLinearBias() {
    return changed(parts -> parts.linearBias = true);
  }

  /**
   * The same with bounded queries, keys and values.
   *
   * @param bound the bound, or none
   * @return the attention
   */
  public AttentionSpec withClip(OptionalDouble bound) {
    return changed(parts -> parts.clip = bound);
  }

  /**
   * The same with scores that have no value.
   *
   * @param tensor the tensor {@code [heads]}
   * @return the attention
   */
  public AttentionSpec withSinks(String tensor) {
    return changed(parts -> parts.sinks = Optional.of(tensor));
  }

  /**
   * The same with queries, keys and values that are not made of the input.
   *
   * @param between what they are made of
   * @return the attention
   */
  public AttentionSpec withLatent(LatentSpec between) {
    return changed(parts -> parts.latent = Optional.of(between));
  }

  /**
   * The same where all tokens of a text see each other.
   *
   * @return the attention
   */
  public AttentionSpec bidirectional() {
    return changed(parts -> parts.causal = false);
  }

  private AttentionSpec changed(Consumer<Parts> change) {
    Parts parts = new Parts(this);
    change.accept(parts);
    return parts.in(this);
  }

  /** What a copy may have changed. */
  private static final class Parts {
    OptionalDouble clip;
    Optional<NormSpec> queryNorm;
    Optional<NormSpec> keyNorm;
    Optional<RotarySpec> rotary;
    boolean rotatesFirst;
    boolean linearBias;
    double scale;
    OptionalDouble scoreCap;
    OptionalInt window;
    Optional<String> sinks;
    Optional<LatentSpec> latent;
    boolean causal;

    Parts(AttentionSpec spec) {
      clip = spec.clip;
      queryNorm = spec.queryNorm;
      keyNorm = spec.keyNorm;
      rotary = spec.rotary;
      rotatesFirst = spec.rotatesFirst;
      linearBias = spec.linearBias;
      scale = spec.scale;
      scoreCap = spec.scoreCap;
      window = spec.window;
      sinks = spec.sinks;
      latent = spec.latent;
      causal = spec.causal;
    }

    AttentionSpec in(AttentionSpec spec) {
      return new AttentionSpec(
          spec.heads,
          spec.kvHeads,
          spec.headDim,
          spec.query,
          spec.key,
          spec.value,
          spec.output,
          clip,
          queryNorm,
          keyNorm,
          rotary,
          rotatesFirst,
          linearBias,
          scale,
          scoreCap,
          window,
          sinks,
          latent,
          causal);
    }
  }
}
