package io.proxytune.core.calls;

import io.proxytune.CandidateSet;
import io.proxytune.FinishReason;
import io.proxytune.Fusion;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.Strength;
import io.proxytune.TokenStream;
import io.proxytune.core.GoldenModels;
import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * What random calls are made on: three models and a tuner over them that no call closes, so that
 * their texts are known, and bags of objects that anyone closes at any time.
 */
final class CallWorld implements AutoCloseable {
  static final Path MODEL = GoldenModels.folder("gqa-tied");
  static final Path ADAPTER = GoldenModels.folder("adapters/all");
  static final int WIDTH = 96;
  private static final List<List<Integer>> known = new ArrayList<>();

  /** Requests whose texts are known. */
  static final List<GenerationOptions> OPTIONS = options();

  static final List<Prompt> PROMPTS =
      List.of(Prompt.ofIds(7, 20, 41), Prompt.ofIds(5), Prompt.ofIds(9, 8, 7, 6, 5, 4, 3));

  /** How tuners fuse their models; the first is proxy-tuning. */
  static final List<Fusion> FUSIONS =
      List.of(
          Fusion.proxyTuning(),
          Fusion.proxyTuning()
              .withStrength(Strength.whereEntropyIsAtLeast(1.8).withAudited(0.3))
              .withCandidates(CandidateSet.topP(0.95)),
          Fusion.proxyTuning()
              .withSpace(Fusion.Space.PROBABILITIES)
              .withStrength(Strength.firstTokens(3)));

  /**
   * A tuner that some call made.
   *
   * @param fusion which of {@link #FUSIONS} it has
   */
  record Tuned(ProxyTuner tuner, int fusion) {}

  final Bag<Tuned> tuners = new Bag<>();
  final Bag<TokenStream> streams = new Bag<>();
  final Bag<LogitSession> sessions = new Bag<>();
  final Bag<Logits> logits = new Bag<>();
  final Bag<LogitModel> sources = new Bag<>();
  final Bag<CompletableFuture<Generation>> futures = new Bag<>();
  final Bag<Thread> threads = new Bag<>();
  final CallOutcome outcome = CallOutcome.empty();

  private final LogitModel base = TorchModels.load(GoldenModels.folder("mha-untied"));
  private final LogitModel small = TorchModels.load(MODEL);
  private final LogitModel adapter = TorchModels.loadAdapter(small, ADAPTER);
  private final List<Tuned> witnesses =
      IntStream.range(0, FUSIONS.size()).mapToObj(this::newTuner).toList();
  private final List<List<Integer>> alone = alone(witnesses);

  /** The texts of every fusion and prompt with all options, computed once. */
  private static synchronized List<List<Integer>> alone(List<Tuned> tuners) {
    if (known.isEmpty()) {
      for (Tuned tuned : tuners) {
        for (Prompt prompt : PROMPTS) {
          OPTIONS.forEach(option -> known.add(tuned.tuner.generate(prompt, option).tokenIds()));
        }
      }
    }
    return known;
  }

  private static List<GenerationOptions> options() {
    GenerationOptions plain =
        GenerationOptions.defaults().withMaxNewTokens(6).withIgnoreEndOfText(true).withSeed(5);
    return List.of(
        plain,
        plain.withSpeculation(Speculation.off()),
        plain.withSampler(Sampler.topP(0.9)),
        plain.withSampler(Sampler.temperature(0.8)).withLogprobs(2),
        plain.withPenalties(Penalties.NONE.withRepetition(1.2)).withBannedIds(Set.of(3, 4)),
        plain.withSampler(Sampler.temperature(0.9)).withTrace(true),
        plain.withLogitBias(Map.of(11, 3.0)).withMaxNewTokens(9));
  }

  /** One that no call closes. */
  Tuned witness(int fusion) {
    return witnesses.get(fusion);
  }

  Tuned newTuner(int fusion) {
    ProxyTuner tuner =
        ProxyTuner.builder()
            .base(base)
            .expert(adapter)
            .antiExpert(small)
            .fusion(FUSIONS.get(fusion))
            .prefillChunk(4)
            .asyncRequests(2)
            .build();
    return new Tuned(tuner, fusion);
  }

  /** A model that no call closes. */
  LogitModel lasting(int index) {
    return List.of(base, small, adapter).get(index);
  }

  /** Notes a text that is not what the same request gives alone. */
  void check(Generation text, int fusion, int prompt, int option) {
    int which = (fusion * PROMPTS.size() + prompt) * OPTIONS.size() + option;
    List<Integer> expected = alone.get(which);
    List<Integer> ids = text.tokenIds();
    boolean whole = text.finishReason() == FinishReason.MAX_NEW_TOKENS;
    boolean early = text.finishReason() == FinishReason.CANCELLED;
    boolean right =
        (whole && ids.equals(expected))
            || (early
                && ids.size() <= expected.size()
                && IntStream.range(0, ids.size())
                    .allMatch(i -> ids.get(i).equals(expected.get(i))));
    outcome.count(whole ? "a whole text" : "a text that was ended");
    if (!right) {
      outcome.violation("a text of " + ids + " that is " + expected + " alone, " + text);
    }
  }

  /** Closes what is left; some things were dropped before. */
  @Override
  public void close() {
    tuners.takeAll().forEach(tuned -> tuned.tuner.close());
    streams.takeAll().forEach(TokenStream::close);
    logits.takeAll().forEach(Logits::close);
    sessions.takeAll().forEach(LogitSession::close);
    sources.takeAll().forEach(LogitModel::close);
    futures.takeAll();
    witnesses.forEach(tuned -> tuned.tuner.close());
    List.of(adapter, small, base).forEach(LogitModel::close);
  }
}
