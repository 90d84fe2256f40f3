package io.proxytune.examples;

import io.proxytune.CheckpointException;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.PublishedDefaults;
import io.proxytune.Tokenizer;
import io.proxytune.core.AdapterSummary;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.DevicePlan;
import io.proxytune.core.LoadListener;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.fit.FitReport;
import io.proxytune.examples.cli.Engine;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Loads models that do nothing, and remembers what was asked of it. */
public final class FakeEngine implements Engine {
  static final CheckpointSummary SUMMARY =
      new CheckpointSummary(
          "tiny",
          "LlamaForCausalLM",
          2,
          128,
          8,
          4,
          1_310_720,
          2_621_440,
          Map.of("BF16", 2_621_440L),
          Map.of("int8", 1_572_864L),
          Map.of("bfloat16", "float16 in FBGEMM's blocks"),
          512,
          1_048_576,
          4096,
          2000,
          2048,
          Map.of(1, "<s>", 0, "<unk>"),
          List.of(2, 7),
          true,
          new PublishedDefaults(
              GenerationOptions.defaults(), Map.of("temperature", 0.6), List.of("temperature")),
          Optional.empty());

  static final AdapterSummary ADAPTER =
      new AdapterSummary(
          "lora",
          Optional.of("../small"),
          Optional.empty(),
          8,
          16,
          true,
          List.of("k_proj", "q_proj"),
          24,
          98_304,
          Map.of("F32", 393_216L));

  final List<Load> loads = new ArrayList<>();
  final List<String> closed = new ArrayList<>();
  final FakeTuner tuner = new FakeTuner(closed);
  List<ExpertPair> pairs = List.of();
  Fusion fusion = Fusion.proxyTuning();
  Optional<LogitSource> base = Optional.empty();
  final Map<String, PublishedDefaults> published = new HashMap<>();
  final Map<String, Tokenizer> tokenizers = new HashMap<>();
  int threads;
  int prefillChunk;

  record Load(Path folder, LoadOptions options) {}

  @Override
  public Path folder(String model) {
    return Path.of(model);
  }

  /** A folder named {@code missing} is refused. */
  @Override
  public LogitModel load(Path folder, LoadOptions options) {
    if (folder.endsWith("missing")) {
      throw new CheckpointException(folder + " is not a directory:\n  give a checkpoint folder");
    }
    loads.add(new Load(folder, options));
    String name = String.valueOf(folder.getFileName());
    options.listener().onProgress(new LoadListener.Progress(name, "a", 1, 2, 1 << 20, 2 << 20));
    options.listener().onProgress(new LoadListener.Progress(name, "b", 2, 2, 2 << 20, 2 << 20));
    return source(name);
  }

  /** A folder whose name begins with {@code lora} is an adapter, on the folder {@code a}. */
  @Override
  public boolean isAdapter(Path folder) {
    return String.valueOf(folder.getFileName()).startsWith("lora");
  }

  @Override
  public Optional<Path> modelOf(Path adapter) {
    return Optional.of(Path.of("a"));
  }

  final List<String> connections = new ArrayList<>();

  @Override
  public LogitModel connect(Server server) {
    connections.add(
        server.address()
            + " "
            + server.keyFile().map(Path::toString).orElse("-")
            + " "
            + server.tokenizer()
            + server.shown().stream().mapToObj(shown -> " " + shown).findAny().orElse(""));
    return source("far");
  }

  @Override
  public LogitModel loadAdapter(LogitSource host, Path adapter) {
    return source(host.name() + "+" + adapter.getFileName());
  }

  @Override
  public AdapterSummary inspectAdapter(Path folder) {
    return ADAPTER;
  }

  @Override
  public CheckpointSummary inspect(Path folder) {
    if (folder.endsWith("missing")) {
      throw new CheckpointException(folder + " is not a directory");
    }
    return SUMMARY;
  }

  @Override
  public DevicePlan plan(Path folder, LoadOptions options) {
    return new DevicePlan(
        List.of(
            new DevicePlan.Part("cuda:0", 0, 1, 3 << 20),
            new DevicePlan.Part(options.device(), 1, 2, 1 << 20)));
  }

  /** Of folders that may not exist: that is what the report says then. */
  @Override
  public FitReport compare(List<Path> folders) {
    return FitReport.of(folders);
  }

  /** A folder named {@code wordless} has no tokenizer. */
  @Override
  public void requireTokenizer(Path folder) {
    if (folder.endsWith("wordless")) {
      throw new CheckpointException(folder + " has no tokenizer.json");
    }
  }

  @Override
  public long weightBytes(Path folder, Quantization quantization) {
    return SUMMARY.storedBytes();
  }

  @Override
  public void setThreads(int threads) {
    this.threads = threads;
  }

  @Override
  public ProxyTuner tuner(
      LogitSource base, List<ExpertPair> pairs, Fusion fusion, int prefillChunk) {
    this.fusion = fusion;
    this.base = Optional.of(base);
    this.pairs = pairs;
    this.prefillChunk = prefillChunk;
    return tuner;
  }

  @Override
  public ProxyTuner tunerWithoutPrefixCache(
      LogitSource base, List<ExpertPair> pairs, int prefillChunk) {
    return tuner(base, pairs, Fusion.proxyTuning(), prefillChunk);
  }

  private LogitModel source(String name) {
    return new FakeSource(name, published, tokenizers, closed);
  }

  private record FakeSource(
      String name,
      Map<String, PublishedDefaults> published,
      Map<String, Tokenizer> tokenizers,
      List<String> closed)
      implements LogitModel {
    @Override
    public PublishedDefaults publishedDefaults() {
      if (name.startsWith("malformed")) {
        throw new CheckpointException(name + ": temperature must be a number");
      }
      return published.getOrDefault(name, PublishedDefaults.NONE);
    }

    @Override
    public int width() {
      return 4;
    }

    @Override
    public int contextLength() {
      return 16;
    }

    @Override
    public Set<Integer> endOfTextIds() {
      return Set.of();
    }

    @Override
    public Optional<Tokenizer> tokenizer() {
      return Optional.ofNullable(tokenizers.get(name));
    }

    @Override
    public LogitSession newSession(int capacity) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Logits forward(List<Segment> segments) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      closed.add(name);
    }
  }
}
