package io.proxytune.examples.diagnosis;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/**
 * Times passes of one token, model by model, and whole texts, steered and not, in turns: what else
 * the machine does meanwhile weighs on all alike. For one thread.
 */
public final class StepTimer {
  private static final int WARM_UP = 3;
  private static final int ROUNDS = 20;
  private static final long ENOUGH_NANOS = 10_000_000_000L;

  /** With fewer new tokens a text is too short to be timed. */
  private static final int TOKENS = 16;

  private static final int TEXTS = 7;
  private static final int LONGEST_PROMPT = 512;

  private final ProxyTuner steered;
  private final ProxyTuner base;
  private final List<Pass> passes;

  /**
   * A model of a step.
   *
   * @param role for people
   */
  public record RoleModel(String role, LogitModel model) {}

  /**
   * Prepares.
   *
   * @param models in the order of the roles, the base first
   */
  public StepTimer(ProxyTuner steered, ProxyTuner base, List<RoleModel> models) {
    this.steered = steered;
    this.base = base;
    this.passes = passes(models);
  }

  /**
   * What a step runs at once: models of the same weights, such as an adapter and its host.
   *
   * @param host runs it
   * @param roles what its models are for
   * @param models each once, as roles with the same model read the same tokens
   */
  private record Pass(LogitModel host, List<String> roles, Set<LogitModel> models) {
    private String name() {
      return String.join(" and ", roles);
    }
  }

  private static List<Pass> passes(List<RoleModel> models) {
    Map<LogitModel, Pass> passes = new LinkedHashMap<>();
    for (RoleModel each : models) {
      LogitModel host = each.model().host();
      Pass pass =
          passes.computeIfAbsent(
              host, it -> new Pass(it, new ArrayList<>(), new LinkedHashSet<>()));
      pass.roles.add(each.role());
      pass.models.add(each.model());
    }
    return List.copyOf(passes.values());
  }

  /**
   * Measures.
   *
   * @param prompt what is read before the first token; cut to 512 tokens, and to what leaves room
   *     in each context
   */
  public StepTimes measure(int[] prompt) {
    int context =
        passes.stream()
            .flatMap(pass -> pass.models.stream())
            .mapToInt(LogitModel::contextLength)
            .min()
            .orElseThrow();
    int room = Math.max(1, Math.min(LONGEST_PROMPT, context - TOKENS));
    int[] read = Arrays.copyOf(prompt, Math.min(prompt.length, room));
    List<StepTimes.RoleTime> roles = roles(read);
    double[] texts =
        medians(
            List.of(() -> millisecondsAToken(steered, read), () -> millisecondsAToken(base, read)),
            1,
            TEXTS);
    return new StepTimes(roles, texts[0], texts[1]);
  }

  private List<StepTimes.RoleTime> roles(int[] prompt) {
    List<LogitSession> open = new ArrayList<>();
    try {
      List<DoubleSupplier> measured = new ArrayList<>();
      for (Pass pass : passes) {
        List<LogitSession> sessions = new ArrayList<>();
        for (LogitModel model : pass.models) {
          LogitSession session = model.newSession(prompt.length + 1);
          open.add(session);
          sessions.add(session);
          read(pass.host, session, prompt);
        }
        measured.add(() -> milliseconds(pass.host, sessions));
      }
      double[] medians = medians(measured, WARM_UP, ROUNDS);
      return IntStream.range(0, medians.length)
          .mapToObj(i -> new StepTimes.RoleTime(passes.get(i).name(), medians[i]))
          .toList();
    } finally {
      open.forEach(LogitSession::close);
    }
  }

  /** Which ids are read does not matter to the time that it takes, but each must be one. */
  private static void read(LogitModel host, LogitSession session, int[] prompt) {
    int[] ids = Arrays.stream(prompt).map(id -> Math.min(id, host.width() - 1)).toArray();
    host.forward(List.of(new Segment(session, ids, Segment.Rows.LAST))).close();
  }

  /** Of a token more in each session, which is forgotten again. */
  private static double milliseconds(LogitModel host, List<LogitSession> sessions) {
    List<Segment> segments =
        sessions.stream().map(it -> new Segment(it, new int[] {0}, Segment.Rows.LAST)).toList();
    long start = System.nanoTime();
    try (Logits logits = host.forward(segments)) {
      logits.row(0); // waits for the device
    }
    double time = (System.nanoTime() - start) / 1e6;
    sessions.forEach(session -> session.truncate(session.position() - 1));
    return time;
  }

  private static double millisecondsAToken(ProxyTuner tuner, int[] prompt) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withSpeculation(Speculation.off())
            .withIgnoreEndOfText(true)
            .withMaxNewTokens(TOKENS);
    Generation text = tuner.generate(Prompt.ofIds(prompt), options);
    int decoded = Math.max(1, text.tokenIds().size() - 1); // the first belongs to prefill
    return text.stats().decode().toNanos() / 1e6 / decoded;
  }

  /** The median of each, measured in turns, until there are enough rounds or time is up. */
  private static double[] medians(List<DoubleSupplier> measured, int warmUp, int rounds) {
    List<List<Double>> times = new ArrayList<>();
    measured.forEach(it -> times.add(new ArrayList<>()));
    long start = System.nanoTime();
    for (int round = 0; round < warmUp + rounds; round++) {
      for (int i = 0; i < measured.size(); i++) {
        double time = measured.get(i).getAsDouble();
        if (round >= warmUp) {
          times.get(i).add(time);
        }
      }
      if (round >= warmUp && System.nanoTime() - start > ENOUGH_NANOS) {
        break;
      }
    }
    return times.stream().mapToDouble(StepTimer::median).toArray();
  }

  private static double median(List<Double> times) {
    List<Double> sorted = times.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
