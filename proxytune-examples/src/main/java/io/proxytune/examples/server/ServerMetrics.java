package io.proxytune.examples.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.proxytune.GenerationStats;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.IntSupplier;

/**
 * What a server counts and times, for Prometheus.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
final class ServerMetrics implements AutoCloseable {
  private static final Duration[] FIRST_TOKEN =
      millis(10, 25, 50, 100, 250, 500, 1000, 5000, 20000);
  private static final Duration[] BETWEEN_TOKENS = millis(2, 5, 10, 25, 50, 100, 250, 1000);
  private static final Duration[] REQUEST = millis(10, 50, 100, 500, 1000, 5000, 20000, 60000);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbage = new JvmGcMetrics();
  private final Counter promptTokens;
  private final Counter generatedTokens;
  private final Counter cutOff;
  private final Timer firstToken;
  private final Timer betweenTokens;

  ServerMetrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    garbage.bindTo(registry);
    promptTokens = counter("proxytune.prompt.tokens", "Tokens of prompts that were read");
    generatedTokens = counter("proxytune.generated.tokens", "Tokens that were generated");
    cutOff =
        counter("proxytune.requests.cut.off", "Requests whose client went away, or time was up");
    firstToken =
        timer("proxytune.time.to.first.token", "From a text's beginning to its first token")
            .serviceLevelObjectives(FIRST_TOKEN)
            .register(registry);
    betweenTokens =
        timer("proxytune.time.per.token", "The mean time of a text's tokens after the first")
            .serviceLevelObjectives(BETWEEN_TOKENS)
            .register(registry);
  }

  private static Duration[] millis(int... values) {
    return Arrays.stream(values).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private static Timer.Builder timer(String name, String description) {
    return Timer.builder(name).description(description);
  }

  MeterRegistry registry() {
    return registry;
  }

  /** Shows a number that changes. */
  void gauge(String name, String description, IntSupplier value) {
    Gauge.builder(name, value, IntSupplier::getAsInt)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  void promptTokens(int count) {
    promptTokens.increment(count);
  }

  /** Counts a text that is complete. */
  void generated(GenerationStats stats) {
    int tokens = stats.generatedTokens();
    generatedTokens.increment(tokens);
    if (tokens > 0) {
      firstToken.record(stats.timeToFirstToken());
    }
    if (tokens > 1) {
      betweenTokens.record(stats.decode().dividedBy(tokens));
    }
  }

  /** Counts a request that was ended from outside. */
  void cutOff() {
    cutOff.increment();
  }

  /** Counts and times a request. */
  void answered(String route, int status, Duration time) {
    timer("proxytune.request", "From a request's headers to the end of its answer")
        .tag("route", route)
        .tag("status", Integer.toString(status))
        .serviceLevelObjectives(REQUEST)
        .register(registry)
        .record(time);
  }

  /** All in Prometheus' text format. */
  String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    garbage.close();
    registry.close();
  }
}
