package io.proxytune.core.tuner;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.proxytune.Choice;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationRequest;
import io.proxytune.PrefixCacheStats;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.RewardedText;
import io.proxytune.Role;
import io.proxytune.Score;
import io.proxytune.Search;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenStream;
import io.proxytune.Tokenizer;
import io.proxytune.core.decode.RequestControl;
import io.proxytune.core.decode.Scoring;
import io.proxytune.core.decode.Sequence;
import io.proxytune.core.decode.SequenceFactory;
import io.proxytune.core.engine.Engine;
import io.proxytune.core.engine.Engines;
import io.proxytune.core.engine.Request;
import io.proxytune.core.ensemble.CheckedTokenizer;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.lifetime.Forgotten;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.spi.TunerSpec;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The tuner: turns requests into sequences and runs them. Safe for use by several threads. */
public final class DefaultProxyTuner implements ProxyTuner {
  /** More would fill the heap before the first is decoded. */
  private static final int MAX_TEXTS = 1 << 16;

  private final TunerSpec spec;
  private final ThreadSetup setup;
  private final SequenceFactory sequences;
  private final Ensemble ensemble;
  private final LongSupplier clock;
  private final AsyncRunner async;

  /** Where all models let requests share their passes. */
  private final Optional<Engine> engine;

  private final Set<TextInProgress> texts = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicLong requests = new AtomicLong();
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
    this.setup = setup;
    this.ensemble = Ensemble.of(spec, math);
    this.sequences = new SequenceFactory(ensemble, math, clock);
    this.clock = clock;
    this.engine = sharedEngine(ensemble, spec);
    int together = engine.isPresent() ? spec.batching().maxSequences() : 1;
    this.async = new AsyncRunner(spec.asyncRequests().orElse(together));
    OptionsCheck.check(spec.defaults(), ensemble);
    AsyncRunner threads = async; // a field's name would hold on to this tuner
    PrefixCache prefixes = ensemble.prefixes();
    this.watch = Forgotten.watch(this, "a tuner", () -> end(threads, prefixes));
  }

  private static Optional<Engine> sharedEngine(Ensemble ensemble, TunerSpec spec) {
    boolean shared =
        Stream.concat(
                Stream.of(ensemble.base()), ensemble.pairs().stream().flatMap(SteeringPair::roles))
            .allMatch(role -> role.source().sharesPasses());
    return shared
        ? Optional.of(Engines.of(ensemble.base().source().host(), spec.batching(), spec.threads()))
        : Optional.empty();
  }

  /** An application's own model runs the passes of each request on its caller's thread. */
  private Engine engine() {
    return engine.orElseGet(() -> new Engine(spec.batching(), OptionalLong::empty));
  }

  /** How many requests wait for a token of a shared engine, for tests. */
  int waiting() {
    return engine.map(Engine::waiting).orElse(0);
  }

  private Request request(List<List<Sequence>> families, RequestControl control) {
    // A tokenizer of the application's own is its code.
    return new Request(families, control, spec.prefillChunk(), spec.tokenizer().isPresent());
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
    RequestWatch told = watch(List.of(prompt), 1, options);
    return toldOf(told, () -> stream(prompt, options, told));
  }

  private TokenStream stream(Prompt prompt, GenerationOptions options, RequestWatch told) {
    RequestControl control = begin(options);
    GenerationOptions borrowing = BorrowedCode.of(options);
    Sequence sequence = sequences.one(prompt, borrowing, control);
    Request request = request(List.of(List.of(sequence)), control);
    TextInProgress text =
        new TextInProgress(engine(), request, sequence, setup, told, texts::remove);
    request.readBy(text::unlessRead);
    texts.add(text);
    if (closed.get()) {
      text.endNow();
    }
    return new DecodeStream(text, options);
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
    RequestWatch told = watch(List.of(prompt), count, options);
    return toldOf(
        told,
        () -> {
          RequestControl control = begin(options);
          List<Sequence> texts = sequences.many(prompt, count, options, control);
          return run(request(List.of(texts), control), texts, told);
        });
  }

  @Override
  public List<Generation> generateAll(List<Prompt> prompts, GenerationOptions options) {
    RequestWatch told = watch(prompts, prompts.size(), options);
    return toldOf(
        told,
        () -> {
          RequestControl control = begin(options);
          List<Sequence> texts = sequences.all(prompts, options, control);
          return run(request(texts.stream().map(List::of).toList(), control), texts, told);
        });
  }

  @Override
  public List<RewardedText> search(Prompt prompt, Search search, GenerationOptions options) {
    checkArgument(
        search.texts() <= MAX_TEXTS,
        "the number of texts decoded together must be <= %s, got %s beams of %s successors",
        MAX_TEXTS,
        search.beams(),
        search.successors());
    RewardSearch.check(ensemble);
    RequestWatch told = watch(List.of(prompt), (int) search.texts(), options);
    return toldOf(
        told,
        () -> {
          RequestControl control = begin(options);
          RewardSearch.Runner runner =
              (families, until) -> runAll(request(families, until), families, told);
          List<RewardedText> found =
              new RewardSearch(sequences, runner, prompt, search, options, control).run();
          told.finished(found.stream().map(RewardedText::generation).toList());
          return found;
        });
  }

  private List<Generation> runAll(
      Request request, List<List<Sequence>> families, RequestWatch told) {
    List<Sequence> texts = families.stream().flatMap(List::stream).toList();
    runToEnd(request, texts, told);
    return texts.stream().map(Sequence::toGeneration).toList();
  }

  /** Listeners are told of code that the stream alone holds, as the text is. */
  private RequestWatch watch(List<Prompt> prompts, int count, GenerationOptions options) {
    if (spec.listeners().isEmpty()) {
      return RequestWatch.NONE;
    }
    GenerationRequest request =
        new GenerationRequest(
            requests.getAndIncrement(),
            ensemble.base().source().name(),
            prompts,
            count,
            BorrowedCode.of(options));
    return new RequestWatch(spec.listeners(), request, clock);
  }

  private static <T> T toldOf(RequestWatch told, Supplier<T> request) {
    try {
      return request.get();
    } catch (RuntimeException | Error e) {
      told.failed(e);
      throw e;
    }
  }

  private List<Generation> run(Request request, List<Sequence> texts, RequestWatch told) {
    runToEnd(request, texts, told);
    List<Generation> done = texts.stream().map(Sequence::toGeneration).toList();
    told.finished(done);
    return done;
  }

  private void runToEnd(Request request, List<Sequence> texts, RequestWatch told) {
    Engine steps = engine();
    try (ThreadSetup.Undo undo = setup.enter();
        request) {
      while (!request.isFinished()) {
        steps.advance(request, !told.awaitsToken());
        request.takeAll();
        if (told.awaitsToken() && texts.stream().anyMatch(text -> !text.tokens().isEmpty())) {
          told.token();
        }
      }
    } finally {
      steps.forget(request);
    }
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
    RequestControl control = beginScoring();
    return run(sequences.scoring(prompt, continuations, control), control).scores();
  }

  @Override
  public List<TokenLogprobs> logprobs(Prompt prompt, int[] ids, int top) {
    checkArgument(ids.length > 0, "there must be at least one id to report on, got none");
    checkArgument(top >= 0, "the number of alternatives must be >= 0, got %s", top);
    RequestControl control = beginScoring();
    return run(sequences.reporting(prompt, ids.clone(), top, control), control).reports();
  }

  private RequestControl beginScoring() {
    checkOpen();
    return new RequestControl(closed::get, clock, Optional.empty());
  }

  private Scoring run(Scoring scoring, RequestControl control) {
    runToEnd(
        new Request(List.of(List.of(scoring)), control, spec.prefillChunk(), false),
        List.of(),
        RequestWatch.NONE);
    return scoring;
  }

  private RequestControl begin(GenerationOptions options) {
    checkOpen();
    OptionsCheck.check(options, ensemble);
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
  public Optional<Tokenizer> tokenizer(Role role, int pair) {
    return Stream.concat(
            Stream.of(ensemble.base()), ensemble.pairs().stream().flatMap(SteeringPair::roles))
        .filter(model -> model.role() == role && model.pair() == pair)
        .findFirst()
        .flatMap(ModelRole::textTokenizer)
        .map(CheckedTokenizer::given);
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
