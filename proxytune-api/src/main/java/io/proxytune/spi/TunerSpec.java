package io.proxytune.spi;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import io.proxytune.Batching;
import io.proxytune.CandidateSet;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Strength;
import io.proxytune.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The settings of one tuner: immutable. Later versions may have more of them. */
public final class TunerSpec {
  private final LogitSource base;
  private final List<ExpertPair> pairs;
  private final Fusion fusion;
  private final GenerationOptions defaults;
  private final Optional<Tokenizer> tokenizer;
  private final int prefillChunk;
  private final OptionalInt asyncRequests;
  private final Batching batching;
  private final OptionalInt threads;
  private final long prefixCacheBytes;
  private final List<GenerationListener> listeners;

  private TunerSpec(LogitSource base, Builder builder) {
    this.base = base;
    this.pairs = builder.pairs;
    this.fusion = builder.fusion;
    this.defaults = builder.defaults;
    this.tokenizer = builder.tokenizer;
    this.prefillChunk = builder.prefillChunk;
    this.asyncRequests = builder.asyncRequests;
    this.batching = builder.batching;
    this.threads = builder.threads;
    this.prefixCacheBytes = builder.prefixCacheBytes;
    this.listeners = List.copyOf(builder.listeners);
  }

  /**
   * Begins a specification.
   *
   * @return a builder in which everything but the base has a value
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The model that is steered.
   *
   * @return the model
   */
  public LogitSource base() {
    return base;
  }

  /**
   * The expert pairs that steer it, in the order given.
   *
   * @return the pairs, unmodifiable; none for plain decoding
   */
  public List<ExpertPair> pairs() {
    return pairs;
  }

  /**
   * How rows are fused, with terms that come after the pairs.
   *
   * @return the fusion
   */
  public Fusion fusion() {
    return fusion;
  }

  /**
   * The options of a request that gives none.
   *
   * @return the options
   */
  public GenerationOptions defaults() {
    return defaults;
  }

  /**
   * The tokenizer to use in place of the base's own, if any.
   *
   * @return the tokenizer
   */
  public Optional<Tokenizer> tokenizer() {
    return tokenizer;
  }

  /**
   * The largest number of prompt tokens in one forward pass of a sequence.
   *
   * @return at least 1
   */
  public int prefillChunk() {
    return prefillChunk;
  }

  /**
   * How many asynchronous requests decode at once, if given.
   *
   * @return at least 1; by default as many as are decoded together
   */
  public OptionalInt asyncRequests() {
    return asyncRequests;
  }

  /**
   * How many requests are decoded together.
   *
   * @return the settings
   */
  public Batching batching() {
    return batching;
  }

  /**
   * The number of CPU threads of an operation, if it is not the process's.
   *
   * @return at least 1, if given
   */
  public OptionalInt threads() {
    return threads;
  }

  /**
   * The most memory that may hold what models have read of earlier prompts.
   *
   * @return bytes; 0 to keep nothing
   */
  public long prefixCacheBytes() {
    return prefixCacheBytes;
  }

  /**
   * Who is told of requests.
   *
   * @return the listeners in the order given, unmodifiable
   */
  public List<GenerationListener> listeners() {
    return listeners;
  }

  /** Collects the settings. For one thread. */
  public static final class Builder {
    private @Nullable LogitSource base;
    private List<ExpertPair> pairs = List.of();
    private Fusion fusion = Fusion.proxyTuning();
    private GenerationOptions defaults = GenerationOptions.defaults();
    private Optional<Tokenizer> tokenizer = Optional.empty();
    private int prefillChunk = 512;
    private OptionalInt asyncRequests = OptionalInt.empty();
    private Batching batching = Batching.defaults();
    private OptionalInt threads = OptionalInt.empty();
    private long prefixCacheBytes = 512L << 20;
    private final List<GenerationListener> listeners = new ArrayList<>();

    private Builder() {}

    /**
     * Sets the model that is steered; required.
     *
     * @param base the model
     * @return this builder
     */
    public Builder base(LogitSource base) {
      this.base = requireNonNull(base, "base");
      return this;
    }

    /**
     * Sets the expert pairs that steer it; none by default.
     *
     * @param pairs the pairs, in their order
     * @return this builder
     */
    public Builder pairs(List<ExpertPair> pairs) {
      this.pairs = List.copyOf(pairs);
      return this;
    }

    /**
     * Sets how rows are fused; {@link Fusion#proxyTuning()} by default.
     *
     * @param fusion the fusion
     * @return this builder
     */
    public Builder fusion(Fusion fusion) {
      this.fusion = requireNonNull(fusion, "fusion");
      return this;
    }

    /**
     * Sets the options of a request that gives none.
     *
     * @param defaults the options
     * @return this builder
     */
    public Builder defaults(GenerationOptions defaults) {
      this.defaults = requireNonNull(defaults, "defaults");
      return this;
    }

    /**
     * Sets a tokenizer in place of the base's own.
     *
     * @param tokenizer the tokenizer
     * @return this builder
     */
    public Builder tokenizer(Tokenizer tokenizer) {
      this.tokenizer = Optional.of(tokenizer);
      return this;
    }

    /**
     * Sets how many prompt tokens of a sequence a forward pass reads at most; 512 by default.
     *
     * @param tokens at least 1
     * @return this builder
     */
    public Builder prefillChunk(int tokens) {
      checkArgument(tokens >= 1, "prefillChunk must be >= 1, got %s", tokens);
      this.prefillChunk = tokens;
      return this;
    }

    /**
     * Sets how many asynchronous requests decode at once; by default as many as are decoded
     * together.
     *
     * @param count at least 1
     * @return this builder
     */
    public Builder asyncRequests(int count) {
      checkArgument(count >= 1, "asyncRequests must be >= 1, got %s", count);
      this.asyncRequests = OptionalInt.of(count);
      return this;
    }

    /**
     * Sets how many requests are decoded together.
     *
     * @param batching the settings
     * @return this builder
     */
    public Builder batching(Batching batching) {
      this.batching = requireNonNull(batching, "batching");
      return this;
    }

    /**
     * Sets the number of CPU threads of an operation in place of the process's.
     *
     * @param count at least 1
     * @return this builder
     */
    public Builder threads(int count) {
      checkArgument(count >= 1, "threads must be >= 1, got %s", count);
      this.threads = OptionalInt.of(count);
      return this;
    }

    /**
     * Sets the most memory that may hold what models have read of earlier prompts; 512 MiB by
     * default.
     *
     * @param bytes at least 0
     * @return this builder
     */
    public Builder prefixCacheBytes(long bytes) {
      checkArgument(bytes >= 0, "the bytes of a prefix cache must be >= 0, got %s", bytes);
      this.prefixCacheBytes = bytes;
      return this;
    }

    /**
     * Adds who is told of requests.
     *
     * @param listener the listener
     * @return this builder
     */
    public Builder listener(GenerationListener listener) {
      listeners.add(requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Makes the specification.
     *
     * @return what was collected
     * @throws IllegalArgumentException if there is no base, or the fusion needs other terms
     */
    public TunerSpec build() {
      checkArgument(base != null, "a tuner needs a base model: call base(...)");
      checkFusion();
      return new TunerSpec(requireNonNull(base), this);
    }

    private void checkFusion() {
      int terms = pairs.size() + fusion.terms().size();
      checkArgument(
          terms > 0 || fusion.candidates() instanceof CandidateSet.OfBase,
          "the candidates %s compare two models, and there is the base alone: add a pair or a"
              + " source",
          fusion.candidates());
      if (fusion.strength() instanceof Strength.KlMatched) {
        boolean onlyPairs = fusion.terms().stream().allMatch(term -> term.against().isPresent());
        checkArgument(
            terms == 1 && onlyPairs,
            "a KL-matched strength is that of one pair, and there are %s terms%s",
            terms,
            onlyPairs ? "" : ", with a source alone");
        checkArgument(
            fusion.space() != Fusion.Space.PROBABILITIES,
            "a KL-matched strength is solved in logits or log-probabilities, not in %s",
            fusion.space());
      }
    }
  }
}
