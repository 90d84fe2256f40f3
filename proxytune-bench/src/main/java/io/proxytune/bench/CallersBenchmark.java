package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.WeightLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
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
 * Threads that each ask for a text of the three models, as a server's do: the tokens of all a
 * second, with the prompts' own passes, beside one thread, and beside one call that asks for as
 * many texts. And how long a reader waits between two tokens, with and without long prompts that
 * arrive meanwhile. Weights are random, and nothing is drafted.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class CallersBenchmark {
  private static final int SHORTEST = 16;
  private static final int TOKENS = 24;
  private static final int LONG_PROMPT = 512;
  private static final int READ_TOKENS = 48;

  private final Resources resources = new Resources();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private RandomTrio models;

  /** Loads the models. */
  @Setup
  public void load() {
    models = RandomTrio.load(resources, WeightLayout.PACKED);
  }

  /** Frees the models. */
  @TearDown
  public void close() throws Exception {
    threads.shutdownNow();
    resources.close();
  }

  private static GenerationOptions options(int tokens) {
    return GenerationOptions.defaults()
        .withSpeculation(Speculation.off())
        .withIgnoreEndOfText(true)
        .withMaxNewTokens(tokens);
  }

  private static Prompt prompt(int caller) {
    return Prompt.ofIds(WarmSession.ids(SHORTEST + 5 * (caller % 8)));
  }

  /** One, eight in one call, eight callers, 32 callers, one again. */
  @Benchmark
  public void callers() throws Exception {
    double before = ratesOf(1);
    double oneCall = 8 * TOKENS / Stopwatch.milliseconds(this::generateEight);
    double eight = ratesOf(8);
    double many = ratesOf(32);
    double one = (before + ratesOf(1)) / 2;
    Samples.add(Figure.ratio("8 callers / one, tokens a second").atLeast(5), eight / one);
    Samples.add(
        Figure.ratio("8 callers / 8 prompts in one call, tokens a second").atLeast(0.95),
        eight / oneCall);
    Samples.add(Figure.ratio("32 callers / 8, tokens a second").atLeast(1.5), many / eight);
    Samples.add(Figure.of("time of a token, one caller", "ms"), 1 / one);
    Samples.add(Figure.of("time of a token of all, 8 callers", "ms"), 1 / eight);
    Samples.add(Figure.of("time of a token of all, 32 callers", "ms"), 1 / many);
  }

  private void generateEight() {
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      prompts.add(prompt(i));
    }
    models.tuner().generateAll(prompts, options(TOKENS));
  }

  /** Tokens a millisecond. */
  private double ratesOf(int callers) throws Exception {
    long start = System.nanoTime();
    List<Callable<Object>> work = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      Prompt prompt = prompt(i);
      work.add(() -> models.tuner().generate(prompt, options(TOKENS)));
    }
    await(start(work));
    return callers * TOKENS / ((System.nanoTime() - start) / 1e6);
  }

  private <T> List<Future<T>> start(List<Callable<T>> work) {
    List<Future<T>> started = new ArrayList<>();
    work.forEach(each -> started.add(threads.submit(each)));
    return started;
  }

  private static <T> List<T> await(List<Future<T>> started)
      throws InterruptedException, ExecutionException {
    List<T> results = new ArrayList<>();
    for (Future<T> each : started) {
      results.add(each.get());
    }
    return results;
  }

  /** Eight readers alone, then while prompts arrive. */
  @Benchmark
  public void pauses() throws Exception {
    double alone = p95Pause();
    AtomicBoolean enough = new AtomicBoolean();
    Future<Integer> prompts = threads.submit(() -> readPromptsUntil(enough));
    double among = p95Pause();
    enough.set(true);
    Samples.add(Figure.of("long prompts read meanwhile", ""), prompts.get());
    Samples.add(Figure.of("p95 between tokens, 8 readers", "ms"), alone);
    Samples.add(Figure.of("p95 between tokens, while prompts of 512 tokens arrive", "ms"), among);
    Samples.add(
        Figure.ratio("p95 between tokens, while prompts arrive / alone").atMost(1.5),
        among / alone);
  }

  private int readPromptsUntil(AtomicBoolean enough) {
    int read = 0;
    while (!enough.get()) {
      int begin = ++read; // no two alike
      int[] ids = IntStream.range(0, LONG_PROMPT).map(i -> 3 + (begin * 31 + i) % 5000).toArray();
      models.tuner().generate(Prompt.ofIds(ids), options(1));
    }
    return read;
  }

  private double p95Pause() throws Exception {
    List<Callable<double[]>> readers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Prompt prompt = prompt(i);
      readers.add(() -> readPauses(prompt));
    }
    double[] all = await(start(readers)).stream().flatMapToDouble(Arrays::stream).toArray();
    Arrays.sort(all);
    return all[(int) (0.95 * (all.length - 1))];
  }

  private double[] readPauses(Prompt prompt) {
    double[] pauses = new double[READ_TOKENS - 1];
    try (TokenStream stream = models.tuner().stream(prompt, options(READ_TOKENS))) {
      long last = 0;
      for (Token token : stream) {
        long now = System.nanoTime();
        if (token.index() > 0) {
          pauses[token.index() - 1] = (now - last) / 1e6;
        }
        last = now;
      }
    }
    return pauses;
  }
}
