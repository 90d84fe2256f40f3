package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static io.proxytune.internal.Checks.checkState;
import static java.util.Objects.requireNonNull;

import io.proxytune.spi.ProxyTunerProvider;
import io.proxytune.spi.TunerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a {@link ProxyTuner}.
 *
 * <p>One expert pair reads as a sentence: {@code expert(x).antiExpert(y).alpha(a)}, in any order.
 * Several are given whole: {@code pair(x, y, a).pair(v, w, b)}. A tuner takes one or the other.
 *
 * <p><b>Threads:</b> for one thread.
 */
public final class ProxyTunerBuilder {
  private final TunerSpec.Builder spec = TunerSpec.builder();
  private GenerationOptions defaults = GenerationOptions.defaults();
  private @Nullable Sampler sampler;
  private final List<ExpertPair> wholePairs = new ArrayList<>();
  private @Nullable LogitSource expert;
  private @Nullable LogitSource antiExpert;
  private @Nullable Double alpha;
  private @Nullable Fusion fusion;
  private @Nullable SteeringProfile profile;

  ProxyTunerBuilder() {}

  /**
   * The model to steer; required.
   *
   * @param base the model
   * @return this builder
   */
  public ProxyTunerBuilder base(LogitSource base) {
    spec.base(base);
    return this;
  }

  /**
   * The tuned model of the only pair.
   *
   * @param expert the model
   * @return this builder
   * @throws IllegalStateException if there is an expert already
   */
  public ProxyTunerBuilder expert(LogitSource expert) {
    requireNonNull(expert, "expert");
    checkFirst(this.expert, "expert");
    this.expert = expert;
    return this;
  }

  /**
   * The untuned model of the only pair.
   *
   * @param antiExpert the model
   * @return this builder
   * @throws IllegalStateException if there is an anti-expert already
   */
  public ProxyTunerBuilder antiExpert(LogitSource antiExpert) {
    requireNonNull(antiExpert, "antiExpert");
    checkFirst(this.antiExpert, "antiExpert");
    this.antiExpert = antiExpert;
    return this;
  }

  /**
   * The strength α of the only pair; 1 by default, as in the paper.
   *
   * @param alpha any finite number; negative steers away
   * @return this builder
   * @throws IllegalArgumentException if alpha is infinite or NaN
   * @throws IllegalStateException if there is a strength already
   */
  public ProxyTunerBuilder alpha(double alpha) {
    checkArgument(Double.isFinite(alpha), "alpha must be a finite number, got %s", alpha);
    checkFirst(this.alpha, "alpha");
    this.alpha = alpha;
    return this;
  }

  private void checkFirst(@Nullable Object before, String method) {
    checkState(
        before == null && wholePairs.isEmpty(),
        "%s(...) belongs to the only pair, and there is %s already: give each of several pairs"
            + " whole, with pair(expert, antiExpert, alpha)",
        method,
        wholePairs.isEmpty() ? "one" : "a whole pair");
  }

  /**
   * One of several pairs, with the paper's strength, α = 1.
   *
   * @param expert the tuned model
   * @param antiExpert the untuned one
   * @return this builder
   * @throws IllegalStateException if a part of an only pair was given before
   */
  public ProxyTunerBuilder pair(LogitSource expert, LogitSource antiExpert) {
    return pair(ExpertPair.of(expert, antiExpert));
  }

  /**
   * One of several pairs.
   *
   * @param expert the tuned model
   * @param antiExpert the untuned one
   * @param alpha the strength α, any finite number; negative steers away
   * @return this builder
   * @throws IllegalArgumentException if alpha is infinite or NaN
   * @throws IllegalStateException if a part of an only pair was given before
   */
  public ProxyTunerBuilder pair(LogitSource expert, LogitSource antiExpert, double alpha) {
    return pair(new ExpertPair(expert, antiExpert, alpha));
  }

  /**
   * One of several pairs.
   *
   * @param pair the pair
   * @return this builder
   * @throws IllegalStateException if a part of an only pair was given before
   */
  public ProxyTunerBuilder pair(ExpertPair pair) {
    checkState(
        !isSinglePair(),
        "expert(...), antiExpert(...) and alpha(...) belong to the only pair: give each of several"
            + " pairs whole, with pair(expert, antiExpert, alpha)");
    wholePairs.add(requireNonNull(pair, "pair"));
    return this;
  }

  /**
   * How the models' rows are fused; {@link Fusion#proxyTuning()} if not set. Its terms come after
   * the pairs that this builder is given.
   *
   * @param fusion the fusion
   * @return this builder
   */
  public ProxyTunerBuilder fusion(Fusion fusion) {
    this.fusion = requireNonNull(fusion, "fusion");
    spec.fusion(fusion);
    return this;
  }

  /**
   * Strengths that were chosen beforehand, in place of those of the pairs, and how the pairs are
   * fused. It takes the place of {@link #alpha} and {@link #fusion}.
   *
   * @param profile strengths for as many pairs as this builder is given, in their order
   * @return this builder
   */
  public ProxyTunerBuilder profile(SteeringProfile profile) {
    this.profile = requireNonNull(profile, "profile");
    return this;
  }

  /**
   * How tokens are picked by default; greedy if not set. It wins over the sampler of {@link
   * #defaults}.
   *
   * @param sampler the sampler
   * @return this builder
   */
  public ProxyTunerBuilder sampler(Sampler sampler) {
    this.sampler = requireNonNull(sampler, "sampler");
    return this;
  }

  /**
   * The options of a request that gives none.
   *
   * @param defaults the options
   * @return this builder
   */
  public ProxyTunerBuilder defaults(GenerationOptions defaults) {
    this.defaults = requireNonNull(defaults, "defaults");
    return this;
  }

  /**
   * A tokenizer in place of the base's own; needed where the base has none.
   *
   * @param tokenizer the tokenizer
   * @return this builder
   */
  public ProxyTunerBuilder tokenizer(Tokenizer tokenizer) {
    spec.tokenizer(tokenizer);
    return this;
  }

  /**
   * How many prompt tokens of a sequence a forward pass reads at most; 512 by default. Prompts that
   * are decoded together share this number. Cancelling is possible between passes.
   *
   * @param tokens at least 1
   * @return this builder
   */
  public ProxyTunerBuilder prefillChunk(int tokens) {
    spec.prefillChunk(tokens);
    return this;
  }

  /**
   * How many asynchronous requests decode at once, each on a thread of the tuner's own. By default
   * as many as are {@linkplain Batching#maxSequences decoded together}, or 1 where a model is an
   * application's own and each request runs alone. They have nothing to do with the {@linkplain
   * #threads threads of an operation}.
   *
   * @param count at least 1
   * @return this builder
   */
  public ProxyTunerBuilder asyncRequests(int count) {
    spec.asyncRequests(count);
    return this;
  }

  /**
   * How many requests are decoded together, and what becomes of more; {@link Batching#defaults()}
   * if not set.
   *
   * @param batching the settings
   * @return this builder
   */
  public ProxyTunerBuilder batching(Batching batching) {
    spec.batching(batching);
    return this;
  }

  /**
   * How many CPU threads an operation of this tuner's requests uses at most, whatever thread asks
   * for them. Other tuners, and what the calling thread computes besides, keep their own number. If
   * not set, the number is the process's: the physical cores that it may use, or what the system
   * property {@code proxytune.threads} says.
   *
   * @param threads from 1 to the processors that this process may use: more only wait for each
   *     other
   * @return this builder
   */
  public ProxyTunerBuilder threads(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    checkArgument(
        threads >= 1 && threads <= processors,
        "threads must be in [1, %s], the processors that this process may use, got %s",
        processors,
        threads);
    spec.threads(threads);
    return this;
  }

  /**
   * Keeps what the models have read of prompts, up to so many bytes; 512 MiB if not set. A prompt
   * that begins with the same tokens, such as a system prompt, examples, or the earlier turns of a
   * chat, is read from where it differs. Of prompts that arrive together one reads what they have
   * in common. Each role finds its own tokens. What was used least recently goes first, all goes
   * where memory is short, and the rest when the tuner is closed. {@link ProxyTuner#prefixCache()}
   * tells what came of it.
   *
   * <p>Results stay the same: a prompt begins behind blocks of 128 tokens, and so that what is left
   * of it is computed as it would be: to the bit where the processor has AVX-512 (4-bit weights
   * aside, whose log-probabilities were seen to differ by up to 0.04), to within rounding
   * elsewhere. Where a {@linkplain #prefillChunk chunk} is no multiple of 128, prompts of several
   * chunks are read whole, and so are prompts whose logits depend on how they are cut into passes.
   * Prompts that were read beside others, in smaller chunks, may have been rounded otherwise, as
   * those are themselves.
   *
   * @param bytes the most memory that is kept, in bytes; 0 to keep nothing
   * @return this builder
   */
  public ProxyTunerBuilder prefixCache(long bytes) {
    spec.prefixCacheBytes(bytes);
    return this;
  }

  /**
   * Tells of this tuner's requests, beside who is told already: for metrics, logs or traces.
   *
   * @param listener the listener
   * @return this builder
   */
  public ProxyTunerBuilder listener(GenerationListener listener) {
    spec.listener(listener);
    return this;
  }

  /**
   * Makes the tuner. The models' vocabularies are compared by content.
   *
   * @return a tuner; the caller closes it
   * @throws IllegalArgumentException if the base or a part of a pair is missing, or there are other
   *     pairs than the profile has strengths for
   * @throws VocabularyMismatchException if an id means different tokens to two models whose
   *     tokenizers split texts differently, or are not known to split them alike
   * @throws IllegalStateException if no implementation is on the class path
   */
  public ProxyTuner build() {
    spec.defaults(sampler == null ? defaults : defaults.withSampler(sampler));
    List<ExpertPair> pairs = isSinglePair() ? List.of(singlePair()) : wholePairs;
    spec.pairs(profile == null ? pairs : profiled(profile, pairs));
    TunerSpec complete = spec.build();
    return provider().create(complete);
  }

  private List<ExpertPair> profiled(SteeringProfile chosen, List<ExpertPair> pairs) {
    checkArgument(
        alpha == null,
        "alpha(%s) and profile(...) both say how strongly to steer: leave out one",
        alpha);
    checkArgument(
        fusion == null, "fusion(...) and profile(...) both say how to fuse: leave out one");
    spec.fusion(chosen.preset().fusion());
    return chosen.applyTo(pairs);
  }

  private boolean isSinglePair() {
    return expert != null || antiExpert != null || alpha != null;
  }

  private ExpertPair singlePair() {
    checkArgument(
        expert != null || antiExpert != null,
        "alpha %s was given without experts: add expert(...) and antiExpert(...)",
        alpha);
    checkArgument(expert != null, "there is an anti-expert without an expert: add expert(...)");
    checkArgument(
        antiExpert != null, "there is an expert without an anti-expert: add antiExpert(...)");
    return new ExpertPair(
        requireNonNull(expert), requireNonNull(antiExpert), alpha == null ? 1.0 : alpha);
  }

  private static ProxyTunerProvider provider() {
    ClassLoader loader = ProxyTunerBuilder.class.getClassLoader();
    Optional<ProxyTunerProvider> found =
        ServiceLoader.load(ProxyTunerProvider.class, loader).findFirst();
    checkState(
        found.isPresent(),
        "no ProxyTune implementation found: add io.proxytune:proxytune-core to the class path or"
            + " module path");
    return found.get();
  }
}
