package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static io.proxytune.internal.Checks.checkState;
import static java.util.Objects.requireNonNull;

import io.proxytune.spi.ProxyTunerProvider;
import io.proxytune.spi.TunerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a {@link ProxyTuner}.
 *
 * <p>{@code expert}, {@code antiExpert} and {@code alpha} describe one pair; calling one of them a
 * second time begins the next pair.
 *
 * <p><b>Threads:</b> for one thread.
 */
public final class ProxyTunerBuilder {
  private @Nullable LogitSource base;
  private final List<PairDraft> pairs = new ArrayList<>();
  private GenerationOptions defaults = GenerationOptions.defaults();
  private @Nullable Sampler sampler;
  private @Nullable Tokenizer tokenizer;
  private int prefillChunk = 512;
  private int asyncThreads = 1;
  private OptionalInt threads = OptionalInt.empty();

  /** A pair of which not all is known yet. */
  private static final class PairDraft {
    private @Nullable LogitSource expert;
    private @Nullable LogitSource antiExpert;
    private @Nullable Double alpha;

    private ExpertPair toPair(int index) {
      checkArgument(
          expert != null || antiExpert != null,
          "alpha %s was given without experts: add expert(...) and antiExpert(...)",
          alpha);
      checkArgument(expert != null, "expert pair %s has no expert: add expert(...) for it", index);
      checkArgument(
          antiExpert != null,
          "expert pair %s has no anti-expert: add antiExpert(...) for it",
          index);
      return new ExpertPair(
          requireNonNull(expert), requireNonNull(antiExpert), alpha == null ? 1.0 : alpha);
    }
  }

  ProxyTunerBuilder() {}

  /**
   * The model to steer; required.
   *
   * @param base the model
   * @return this builder
   */
  public ProxyTunerBuilder base(LogitSource base) {
    this.base = requireNonNull(base, "base");
    return this;
  }

  /**
   * A pair's tuned model.
   *
   * @param expert the model
   * @return this builder
   */
  public ProxyTunerBuilder expert(LogitSource expert) {
    requireNonNull(expert, "expert");
    if (pairs.isEmpty() || lastPair().expert != null) {
      pairs.add(new PairDraft());
    }
    lastPair().expert = expert;
    return this;
  }

  /**
   * A pair's untuned model.
   *
   * @param antiExpert the model
   * @return this builder
   */
  public ProxyTunerBuilder antiExpert(LogitSource antiExpert) {
    requireNonNull(antiExpert, "antiExpert");
    if (pairs.isEmpty() || lastPair().antiExpert != null) {
      pairs.add(new PairDraft());
    }
    lastPair().antiExpert = antiExpert;
    return this;
  }

  /**
   * A pair's strength α; 1 by default, as in the paper.
   *
   * @param alpha any finite number; negative steers away
   * @return this builder
   * @throws IllegalArgumentException if alpha is infinite or NaN
   */
  public ProxyTunerBuilder alpha(double alpha) {
    checkArgument(Double.isFinite(alpha), "alpha must be a finite number, got %s", alpha);
    if (pairs.isEmpty() || lastPair().alpha != null) {
      pairs.add(new PairDraft());
    }
    lastPair().alpha = alpha;
    return this;
  }

  /**
   * A whole pair.
   *
   * @param pair the pair
   * @return this builder
   */
  public ProxyTunerBuilder pair(ExpertPair pair) {
    PairDraft draft = new PairDraft();
    draft.expert = pair.expert();
    draft.antiExpert = pair.antiExpert();
    draft.alpha = pair.alpha();
    pairs.add(draft);
    return this;
  }

  private PairDraft lastPair() {
    return pairs.get(pairs.size() - 1);
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
    this.tokenizer = requireNonNull(tokenizer, "tokenizer");
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
    checkArgument(tokens >= 1, "prefillChunk must be >= 1, got %s", tokens);
    this.prefillChunk = tokens;
    return this;
  }

  /**
   * How many asynchronous requests decode at once; 1 by default, since one uses every core.
   *
   * @param threads at least 1
   * @return this builder
   */
  public ProxyTunerBuilder asyncThreads(int threads) {
    checkArgument(threads >= 1, "asyncThreads must be >= 1, got %s", threads);
    this.asyncThreads = threads;
    return this;
  }

  /**
   * How many CPU threads an operation of this tuner's requests uses, whatever thread asks for them.
   * Other tuners, and what the calling thread computes besides, keep their own number. If not set,
   * the number is the process's: by default the physical cores that it may use.
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
    this.threads = OptionalInt.of(threads);
    return this;
  }

  /**
   * Makes the tuner. The models' vocabularies are compared by content.
   *
   * @return a tuner; the caller closes it
   * @throws IllegalArgumentException if the base or a part of a pair is missing
   * @throws VocabularyMismatchException if an id means different tokens to two models
   * @throws IllegalStateException if no implementation is on the class path
   */
  public ProxyTuner build() {
    checkArgument(base != null, "a tuner needs a base model: call base(...)");
    List<ExpertPair> complete = new ArrayList<>();
    for (PairDraft draft : pairs) {
      complete.add(draft.toPair(complete.size()));
    }
    return provider()
        .create(
            new TunerSpec(
                requireNonNull(base),
                complete,
                sampler == null ? defaults : defaults.withSampler(sampler),
                Optional.ofNullable(tokenizer),
                prefillChunk,
                asyncThreads,
                threads));
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
