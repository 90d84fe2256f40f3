package io.proxytune.bench;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Search;
import io.proxytune.Speculation;
import io.proxytune.Strength;
import io.proxytune.Token;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Does much with the shipped family in one process, and shows whether memory, threads and files
 * stay as they are: tokens with speculation, filters, adapters and quantization on and off; loads;
 * short requests; streams that are left after one token and never closed; and requests of many
 * threads at once.
 *
 * <pre>{@code
 * java -cp proxytune-bench/target/benchmarks.jar io.proxytune.bench.Endurance
 * java -cp proxytune-bench/target/benchmarks.jar io.proxytune.bench.Endurance tokens=5000 loads=50
 * }</pre>
 *
 * <p>Ends with status 1 if something grew.
 */
public final class Endurance {
  private static final Map<String, Long> FULL =
      Map.of(
          "tokens",
          200_000L,
          "loads",
          1_000L,
          "requests",
          10_000L,
          "streams",
          10_000L,
          "callers",
          10_000L,
          "fusions",
          40_000L);

  /** What is not plain proxy-tuning, by its name. */
  private static final Map<String, Fusion> FUSIONS =
      Map.of(
          "experts not asked where the base is sure",
          Fusion.proxyTuning().withStrength(Strength.whereEntropyIsAtLeast(0.1)),
          "matched strength, the base's top-p",
          Fusion.proxyTuning()
              .withStrength(Strength.klMatched())
              .withCandidates(CandidateSet.topP(0.9)),
          "probabilities, the first tokens",
          Fusion.proxyTuning()
              .withSpace(Fusion.Space.PROBABILITIES)
              .withStrength(Strength.firstTokens(8)));

  private final List<String> questions = TestQuestions.of("question", 40);
  private final Path family = WidenedFamily.shipped();

  private Endurance() {}

  /**
   * Runs the parts.
   *
   * @param args parts with how much of each to do, such as {@code loads=50}; none does everything
   */
  public static void main(String... args) {
    // Ten thousand streams are dropped on purpose.
    System.setProperty("org.slf4j.simpleLogger.log.io.proxytune.core.lifetime", "error");
    Map<String, Long> wanted = args.length == 0 ? FULL : parse(args);
    Endurance endurance = new Endurance();
    List<EndurancePart> parts = new ArrayList<>();
    System.out.printf("%s%n%n%s", Machine.describe(), EndurancePart.heading());
    for (String part : List.of("tokens", "loads", "requests", "streams", "callers", "fusions")) {
      long count = wanted.getOrDefault(part, 0L);
      if (count > 0) {
        for (EndurancePart run : endurance.run(part, count)) {
          System.out.print(run.line());
          parts.add(run);
        }
      }
    }
    System.exit(parts.stream().allMatch(EndurancePart::isFlat) ? 0 : 1);
  }

  private static Map<String, Long> parse(String... args) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (String arg : args) {
      List<String> halves = Arrays.asList(arg.split("=", 2));
      if (halves.size() != 2 || !FULL.containsKey(halves.get(0))) {
        throw new IllegalArgumentException(
            "expected parts of " + FULL.keySet() + " such as loads=50, got " + arg);
      }
      counts.put(halves.get(0), Long.parseLong(halves.get(1)));
    }
    return counts;
  }

  private List<EndurancePart> run(String part, long count) {
    return switch (part) {
      case "tokens" -> tokens(count);
      case "loads" -> List.of(EndurancePart.run("loads", count, this::load));
      case "requests" -> List.of(withTuner(tuner -> requests(tuner, count)));
      case "streams" -> List.of(withTuner(tuner -> streams(tuner, count)));
      case "callers" -> List.of(callers(count));
      case "fusions" -> fusions(count);
      default -> throw new AssertionError(part);
    };
  }

  private interface TunerWork {
    EndurancePart run(ProxyTuner tuner);
  }

  private EndurancePart withTuner(TunerWork work) {
    try (Trio trio = new Trio(family, LoadOptions.defaults(), true)) {
      return work.run(trio.tuner);
    }
  }

  /** In float32, in which a text together with others has the ids that it has alone. */
  private EndurancePart callers(long count) {
    LoadOptions wide = LoadOptions.defaults().withDType(DType.FLOAT32);
    try (Trio trio = new Trio(family, wide, wide, true)) {
      return ManyCallers.run(trio.tuner, questions, count);
    }
  }

  /** The family's models in a tuner, the expert as a copy or as an adapter beside the small one. */
  private static final class Trio implements AutoCloseable {
    private final LogitSource base;
    private final LogitSource small;
    private final LogitSource expert;
    private final ProxyTuner tuner;

    Trio(Path family, LoadOptions options, boolean adapter) {
      this(family, options, LoadOptions.defaults(), adapter);
    }

    Trio(Path family, LoadOptions options, LoadOptions smallOptions, boolean adapter) {
      base = TorchModels.load(family.resolve("base"), options);
      small = TorchModels.load(family.resolve("small"), smallOptions);
      expert =
          adapter
              ? TorchModels.loadAdapter(small, family.resolve("expert-lora"))
              : TorchModels.load(family.resolve("expert"), smallOptions);
      tuner = fused(Fusion.proxyTuning());
    }

    /** Another tuner of the same models; the caller closes it. */
    ProxyTuner fused(Fusion fusion) {
      return ProxyTuner.builder()
          .base(base)
          .expert(expert)
          .antiExpert(small)
          .fusion(fusion)
          .build();
    }

    @Override
    public void close() {
      tuner.close();
      List.of(expert, small, base).forEach(LogitSource::close);
    }
  }

  private static GenerationOptions options(int tokens) {
    return GenerationOptions.defaults().withMaxNewTokens(tokens).withIgnoreEndOfText(true);
  }

  private static GenerationOptions filtered(GenerationOptions options) {
    return options
        .withSampler(Sampler.topP(0.9).withTopK(40).withMinP(0.01).withTypicalP(0.95))
        .withPenalties(new Penalties(1.1, 0.1, 0.1));
  }

  private String question(long index) {
    return questions.get((int) (index % questions.size()));
  }

  /**
   * An eighth for each kind of expert and base, in both of which speculation and filters change.
   */
  private List<EndurancePart> tokens(long count) {
    List<EndurancePart> parts = new ArrayList<>();
    for (Quantization quantization : List.of(Quantization.none(), Quantization.int8())) {
      for (boolean adapter : new boolean[] {false, true}) {
        try (Trio trio =
            new Trio(family, LoadOptions.defaults().withQuantization(quantization), adapter)) {
          String kind = (adapter ? "adapter, " : "expert, ") + quantization;
          parts.add(tokens("tokens, no speculation, " + kind, count / 8, trio, Speculation.off()));
          parts.add(tokens("tokens, speculation, " + kind, count / 8, trio, Speculation.auto()));
        }
      }
    }
    return parts;
  }

  private EndurancePart tokens(String name, long count, Trio trio, Speculation speculation) {
    GenerationOptions plain = options(64).withSpeculation(speculation);
    return EndurancePart.run(
        name,
        count,
        done -> {
          GenerationOptions one = (done / 64) % 2 == 0 ? plain : filtered(plain);
          return trio.tuner.generate(question(done / 64), one.withSeed(done)).tokenIds().size();
        });
  }

  /** Texts with and without traces, and searches, in turn. */
  private List<EndurancePart> fusions(long count) {
    List<EndurancePart> parts = new ArrayList<>();
    try (Trio trio = new Trio(family, LoadOptions.defaults(), true)) {
      for (Map.Entry<String, Fusion> each : FUSIONS.entrySet()) {
        try (ProxyTuner tuner = trio.fused(each.getValue())) {
          String name = "tokens, " + each.getKey();
          parts.add(
              EndurancePart.run(name, count / FUSIONS.size(), done -> fusedText(tuner, done)));
        }
      }
    }
    return parts;
  }

  private long fusedText(ProxyTuner tuner, long done) {
    int turn = (int) (done / 64 % 3);
    GenerationOptions options = options(64).withSeed(done).withTrace(turn == 1);
    Prompt prompt = Prompt.of(question(done / 64));
    if (turn < 2) {
      return tuner.generate(prompt, options).tokenIds().size();
    }
    GenerationOptions sampled = options.withSampler(Sampler.temperature(1));
    return tuner.search(prompt, Search.beam(2, 2, 16), sampled).size() * 64L;
  }

  /** A load and a pass of each kind in turn. */
  private long load(long done) {
    LoadOptions plain = LoadOptions.defaults();
    switch ((int) (done % 4)) {
      case 0 -> new Trio(family, plain, done % 8 == 0).close();
      case 1 -> pass(family.resolve("base"), plain.withQuantization(Quantization.int4()));
      case 2 -> pass(family.resolve("base"), plain.withQuantization(Quantization.int8()));
      default -> pass(family.resolve("small"), plain.withAdapter(family.resolve("expert-lora")));
    }
    return done % 4 == 0 ? 3 : 1;
  }

  private void pass(Path folder, LoadOptions options) {
    try (LogitSource model = TorchModels.load(folder, options);
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      tuner.generate(questions.get(0), options(2));
    }
  }

  private EndurancePart requests(ProxyTuner tuner, long count) {
    return EndurancePart.run(
        "short requests",
        count,
        done -> {
          Prompt prompt = Prompt.of(question(done));
          switch ((int) (done % 5)) {
            case 0 -> tuner.generateMany(prompt, 2, filtered(options(3)));
            case 1 -> tuner.generateAsync(prompt, options(3)).join();
            case 2 -> tuner.choose(prompt, List.of(" The flute.", " A lizard."));
            case 3 -> tuner.generate(prompt, options(3).withLogprobs(3));
            default -> tuner.generate(prompt, options(3), token -> {});
          }
          return 1;
        });
  }

  private EndurancePart streams(ProxyTuner tuner, long count) {
    return EndurancePart.run(
        "streams left after one token",
        count,
        done -> {
          for (Token token : tuner.stream(question(done), options(64))) {
            return token.index() + 1L;
          }
          throw new IllegalStateException("a text without a token");
        });
  }
}
