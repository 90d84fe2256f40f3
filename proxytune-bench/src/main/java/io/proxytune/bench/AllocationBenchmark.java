package io.proxytune.bench;

import com.sun.management.ThreadMXBean;
import io.proxytune.GenerationOptions;
import io.proxytune.Sampler;
import io.proxytune.core.WeightLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
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
 * Bytes allocated on the JVM's heap by a decoding step, at two vocabularies. The models are thin,
 * with as many layers as at real size, since what is allocated depends on the number of operators
 * and, were it wrong, on the vocabulary; not on the width.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 6)
@Measurement(iterations = 3, time = 6)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class AllocationBenchmark {
  private static final int STEPS = 256;
  private static final int STEPS_A_ROUND = 16;
  private static final int SMALLER = 32_000;
  private static final int LARGER = 151_936;

  private final Resources resources = new Resources();
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private EndlessStream greedySmaller;
  private EndlessStream greedyLarger;
  private EndlessStream topPSmaller;
  private EndlessStream topPLarger;

  /** Loads the models. */
  @Setup
  public void load() {
    GenerationOptions greedy = GenerationOptions.defaults();
    GenerationOptions topP =
        greedy.withSampler(Sampler.topP(0.9).withTemperature(0.7)).withSeed(42);
    RandomTrio smaller = thin(SMALLER);
    greedySmaller = smaller.stream(resources, greedy, STEPS);
    topPSmaller = smaller.stream(resources, topP, STEPS);
    RandomTrio larger = thin(LARGER);
    greedyLarger = larger.stream(resources, greedy, STEPS);
    topPLarger = larger.stream(resources, topP, STEPS);
  }

  private RandomTrio thin(int vocabulary) {
    return RandomTrio.load(
        resources,
        new ModelShape("thin-base-" + vocabulary, 256, 22, 4, 4, 704, vocabulary),
        new ModelShape("thin-small-" + vocabulary, 256, 12, 4, 4, 704, vocabulary),
        WeightLayout.PACKED);
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    resources.close();
  }

  /** Some steps of each stream. */
  @Benchmark
  public void round() {
    report("greedy", greedySmaller, greedyLarger);
    report("top-p 0.9 at 0.7", topPSmaller, topPLarger);
  }

  private void report(String sampler, EndlessStream smaller, EndlessStream larger) {
    double least = bytesPerStep(smaller);
    double most = bytesPerStep(larger);
    Samples.add(Figure.of(sampler + ", " + SMALLER + ": heap a step", "bytes"), least);
    Samples.add(Figure.of(sampler + ", " + LARGER + ": heap a step", "bytes"), most);
    Samples.add(
        Figure.ratio(sampler + ": heap a step, " + LARGER + " / " + SMALLER).atMost(1.10),
        most / least);
  }

  private double bytesPerStep(EndlessStream stream) {
    long bytes = 0;
    for (int i = 0; i < STEPS_A_ROUND; i++) {
      stream.prepare();
      long before = allocated();
      stream.step();
      bytes += allocated() - before;
    }
    return (double) bytes / STEPS_A_ROUND;
  }

  /** By all threads: a step is not done by its caller alone. */
  private long allocated() {
    return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
        .filter(bytes -> bytes > 0) // −1: the thread has ended
        .sum();
  }
}
