package io.proxytune.core.micrometer;

import static com.google.common.base.Preconditions.checkNotNull;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationRequest;
import io.proxytune.GenerationStats;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;

/**
 * Counts and times a tuner's requests in a {@link MeterRegistry}, under the names of
 * OpenTelemetry's <a
 * href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/">semantic conventions
 * for generative AI</a>, which are still in development:
 *
 * <pre>{@code
 * ProxyTuner.builder().base(base).listener(new MicrometerListener(registry)).build()
 * }</pre>
 *
 * <table>
 * <caption>What is measured</caption>
 * <tr><th>meter</th><th>what it is</th></tr>
 * <tr><td>{@code gen_ai.server.request.duration}</td><td>a request, from its start to its end; with
 *   {@code error.type}, the exception's class, or {@code none}</td></tr>
 * <tr><td>{@code gen_ai.server.time_to_first_token}</td><td>from the start to the first token, of
 *   texts that came to their end</td></tr>
 * <tr><td>{@code gen_ai.server.time_per_output_token}</td><td>the mean time of a text's tokens after
 *   the first, of texts that came to their end</td></tr>
 * <tr><td>{@code gen_ai.client.token.usage}</td><td>the tokens of a request, by {@code
 *   gen_ai.token.type}: {@code input} or {@code output}</td></tr>
 * <tr><td>{@code proxytune.requests.active}</td><td>the requests that are under way</td></tr>
 * </table>
 *
 * <p>All have {@code gen_ai.operation.name} ({@code chat} or {@code text_completion}), {@code
 * gen_ai.provider.name} ({@code proxytune}) and {@code gen_ai.request.model} (the base's name).
 * Histograms have the buckets that the conventions ask for.
 *
 * <p><b>Threads:</b> safe for use by several threads and several tuners.
 */
@SuppressWarnings("exports") // whoever uses this has the framework
public final class MicrometerListener implements GenerationListener {
  private static final Duration[] REQUEST =
      seconds(
          0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
  private static final Duration[] FIRST_TOKEN =
      seconds(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10);
  private static final Duration[] PER_TOKEN =
      seconds(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5);

  /** Powers of four, from 1 to 4¹³. */
  private static final double[] TOKENS =
      DoubleStream.iterate(1, tokens -> 4 * tokens).limit(14).toArray();

  private final MeterRegistry registry;

  /** Requests that are under way, which are told apart by identity: tuners number their own. */
  private final Map<Key, LongTaskTimer.Sample> active = new ConcurrentHashMap<>();

  /** A request by identity. */
  private static final class Key {
    private final GenerationRequest request;

    Key(GenerationRequest request) {
      this.request = request;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // what it is for
    public boolean equals(Object other) {
      return other instanceof Key key && key.request == request;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(request);
    }
  }

  /**
   * Measures into a registry.
   *
   * @param registry the registry; the caller closes it
   */
  public MicrometerListener(MeterRegistry registry) {
    this.registry = checkNotNull(registry, "registry");
  }

  private static Duration[] seconds(double... values) {
    return DoubleStream.of(values)
        .mapToObj(value -> Duration.ofNanos(Math.round(value * 1e9)))
        .toArray(Duration[]::new);
  }

  @Override
  public void started(GenerationRequest request) {
    LongTaskTimer timer =
        LongTaskTimer.builder("proxytune.requests.active")
            .description("Requests that are under way")
            .tags(tags(request))
            .register(registry);
    active.put(new Key(request), timer.start());
  }

  @Override
  public void finished(GenerationRequest request, List<Generation> texts, Duration elapsed) {
    ended(request, elapsed, "none");
    int inputs = 0;
    int outputs = 0;
    for (Generation text : texts) {
      GenerationStats stats = text.stats();
      // Several texts of one prompt have read it once.
      inputs += request.prompts().size() == 1 && inputs > 0 ? 0 : stats.promptTokens();
      outputs += stats.generatedTokens();
      if (isWhole(text)) {
        time(request, stats);
      }
    }
    tokens(request, "input", inputs);
    tokens(request, "output", outputs);
  }

  @Override
  public void failed(GenerationRequest request, Throwable cause, Duration elapsed) {
    ended(request, elapsed, cause.getClass().getName());
  }

  private void ended(GenerationRequest request, Duration elapsed, String error) {
    LongTaskTimer.Sample sample = active.remove(new Key(request));
    if (sample != null) {
      sample.stop();
    }
    timer("gen_ai.server.request.duration", "Duration of a request", REQUEST)
        .tags(tags(request).and("error.type", error))
        .register(registry)
        .record(elapsed);
  }

  private static boolean isWhole(Generation text) {
    FinishReason reason = text.finishReason();
    return reason != FinishReason.CANCELLED && reason != FinishReason.DEADLINE;
  }

  private void time(GenerationRequest request, GenerationStats stats) {
    timer("gen_ai.server.time_to_first_token", "Time to the first token", FIRST_TOKEN)
        .tags(tags(request))
        .register(registry)
        .record(stats.timeToFirstToken());
    int more = stats.generatedTokens() - 1;
    if (more > 0) {
      Duration rest = stats.prefill().plus(stats.decode()).minus(stats.timeToFirstToken());
      timer("gen_ai.server.time_per_output_token", "Time per token after the first", PER_TOKEN)
          .tags(tags(request))
          .register(registry)
          .record(rest.dividedBy(more));
    }
  }

  private void tokens(GenerationRequest request, String type, int count) {
    DistributionSummary.builder("gen_ai.client.token.usage")
        .description("Tokens of a request")
        .baseUnit("token")
        .serviceLevelObjectives(TOKENS)
        .tags(tags(request).and("gen_ai.token.type", type))
        .register(registry)
        .record(count);
  }

  private static Timer.Builder timer(String name, String description, Duration[] buckets) {
    return Timer.builder(name).description(description).serviceLevelObjectives(buckets);
  }

  private static Tags tags(GenerationRequest request) {
    boolean chat = request.prompts().stream().anyMatch(prompt -> prompt.messages().isPresent());
    return Tags.of(
        "gen_ai.operation.name",
        chat ? "chat" : "text_completion",
        "gen_ai.provider.name",
        "proxytune",
        "gen_ai.request.model",
        request.model());
  }
}
