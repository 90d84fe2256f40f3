package io.proxytune.core.tuner;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.proxytune.Choice;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.PrefixCacheStats;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Score;
import io.proxytune.TokenStream;
import io.proxytune.Tokenizer;
import io.proxytune.core.decode.DecodeBatch;
import io.proxytune.core.decode.DecodeLoop;
import io.proxytune.core.decode.RequestControl;
import io.proxytune.core.decode.Scorer;
import io.proxytune.core.decode.Sequence;
import io.proxytune.core.decode.SequenceFactory;
import io.proxytune.core.ensemble.CheckedTokenizer;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.lifetime.Forgotten;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.speculation.AdaptivePolicy;
import io.proxytune.core.speculation.Speculator;
import io.proxytune.spi.TunerSpec;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** The tuner: turns requests into sequences and runs them. Safe for use by several threads. */
public final class DefaultProxyTuner implements ProxyTuner {
  /** More would fill the heap before the first is decoded. */
  private static final int MAX_TEXTS = 1 << 16;

  private final TunerSpec spec;
  private final LogitMath math;
  private final ThreadSetup setup;
  private final SequenceFactory sequences;
  private final Ensemble ensemble;
  private final LongSupplier clock;
  private final AsyncRunner async;
  private final AtomicReference<AdaptivePolicy> learned =
      new AtomicReference<>(new AdaptivePolicy());
  private final Set<TextInProgress> texts = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Cleaner.Cleanable watch;

  /**
   * Makes a tuner.
   *
   * @param spec its settings
   * @param math what a step computes on logits
   * @param setup what holds on the threads on which requests compute
   * @throws io.proxytune.VocabularyMismatchException if the models' vocabularies differ
   */
  public DefaultProxyTuner(TunerSpec spec, LogitMath math, ThreadSetup setup) {
    this(spec, math, setup, System::nanoTime);
  }

  DefaultProxyTuner(TunerSpec spec, LogitMath math, ThreadSetup setup, LongSupplier clock) {
    this.spec = spec;
    this.math = math;
    this.setup = setup;
    this.ensemble = Ensemble.of(spec, math);
    this.sequences = new SequenceFactory(ensemble);
    this.clock = clock;
    this.async = new AsyncRunner(spec.asyncRequests());
    OptionsCheck.check(spec.defaults(), ensemble.base());
    AsyncRunner threads = async; // a field's name would hold on to this tuner
    PrefixCache prefixes = ensemble.prefixes();
    this.watch = Forgotten.watch(this, "a tuner", () -> end(threads, prefixes));
  }

  /**
   * What a forgotten tuner holds: threads, which finish what they were asked for, and what was kept
   * of prompts.
   */
  private static boolean end(AsyncRunner async, PrefixCache prefixes) {
    async.close();
    boolean heldMemory = prefixes.stats().entries() > 0;
    prefixes.close();
    return heldMemory;
  }

  @Override
  public TokenStream stream(Prompt prompt, GenerationOptions options) {
    RequestControl control = begin(options);
    GenerationOptions borrowing = BorrowedCode.of(options);
    DecodeBatch batch = sequences.one(prompt, borrowing, control).batch(spec.prefillChunk());
    DecodeLoop loop = loop(batch);
    TextInProgress text =
        new TextInProgress(loop, batch.sequences().get(0), control, setup, texts::remove);
    texts.add(text);
    if (closed.get()) {
      text.endNow();
    }
    return new DecodeStream(text, options);
  }

  private DecodeLoop loop(DecodeBatch batch) {
    Speculator speculator =
        Speculator.of(
            ensemble,
            math,
            batch.plan(),
            batch.options().speculation(),
            batch.control()::nanos,
            learned);
    return new DecodeLoop(ensemble, math, batch, speculator);
  }

  @Override
  public CompletableFuture<Generation> generateAsync(Prompt prompt, GenerationOptions options) {
    try {
      return async.submit(() -> stream(prompt, options));
    } finally {
      Reference.reachabilityFence(this); // else it might be found to be forgotten before that
    }
  }

  @Override
  public List<Generation> generateMany(Prompt prompt, int count, GenerationOptions options) {
    checkArgument(count >= 1, "the number of texts must be >= 1, got %s", count);
    checkArgument(
        count <= MAX_TEXTS,
        "the number of texts decoded together must be <= %s, got %s: ask several times",
        MAX_TEXTS,
        count);
    return run(sequences.many(prompt, count, options, begin(options)));
  }

  @Override
  public List<Generation> generateAll(List<Prompt> prompts, GenerationOptions options) {
    return run(sequences.all(prompts, options, begin(options)));
  }

  private List<Generation> run(SequenceFactory.Made made) {
    for (DecodeBatch batch : made.batches(spec.prefillChunk())) {
      try (ThreadSetup.Undo undo = setup.enter();
          DecodeLoop loop = loop(batch)) {
        while (!loop.isFinished()) {
          loop.next();
        }
      }
    }
    return made.sequences().stream().map(Sequence::toGeneration).toList();
  }

  @Override
  public Score score(Prompt prompt, String continuation) {
    return scoreEach(prompt, List.of(continuation)).get(0);
  }

  @Override
  public Choice choose(Prompt prompt, List<String> options) {
    checkArgument(!options.isEmpty(), "there must be at least one option to choose from, got none");
    List<Score> scores = scoreEach(prompt, options);
    int best = 0;
    for (int i = 1; i < scores.size(); i++) {
      if (scores.get(i).total() > scores.get(best).total()) {
        best = i;
      }
    }
    return new Choice(best, options.get(best), scores);
  }

  private List<Score> scoreEach(Prompt prompt, List<String> continuations) {
    checkOpen();
    RequestControl control = new RequestControl(closed::get, clock, Optional.empty());
    Scorer scorer = new Scorer(ensemble, math, control, spec.prefillChunk());
    try (ThreadSetup.Undo undo = setup.enter()) {
      return scorer.score(prompt, continuations);
    }
  }

  private RequestControl begin(GenerationOptions options) {
    checkOpen();
    OptionsCheck.check(options, ensemble.base());
    return new RequestControl(closed::get, clock, options.timeLimit());
  }

  @Override
  public GenerationOptions defaults() {
    return spec.defaults();
  }

  @Override
  public Tokenizer tokenizer() {
    Optional<Tokenizer> tokenizer = ensemble.base().textTokenizer();
    checkState(
        tokenizer.isPresent(),
        "the %s has no tokenizer: give ProxyTunerBuilder.tokenizer(...) one",
        ensemble.base().describe());
    return CheckedTokenizer.given(tokenizer.get());
  }

  @Override
  public PrefixCacheStats prefixCache() {
    return ensemble.prefixes().stats();
  }

  private void checkOpen() {
    checkState(!closed.get(), "this tuner is closed");
  }

  /** Texts that no one is reading are freed now, the others when their step is over. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      async.close();
      texts.forEach(TextInProgress::endNow);
      ensemble.prefixes().close();
      watch.clean();
    }
  }
}
