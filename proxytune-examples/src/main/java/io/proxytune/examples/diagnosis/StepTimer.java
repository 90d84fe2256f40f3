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
import java.util.List;
import java.util.function.DoubleSupplier;

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
  private final List<RoleModel> models;

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
    this.models = List.copyOf(models);
  }

  /**
   * Measures.
   *
   * @param prompt what is read before the first token; cut to 512 tokens, and to what leaves room
   *     in each context
   */
  public StepTimes measure(int[] prompt) {
    int context = models.stream().mapToInt(it -> it.model().contextLength()).min().orElseThrow();
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
    List<LogitSession> sessions = new ArrayList<>();
    try {
      List<DoubleSupplier> passes = new ArrayList<>();
      for (RoleModel each : models) {
        LogitSession session = begin(each.model(), prompt);
        sessions.add(session);
        passes.add(() -> pass(each.model(), session));
      }
      double[] medians = medians(passes, WARM_UP, ROUNDS);
      List<StepTimes.RoleTime> roles = new ArrayList<>();
      for (int i = 0; i < medians.length; i++) {
        roles.add(new StepTimes.RoleTime(models.get(i).role(), medians[i]));
      }
      return roles;
    } finally {
      sessions.forEach(LogitSession::close);
    }
  }

  /** Which ids are read does not matter to the time that it takes, but each must be one. */
  private static LogitSession begin(LogitModel model, int[] prompt) {
    LogitSession session = model.newSession(prompt.length + 1);
    int[] ids = Arrays.stream(prompt).map(id -> Math.min(id, model.width() - 1)).toArray();
    model.host().forward(List.of(new Segment(session, ids, Segment.Rows.LAST))).close();
    return session;
  }

  private static double pass(LogitModel model, LogitSession session) {
    int before = session.position();
    long start = System.nanoTime();
    Segment segment = new Segment(session, new int[] {0}, Segment.Rows.LAST);
    try (Logits logits = model.host().forward(List.of(segment))) {
      logits.row(0); // waits for the device
    }
    double time = (System.nanoTime() - start) / 1e6;
    session.truncate(before);
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
