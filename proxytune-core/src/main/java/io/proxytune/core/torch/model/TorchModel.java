package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.ProxyTuneException;
import io.proxytune.PublishedDefaults;
import io.proxytune.Tokenizer;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.checkpoint.PublishedSettings;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.lifetime.Lifetime;
import io.proxytune.core.paired.PairedModel;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.MemoryCheck;
import io.proxytune.core.torch.PassPairs;
import io.proxytune.core.torch.PassThreads;
import io.proxytune.core.torch.ProcessSettings;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A loaded checkpoint: a {@link Decoder} behind checks. Threads as {@link LogitModel} says. */
final class TorchModel implements PairedModel {
  /** What belongs to a model beside its weights. */
  record Identity(
      String name,
      Set<Integer> endOfTextIds,
      Optional<Tokenizer> tokenizer,
      PublishedSettings published) {
    PublishedDefaults publishedDefaults(int width) {
      return published.defaults(width, endOfTextIds);
    }
  }

  /** Smaller caches aren't worth a look at the machine's figures. */
  private static final long UNCHECKED_BYTES = 64 << 20;

  /** A model that is so many times as large is not run beside another. */
  private static final int MOST_TIMES = 2;

  private final Identity identity;
  private final MergedWeights weights;
  private final Decoder decoder;
  private final @Nullable ScriptedDecoder scripted;
  private final TiledWeights tiled;
  private final Placement placement;
  private final ScalarType dtype;
  private final boolean checksMemory;
  private final long weightsOfAToken;
  private final PassThreads threads;
  private final Map<TorchModel, PassPairs> pairs = new WeakHashMap<>();
  private final KvLayout caches;
  private final Lifetime lifetime;

  TorchModel(
      Identity identity,
      MergedWeights weights,
      Computation computation,
      Placement placement,
      ScalarType dtype,
      LoadOptions options) {
    this.identity = identity;
    this.weights = weights;
    this.decoder = computation.decoder();
    this.scripted = computation.scripted();
    this.tiled = computation.tiled();
    this.placement = placement;
    this.dtype = dtype;
    this.checksMemory = options.memoryCheck() && placement.usesCpu();
    this.caches = KvLayout.of(decoder, options.slidingWindowCache());
    this.weightsOfAToken = weightsOfAToken(decoder.spec());
    this.threads = new PassThreads(identity.name(), weightsOfAToken);
    this.lifetime = new Lifetime("model " + identity.name(), computation::free);
    lifetime.watch(this);
  }

  /** Those of all experts, too: an upper bound. */
  private static long weightsOfAToken(DecoderSpec spec) {
    long layers =
        spec.layers().stream().flatMap(LayerSpec::linears).mapToLong(LinearSpec::elements).sum();
    return layers + spec.head().linear().elements();
  }

  /** What was loaded. */
  MergedWeights weights() {
    return weights;
  }

  /** The settings that its author published. */
  PublishedSettings published() {
    return identity.published();
  }

  Placement placement() {
    return placement;
  }

  ScalarType dtype() {
    return dtype;
  }

  /** How it runs passes of few tokens; null if like all others. */
  @Nullable ScriptedDecoder scripted() {
    return scripted;
  }

  Lifetime lifetime() {
    return lifetime;
  }

  @Override
  public String name() {
    return identity.name();
  }

  @Override
  public int width() {
    return decoder.spec().vocabulary();
  }

  @Override
  public int contextLength() {
    return decoder.spec().contextLength();
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return identity.endOfTextIds();
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return identity.tokenizer();
  }

  @Override
  public PublishedDefaults publishedDefaults() {
    return identity.publishedDefaults(width());
  }

  @Override
  public boolean readsDrafts() {
    return WholeTexts.mayGoOn(decoder);
  }

  @Override
  public boolean sharesPasses() {
    return true;
  }

  @Override
  public long sessionBytes(int capacity) {
    return caches.bytes(capacity);
  }

  @Override
  public long forkBytes(int tokens, int capacity) {
    return caches.forkBytes(tokens, capacity);
  }

  @Override
  public OptionalLong freeBytes() {
    return checksMemory ? MemoryCheck.now().freeBytes() : OptionalLong.empty();
  }

  /** Where a scaling depends on the length that a pass reaches, drafts would change the text. */
  @Override
  public int draftableLength() {
    return decoder.rotaries().stream()
        .mapToInt(rotary -> rotary.spec().scaling().constantLength())
        .reduce(contextLength(), Math::min);
  }

  @Override
  public OptionalDouble logitCap() {
    return decoder.spec().head().cap();
  }

  @Override
  public LogitSession newSession(int capacity) {
    return newSession(null, capacity);
  }

  /** A session of this model, or of one that is this model with an adapter. */
  LogitSession newSession(@Nullable AdaptedModel adapted, int capacity) {
    ReadTokens read = caches.slides() ? ReadTokens.none() : null;
    return opened(new TorchSession.Begin(adapted, 0, read, false), capacity);
  }

  private LogitSession opened(TorchSession.Begin begin, int capacity) {
    return opened(begin, capacity, sessionBytes(capacity), () -> KvCache.empty(caches, capacity));
  }

  /** A session that begins with the first tokens of another, shared as far as that is worth it. */
  LogitSession forkSession(TorchSession of, int tokens, int capacity, boolean shares) {
    KvCache cache = of.cache();
    TorchSession.Begin begin = of.begin(tokens);
    if (begin.lost()) {
      return opened(begin, capacity);
    }
    return shares
        ? opened(begin, capacity, forkBytes(tokens, capacity), () -> cache.fork(tokens, capacity))
        : opened(begin, capacity, sessionBytes(capacity), () -> cache.copy(tokens, capacity));
  }

  private LogitSession opened(
      TorchSession.Begin begin, int capacity, long bytes, Supplier<KvCache> made) {
    checkArgument(
        capacity >= 1 && capacity <= contextLength(),
        "%s: the capacity of a session must be from 1 to the context length %s, got %s",
        name(),
        contextLength(),
        capacity);
    if (checksMemory && bytes > UNCHECKED_BYTES) {
      MemoryCheck.now().toUse(bytes).requireFreeForCache(name(), capacity, bytes);
    }
    lifetime.enter();
    try {
      return new TorchSession(this, begin, capacity, compute(made));
    } catch (RuntimeException e) {
      throw nativeFailure("allocating a KV cache for " + capacity + " tokens", e);
    } finally {
      lifetime.leave();
    }
  }

  /** The same of weights that are to stand beside the model's. */
  void checkMemory(long bytes) {
    if (checksMemory && bytes > UNCHECKED_BYTES) {
      MemoryCheck.now().toUse(bytes).requireFree(name(), bytes);
    }
  }

  @Override
  public Logits forward(List<Segment> segments) {
    try (TorchPass pass = new TorchPass(this, segments)) {
      return run(pass::logits);
    }
  }

  /** Checks texts that must be read in one pass. */
  void checkWholeTexts(List<Segment> segments) {
    WholeTexts.check(decoder, name(), segments);
  }

  /** Runs passes, whose failures it explains. */
  <T> T run(Supplier<T> passes) {
    try (ProcessSettings settings = ProcessSettings.enter()) {
      return compute(passes);
    } catch (RuntimeException e) {
      throw passFailure(e);
    }
  }

  RuntimeException passFailure(RuntimeException e) {
    return nativeFailure("a forward pass", e);
  }

  /** Larger ones have enough to do for all threads while the other waits. */
  @Override
  public boolean pairsWith(LogitModel other) {
    return other instanceof TorchModel model
        && model != this
        && isOnCpu()
        && model.isOnCpu()
        && Math.max(weightsOfAToken, model.weightsOfAToken)
            <= MOST_TIMES * Math.min(weightsOfAToken, model.weightsOfAToken)
        && PassPairs.possible(); // now: another thread may change how many there are
  }

  private boolean isOnCpu() {
    return placement.usesCpu() && !placement.isSplit();
  }

  @Override
  public List<PendingLogits> forwardBoth(
      List<Segment> own, LogitModel other, List<Segment> others) {
    checkArgument(
        other instanceof TorchModel && other != this,
        "%s has no passes beside those of %s",
        name(),
        other.name());
    TorchModel second = (TorchModel) other;
    return TorchPassPair.run(this, own, second, others, this::pairsWith);
  }

  /** What was learnt of passes beside another model's; for the compute thread. */
  private PassPairs pairsWith(TorchModel other) {
    return pairs.computeIfAbsent(other, any -> new PassPairs(name() + " and " + other.name()));
  }

  /** The logits of a pass, on this thread. */
  Logits logitsOf(PassPlan plan) {
    Logits logits = placement.usesCpu() ? onBestThreads(plan) : logits(plan);
    plan.shrinkCaches();
    return logits;
  }

  private Logits onBestThreads(PassPlan plan) {
    return threads.run(plan.tokens(), () -> logits(plan));
  }

  private Logits logits(PassPlan plan) {
    tiled.prepare(plan.tokens());
    boolean few = scripted != null && scripted.takes(plan);
    Tensor logits = few ? scripted.logits(plan) : layerByLayer(plan);
    return plan.wantedRows().length == 0 ? Logits.of(width()) : new TorchLogits(logits);
  }

  /** Does work in a scope, on the thread for it. */
  private <T> T compute(Supplier<T> work) {
    return placement.usesCpu()
        ? ComputeThread.inScope(work)
        : ComputeThread.inScopeOf(decoder.embedding().rows(), work);
  }

  /** Logits of the wanted rows; nothing of use where none is wanted. */
  Tensor layerByLayer(PassPlan plan) {
    RaggedBatch batch = RaggedBatch.of(plan.spans(), plan.adapterRows(), decoder);
    TorchDevice first = placement.first();
    Tensor hidden = decoder.hidden(onto(first, plan.ids()), onto(first, plan.positions()), batch);
    long[] wanted = plan.wantedRows();
    if (wanted.length == 0) {
      return hidden;
    }
    boolean every = PassPlan.isEveryRow(wanted, plan.tokens());
    Tensor rows = every ? hidden : torch.index_select(hidden, 0, onto(placement.last(), wanted));
    return decoder.head().apply(rows, plan.wantedAdapterRows());
  }

  private static Tensor onto(TorchDevice device, long[] values) {
    Tensor tensor =
        torch.empty(new long[] {values.length}, new TensorOptions(ScalarType.Long), null);
    tensor.data_ptr_long().put(values);
    return device.isCpu() ? tensor : Placement.onto(device, tensor);
  }

  private RuntimeException nativeFailure(String doing, RuntimeException e) {
    if (e instanceof ProxyTuneException || e instanceof IllegalArgumentException) {
      return e;
    }
    return new ProxyTuneException(
        name() + " on " + placement + ": " + doing + " failed in LibTorch: " + Native.firstLine(e),
        e);
  }

  @Override
  public void close() {
    lifetime.close();
  }

  @Override
  public String toString() {
    return "TorchModel[" + name() + ", " + dtype + ", " + placement + "]";
  }
}
