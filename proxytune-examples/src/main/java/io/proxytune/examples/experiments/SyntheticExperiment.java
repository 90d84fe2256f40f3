package io.proxytune.examples.experiments;

import static java.util.Objects.requireNonNull;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.Tokenizer;
import io.proxytune.examples.cli.Engine;
import io.proxytune.model.FunctionLogitSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Steers a base by an offset that is known: the expert's logits are the offset itself, the
 * anti-expert's are zero. For one thread.
 */
final class SyntheticExperiment {
  private final Engine engine;
  private final LogitSource base;
  private final Tokenizer tokenizer;
  private final int maxNewTokens;

  /**
   * The texts at one strength.
   *
   * @param logprob the mean over their tokens of the base's own log-probability
   * @param changed the fraction of tokens that are not the base's own choice
   * @param sample the first text
   */
  record Point(double strength, double logprob, double changed, String sample) {
    /** How many tokens the base would have to choose between to be as surprised. */
    double perplexity() {
      return Math.exp(-logprob);
    }
  }

  SyntheticExperiment(Engine engine, LogitSource base, int maxNewTokens) {
    this.engine = engine;
    this.base = base;
    this.tokenizer = base.tokenizer().orElseThrow();
    this.maxNewTokens = maxNewTokens;
  }

  /** An offset of 1 for the tokens of one word, 0 for all others. */
  float[] raising(String word) {
    float[] offset = new float[base.width()];
    for (int id : tokenizer.encode(word, false)) {
      offset[id] = 1;
    }
    return offset;
  }

  /** An offset without meaning: standard normal noise, fixed by a seed. */
  float[] noise(long seed) {
    Random random = new Random(seed);
    float[] offset = new float[base.width()];
    for (int id = 0; id < offset.length; id++) {
      offset[id] = (float) random.nextGaussian();
    }
    return offset;
  }

  Point at(double strength, float[] offset, List<String> prompts) {
    try (LogitSource expert = constant("offset", offset);
        LogitSource antiExpert = constant("zero", new float[offset.length]);
        ProxyTuner tuner =
            engine.tuner(base, List.of(new ExpertPair(expert, antiExpert, strength)), 512)) {
      GenerationOptions options =
          GenerationOptions.defaults()
              .withSpeculation(Speculation.off())
              .withMaxNewTokens(maxNewTokens)
              .withLogprobs(1);
      List<Generation> texts =
          prompts.stream().map(prompt -> tuner.generate(prompt, options)).toList();
      return point(strength, texts);
    }
  }

  private LogitSource constant(String name, float[] logits) {
    return FunctionLogitSource.of(name, logits.length, base.contextLength(), ids -> logits)
        .withTokenizer(tokenizer);
  }

  private static Point point(double strength, List<Generation> texts) {
    List<Token> tokens = texts.stream().flatMap(text -> text.tokens().stream()).toList();
    double[] logprobs = tokens.stream().mapToDouble(token -> ofBase(token).logprob()).toArray();
    long changed = tokens.stream().filter(SyntheticExperiment::isChanged).count();
    return new Point(
        strength,
        Arrays.stream(logprobs).average().orElse(Double.NaN),
        (double) changed / tokens.size(),
        texts.get(0).text().strip());
  }

  private static boolean isChanged(Token token) {
    return ofBase(token).top().get(0).id() != token.id();
  }

  private static TokenLogprobs.OfRole ofBase(Token token) {
    return requireNonNull(token.logprobs()).roles().stream()
        .filter(role -> role.role() == Role.BASE)
        .findFirst()
        .orElseThrow();
  }
}
