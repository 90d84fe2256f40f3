package io.proxytune.core.tuner;

import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitsProcessor;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Sampler;
import io.proxytune.SamplingContext;
import io.proxytune.TokenConstraints;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.model.FunctionLogitSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Random tuners, prompts and options; of each kind of option some have it and some don't. */
public final class RandomRequests {
  private RandomRequests() {}

  /** Logits that depend on the last two ids, so that texts repeat themselves. */
  public static FakeModel markov(String name, long seed, int contextLength) {
    return new FakeModel(
        FunctionLogitSource.of(name, 40, contextLength, ids -> markovRow(ids, seed))
            .withTokenizer(FakeTokenizer.LETTERS)
            .withEndOfTextIds(Set.of(1)));
  }

  /** A model with an end-of-text id more. */
  private static FakeModel ending(String name, long seed) {
    return markov(name, seed, 100).withEndOfTextIds(1, 3);
  }

  private static float[] markovRow(List<Integer> ids, long seed) {
    return FakeModel.hashedRow(ids.subList(Math.max(0, ids.size() - 2), ids.size()), seed, 40);
  }

  /** Fused logits that are the expert's, nearly so, or far from it; or no expert at all. */
  public static DefaultProxyTuner tuner(TunerFixture fixture, Random random) {
    int context = random.nextInt(4) == 0 ? 20 + random.nextInt(10) : 100;
    FakeModel base = markov("base", 1, context);
    double alpha = List.of(1.0, 0.7, 0.3, 1.5, -0.5).get(random.nextInt(5));
    ExpertPair pair = new ExpertPair(ending("expert", 2), markov("anti", 1, context), alpha);
    return switch (random.nextInt(5)) {
      case 0 -> fixture.tuner(base);
      case 1 ->
          fixture.tuner(
              base, pair, new ExpertPair(markov("second", 3, 100), (FakeModel) pair.expert(), 0.2));
      case 2 -> {
        FakeModel anti = markov("anti", 1, context);
        yield fixture.tuner(base, ExpertPair.of(markov("adapter", 2, context).beside(anti), anti));
      }
      default -> fixture.tuner(base, pair);
    };
  }

  public static Prompt prompt(Random random) {
    int[] ids = random.ints(1 + random.nextInt(12), 2, 40).toArray();
    Prompt prompt = Prompt.ofIds(ids);
    return random.nextInt(3) == 0 ? prompt.withText(Role.ANTI_EXPERT, "cat") : prompt;
  }

  /** The application's code, which notes each call. */
  public static final class Code {
    private final List<String> calls = new ArrayList<>();

    /** The calls since the last time. */
    public List<String> taken() {
      List<String> taken = List.copyOf(calls);
      calls.clear();
      return taken;
    }

    private void note(String who, SamplingContext context) {
      calls.add(who + " at " + context.position() + " after " + context.generatedIds());
    }

    private LogitsProcessor processor(String name, int id) {
      return (logits, context) -> {
        note(name, context);
        logits[id] += context.position() % 3;
      };
    }

    private Sampler.Custom sampler() {
      return (logits, context) -> {
        note("sampler", context);
        int best = -1;
        for (int id = 0; id < logits.length; id++) {
          logits[id] += (float) context.gumbel(id);
          best = best < 0 || logits[id] > logits[best] ? id : best;
        }
        return best;
      };
    }
  }

  public static GenerationOptions options(Random random, Code code) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withSampler(sampler(random, code))
            .withSeed(random.nextLong())
            .withMaxNewTokens(10 + random.nextInt(21))
            .withMinNewTokens(random.nextInt(3) == 0 ? random.nextInt(10) : 0)
            .withIgnoreEndOfText(random.nextBoolean());
    if (random.nextInt(3) == 0) {
      options = options.withPenalties(penalties(random));
    }
    if (random.nextInt(3) == 0) {
      options =
          options.withLogitBias(Map.of(random.nextInt(20), 1.5, 20 + random.nextInt(20), -2.0));
    }
    if (random.nextInt(3) == 0) {
      options = options.withBannedIds(Set.of(2 + random.nextInt(38)));
    }
    return withStopsAndReports(options, random, code);
  }

  private static GenerationOptions withConstraints(GenerationOptions options, Random random) {
    TokenConstraints constraints =
        TokenConstraints.NONE
            .withBannedSequences(
                Stream.generate(() -> random.ints(2, 2, 40).boxed().toList()).limit(60).toList())
            .withBannedAtBegin(Set.of(2 + random.nextInt(38)))
            .withNoRepeatNgramSize(random.nextInt(4))
            .withForcedEndIds(Set.of(1, 2));
    return options
        .withMinLength(random.nextInt(25))
        .withMaxLength(25 + random.nextInt(15))
        .withConstraints(random.nextBoolean() ? constraints : constraints.withForcedBeginId(3));
  }

  private static Sampler sampler(Random random, Code code) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> Sampler.greedy();
      case 2 -> Sampler.temperature(0.7);
      case 3 -> Sampler.topK(5).withTemperature(1.3);
      case 4 -> Sampler.topP(0.8);
      case 5 -> Sampler.minP(0.2);
      case 6 -> Sampler.typicalP(0.8);
      default -> code.sampler();
    };
  }

  private static Penalties penalties(Random random) {
    return new Penalties(
        1 + random.nextInt(3) * 0.2, random.nextInt(3) * 0.2, random.nextInt(3) * 0.3);
  }

  private static GenerationOptions withStopsAndReports(
      GenerationOptions options, Random random, Code code) {
    GenerationOptions changed = options;
    if (random.nextInt(4) == 0) {
      changed = changed.withStopIds(Set.of(2 + random.nextInt(38)));
    }
    if (random.nextInt(4) == 0) {
      changed = changed.withStopStrings(List.of("ab", "the", "z", "q ").get(random.nextInt(4)));
    }
    if (random.nextInt(3) == 0) {
      changed = changed.withLogprobs(random.nextInt(3));
    }
    if (random.nextInt(3) == 0) {
      changed = withConstraints(changed, random);
    }
    return random.nextInt(4) == 0
        ? changed.withProcessors(List.of(code.processor("first", 4), code.processor("second", 9)))
        : changed;
  }
}
