package io.proxytune.bench;

import com.google.common.math.Quantiles;
import io.proxytune.Constraint;
import io.proxytune.GenerationOptions;
import io.proxytune.Sampler;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.constraint.Constraints;
import io.proxytune.core.constraint.VocabularyConstraint;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.torch.sampling.TorchLogitMath;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a constraint adds to a step: (step + pick with mask − pick without) ÷ step, of a three-model
 * step at 32,000 ids and picks at larger vocabularies; there the step itself is longer, so that the
 * true ratios are smaller. All take turns. In a string nearly all tokens are allowed, in a number
 * hardly any, and of the words with a space before them about half; in thoughts, behind which an
 * answer is bound, all that are no half characters. A new mask is that of a state in which no text
 * has been: each text pays for each of its states at most once, and all texts of a constraint
 * together.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 4, time = 6)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class ConstraintBenchmark {
  private static final int STEPS = 256;
  private static final int REPETITIONS = 3;
  private static final int LETTER = 'e';

  /** The vocabularies of SmolLM 2 and Qwen 2. */
  private static final List<Integer> VOCABULARIES = List.of(49_152, 151_936);

  private final Resources resources = new Resources();
  private final List<Pair> pairs = new ArrayList<>();
  private EndlessStream stream;

  /** A pick with a constraint and one without. */
  private record Pair(SamplingCase plain, SamplingCase masked, Figure ratio, boolean moves) {}

  /** Loads the models and makes rows and vocabularies. */
  @Setup
  public void load() {
    RandomTrio models = RandomTrio.load(resources, WeightLayout.PACKED);
    stream = models.stream(resources, GenerationOptions.defaults(), STEPS);
    for (int vocabulary : VOCABULARIES) {
      SamplingRows rows = resources.add(SamplingRows.peaked(vocabulary));
      Constraints constraints = new Constraints(new WordBytes(vocabulary), vocabulary, id -> true);
      for (Sampler sampler : List.of(Sampler.greedy(), Sampler.topP(0.9).withTemperature(0.7))) {
        add(rows, constraints, sampler, "string", Constraint.regex("[^\"\\n]+"), false);
        add(rows, constraints, sampler, "number", Constraint.regex("e?[0-9]+"), false);
        add(rows, constraints, sampler, "half", Constraint.regex("e?(?: [a-z]+)+"), false);
        Constraint answer = Constraint.until("</think>").then(Constraint.json());
        add(rows, constraints, sampler, "thoughts", answer, false);
      }
      Sampler sampled = Sampler.topP(0.9).withTemperature(0.7);
      add(rows, constraints, sampled, "new mask, string", Constraint.regex("[^\"\\n]{9000}"), true);
    }
  }

  private void add(
      SamplingRows rows,
      Constraints constraints,
      Sampler sampler,
      String where,
      Constraint form,
      boolean moves) {
    LogitMath math = new TorchLogitMath();
    VocabularyConstraint constraint = constraints.of(form, Set.of(WordBytes.END), Set.of());
    boolean isGreedy = sampler.equals(Sampler.greedy());
    String name =
        where + ", " + (isGreedy ? "greedy" : "top-p") + ", " + rows.vocabulary() + " ids";
    Figure ratio = Figure.ratio(name + ": step with a constraint / without");
    pairs.add(
        new Pair(
            resources.add(new SamplingCase(math, rows, sampler, ratio)),
            resources.add(new SamplingCase(math, rows, sampler, constraint, ratio)),
            moves ? ratio : ratio.atMost(1.05),
            moves));
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** A step, then each pair of picks. */
  @Benchmark
  public void round() {
    stream.prepare();
    double step = Stopwatch.milliseconds(stream::step);
    Samples.add(Figure.of("three-model step", "ms"), step);
    for (Pair pair : pairs) {
      double[] added = new double[REPETITIONS];
      for (int i = 0; i < REPETITIONS; i++) {
        double plain = Stopwatch.milliseconds(pair.plain::pick);
        if (pair.moves) {
          pair.masked.append(LETTER);
        }
        added[i] = Stopwatch.milliseconds(pair.masked::pick) - plain;
      }
      Samples.add(pair.ratio, (step + Quantiles.median().compute(added)) / step);
    }
  }
}
