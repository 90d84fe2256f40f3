package io.proxytune.bench;

import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * The same weights and prompts in turns through this library, transformers, llama.cpp and, where it
 * was set up, Jlama, and a table of the ratios with their ranges. {@code side-by-side/setup.sh}
 * brings the peers. Each pair of formats is loaded, measured and freed before the next one.
 *
 * <p>Arguments, all of them optional: {@code rounds=5}, {@code peers=DIR}, {@code
 * scripts=proxytune-bench/side-by-side}, {@code variant=auto} (of llama.cpp's: {@code haswell} is
 * AVX2 alone), {@code only=int8} (a part of a pair's name).
 */
public final class SideBySide {
  private static final long PAUSE = 250;
  private static final List<Pair> PAIRS =
      List.of(
          new Pair("float32", DType.FLOAT32, "none", "transformers", "float32", 0.6, 0.5, 0.8),
          new Pair("bfloat16", DType.BFLOAT16, "none", "transformers", "bfloat16", 0, 0, 0.8),
          new Pair("bfloat16", DType.BFLOAT16, "none", PeerFiles.LLAMA, "BF16", 1, 1, 1),
          new Pair("int8+head", DType.BFLOAT16, "int8+head", PeerFiles.LLAMA, "Q8_0", 1, 1, 1),
          new Pair(
              "int4:32+head", DType.BFLOAT16, "int4:32+head", PeerFiles.LLAMA, "Q4_0", 1, 1, 1),
          new Pair("bfloat16", DType.BFLOAT16, "none", PeerFiles.JLAMA, "BF16", 0, 0, 0),
          new Pair("int4:32+head", DType.BFLOAT16, "int4:32+head", PeerFiles.JLAMA, "Q4", 0, 0, 0));

  private final PeerFiles files;
  private final int rounds;

  private SideBySide(PeerFiles files, int rounds) {
    this.files = files;
    this.rounds = rounds;
  }

  /**
   * Formats that are compared.
   *
   * @param step the goal of the base's step; 0: none
   * @param three that of three models
   * @param prefill that of a prompt
   */
  private record Pair(
      String own,
      DType dtype,
      String quantization,
      String library,
      String format,
      double step,
      double three,
      double prefill) {
    String name() {
      return own + " ÷ " + library + " " + format;
    }

    LoadOptions options() {
      return LoadOptions.defaults()
          .withDType(dtype)
          .withQuantization(Quantization.parse(quantization));
    }
  }

  /**
   * Prints the table.
   *
   * @param args {@code name=value}
   */
  public static void main(String[] args) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      if (parts.length != 2) {
        throw new IllegalArgumentException("arguments are name=value, got " + arg);
      }
      options.put(parts[0], parts[1]);
    }
    Path peers =
        Path.of(options.getOrDefault("peers", DataFolder.path().resolve("peers").toString()));
    Path scripts = Path.of(options.getOrDefault("scripts", "proxytune-bench/side-by-side"));
    PeerFiles files = new PeerFiles(scripts, peers, options.getOrDefault("variant", "auto"));
    TorchRuntime.load();
    System.out.println(Machine.describe() + ", threads " + TorchRuntime.threads());
    System.out.println("| what | ours | peer | ours ÷ peer | range | goal |");
    System.out.println("|---|---|---|---|---|---|");
    int rounds = Integer.parseInt(options.getOrDefault("rounds", "5"));
    SideBySide program = new SideBySide(files, rounds);
    for (Pair pair : PAIRS) {
      boolean wanted = pair.name().contains(options.getOrDefault("only", ""));
      if (wanted && files.has(pair.library)) {
        program.compare(pair);
      }
    }
  }

  private void compare(Pair pair) throws Exception {
    Path data = DataFolder.path();
    List<Path> folders =
        List.of(
            RandomCheckpoint.in(data, ModelShape.BASE, 1),
            RandomCheckpoint.in(data, ModelShape.SMALL, 2),
            RandomCheckpoint.in(data, ModelShape.SMALL, 3));
    try (Resources resources = new Resources()) {
      Peer peer = resources.add(files.start(pair.library, pair.format, folders));
      double peerLoad = peer.milliseconds("load");
      List<LogitModel> models = new ArrayList<>();
      double ownLoad =
          Stopwatch.milliseconds(
              () ->
                  folders.forEach(
                      folder ->
                          models.add(resources.add(TorchModels.load(folder, pair.options())))));
      List<WarmSession> sessions =
          models.stream().map(model -> resources.add(new WarmSession(model, 1))).toList();
      row(pair, "load, three models", 0, List.of(new double[] {ownLoad, peerLoad}));
      Turns turns = new Turns(peer);
      turns.measure(pair, "base, one step", pair.step, sessions.get(0)::run, "step 1");
      Runnable three = () -> WarmSession.runStep(sessions);
      turns.measure(pair, "three models, one step", pair.three, three, "step 3");
      for (int tokens : new int[] {64, 512}) {
        LogitSession session = resources.add(models.get(0).newSession(tokens));
        Segment prompt = new Segment(session, WarmSession.ids(tokens), Segment.Rows.LAST);
        Runnable prefill =
            () -> {
              session.truncate(0);
              models.get(0).forward(List.of(prompt)).close();
            };
        turns.measure(pair, "prefill of " + tokens, pair.prefill, prefill, "prefill " + tokens);
      }
    }
  }

  /** Ours and a peer's by turns; one round before it counts for nothing. */
  private final class Turns {
    private final Peer peer;

    Turns(Peer peer) {
      this.peer = peer;
    }

    void measure(Pair pair, String what, double goal, Runnable own, String command)
        throws InterruptedException {
      int repeats = command.startsWith("step") ? 5 : 1;
      List<double[]> times = new ArrayList<>();
      for (int round = 0; round <= rounds; round++) {
        double ours = best(repeats, () -> Stopwatch.milliseconds(own));
        double theirs = best(repeats, () -> peer.milliseconds(command));
        if (round > 0) {
          times.add(new double[] {ours, theirs});
        }
      }
      row(pair, what, goal, times);
    }

    /** The one before it left its threads waiting: they are given time to sleep. */
    private double best(int repeats, DoubleSupplier milliseconds) throws InterruptedException {
      Thread.sleep(PAUSE);
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < repeats; i++) {
        best = Math.min(best, milliseconds.getAsDouble());
      }
      return best;
    }
  }

  private static void row(Pair pair, String what, double goal, List<double[]> times) {
    double[] ratios =
        times.stream().mapToDouble(pairOf -> pairOf[0] / pairOf[1]).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "| %s, %s | %.1f ms | %.1f ms | %.2f | %.2f to %.2f | %s |%n",
        pair.name(),
        what,
        median(times.stream().mapToDouble(pairOf -> pairOf[0]).toArray()),
        median(times.stream().mapToDouble(pairOf -> pairOf[1]).toArray()),
        median(ratios),
        ratios[0],
        ratios[ratios.length - 1],
        goal == 0 ? "" : "<= " + goal);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
