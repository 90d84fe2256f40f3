package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.ProxyTunerBuilder;
import io.proxytune.Speculation;
import io.proxytune.core.TorchModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How fast a model decodes with each number of threads, alone and beside loops that never pause:
 * two threads must not be slower than one because another program wants a core. The numbers of
 * threads are measured in turns; a figure is the median of the rounds. Under a quota, run it in a
 * control group that has one.
 *
 * <pre>{@code
 * java -cp proxytune-bench/target/benchmarks.jar io.proxytune.bench.Neighbours
 * java -cp proxytune-bench/target/benchmarks.jar io.proxytune.bench.Neighbours loops=0 rounds=5
 * }</pre>
 */
public final class Neighbours {
  private static final int DEFAULT_THREADS = 0;

  private final Map<String, Integer> settings;

  private Neighbours(Map<String, Integer> settings) {
    this.settings = settings;
  }

  /**
   * Measures.
   *
   * @param args settings such as {@code loops=1}: the most loops beside, the rounds, and the tokens
   *     of a text
   */
  public static void main(String... args) {
    Map<String, Integer> settings =
        new TreeMap<>(Map.of("loops", 2, "rounds", 3, "tokens", 48, "large", 0));
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      if (parts.length != 2 || settings.put(parts[0], Integer.parseInt(parts[1])) == null) {
        throw new IllegalArgumentException(
            "expected one of " + settings.keySet() + "=N, got " + arg);
      }
    }
    System.out.println(Machine.describe());
    System.out.println("| model | loops | threads: tokens/s |");
    System.out.println("|---|---|---|");
    new Neighbours(settings).run();
  }

  private void run() {
    Map<String, Path> models = new LinkedHashMap<>();
    models.put("family, small", WidenedFamily.shipped().resolve("small"));
    models.put("family, base", WidenedFamily.shipped().resolve("base"));
    models.put("768 × 12", RandomCheckpoint.in(DataFolder.path(), ModelShape.SMALL, 1));
    if (settings.get("large") > 0) {
      models.put("2048 × 22", RandomCheckpoint.in(DataFolder.path(), ModelShape.BASE, 1));
    }
    models.forEach(this::measure);
  }

  private void measure(String name, Path folder) {
    try (LogitSource model = TorchModels.load(folder)) {
      for (int loops = 0; loops <= settings.get("loops"); loops++) {
        List<Thread> beside = start(loops);
        System.out.printf("| %s | %d | %s |%n", name, loops, rates(model));
        beside.forEach(Thread::interrupt);
      }
    }
  }

  private static List<Thread> start(int loops) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < loops; i++) {
      Thread thread = new Thread(Neighbours::loop, "neighbour");
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  private static void loop() {
    while (!Thread.currentThread().isInterrupted()) {
      // a program that needs a whole core
    }
  }

  private String rates(LogitSource model) {
    Map<Integer, List<Double>> rates = new TreeMap<>();
    for (int round = 0; round <= settings.get("rounds"); round++) {
      for (int threads = 0; threads <= Runtime.getRuntime().availableProcessors(); threads++) {
        double rate = rate(model, threads);
        if (round > 0) { // the first warms up
          rates.computeIfAbsent(threads, none -> new ArrayList<>()).add(rate);
        }
      }
    }
    List<String> cells = new ArrayList<>();
    rates.forEach((threads, all) -> cells.add(cell(threads, all)));
    return String.join(", ", cells);
  }

  private static String cell(int threads, List<Double> rates) {
    double[] sorted = rates.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "%s: %.0f (%.0f to %.0f)",
        threads == DEFAULT_THREADS ? "default" : threads,
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1]);
  }

  /** Tokens a second of one text, prompt included. */
  private double rate(LogitSource model, int threads) {
    int tokens = settings.get("tokens");
    GenerationOptions options =
        GenerationOptions.defaults()
            .withMaxNewTokens(tokens)
            .withIgnoreEndOfText(true)
            .withSpeculation(Speculation.off());
    ProxyTunerBuilder builder = ProxyTuner.builder().base(model);
    if (threads != DEFAULT_THREADS) {
      builder.threads(threads);
    }
    int[] prompt = new int[8];
    Arrays.setAll(prompt, i -> 3 + i);
    try (ProxyTuner tuner = builder.build()) {
      double milliseconds =
          Stopwatch.milliseconds(() -> tuner.generate(Prompt.ofIds(prompt), options));
      return tokens * 1000 / milliseconds;
    }
  }
}
