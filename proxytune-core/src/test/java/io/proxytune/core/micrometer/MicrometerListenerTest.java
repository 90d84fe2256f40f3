package io.proxytune.core.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.proxytune.ChatMessage;
import io.proxytune.ContextLengthException;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationStats;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenStream;
import io.proxytune.model.FunctionLogitSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicrometerListenerTest {
  private static final GenerationOptions FOUR = GenerationOptions.defaults().withMaxNewTokens(4);
  private static final Prompt PROMPT = Prompt.ofIds(1, 2, 3);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ProxyTuner tuner =
      ProxyTuner.builder()
          .base(FunctionLogitSource.of("counting", 10, 50, ids -> row(ids.size())))
          .listener(new MicrometerListener(registry))
          .build();

  private static float[] row(int length) {
    float[] row = new float[10];
    row[length % 10] = 1;
    return row;
  }

  @AfterEach
  void close() {
    tuner.close();
    registry.close();
  }

  private double active() {
    return registry.find("proxytune.requests.active").longTaskTimers().stream()
        .mapToDouble(timer -> timer.activeTasks())
        .sum();
  }

  private DistributionSummary tokens(String type) {
    return registry.get("gen_ai.client.token.usage").tag("gen_ai.token.type", type).summary();
  }

  @Test
  void aTextIsCountedAndTimed() {
    GenerationStats stats = tuner.generate(PROMPT, FOUR).stats();
    assertThat(tokens("input").totalAmount()).isEqualTo(3);
    assertThat(tokens("output").totalAmount()).isEqualTo(4);
    Timer first = registry.get("gen_ai.server.time_to_first_token").timer();
    assertThat(first.totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo((double) stats.timeToFirstToken().toNanos());
    Timer next = registry.get("gen_ai.server.time_per_output_token").timer();
    assertThat(next.count()).isOne();
    assertThat(next.totalTime(TimeUnit.NANOSECONDS)).isPositive();
    Timer whole = registry.get("gen_ai.server.request.duration").tag("error.type", "none").timer();
    assertThat(whole.totalTime(TimeUnit.NANOSECONDS))
        .isGreaterThanOrEqualTo((double) stats.timeToFirstToken().toNanos());
    for (Meter meter : registry.getMeters()) {
      assertThat(meter.getId().getTag("gen_ai.operation.name")).isEqualTo("text_completion");
      assertThat(meter.getId().getTag("gen_ai.provider.name")).isEqualTo("proxytune");
      assertThat(meter.getId().getTag("gen_ai.request.model")).isEqualTo("counting");
    }
    CountAtBucket[] buckets = tokens("input").takeSnapshot().histogramCounts();
    assertThat(Arrays.stream(buckets).map(CountAtBucket::bucket))
        .startsWith(1.0, 4.0, 16.0)
        .endsWith(67108864.0);
  }

  @Test
  void severalTextsOfOnePromptReadItOnce() {
    tuner.generateMany(PROMPT, 3, FOUR);
    assertThat(tokens("input").totalAmount()).isEqualTo(3);
    assertThat(tokens("output").totalAmount()).isEqualTo(12);
    assertThat(registry.get("gen_ai.server.time_to_first_token").timer().count()).isEqualTo(3);
    tuner.generateAll(List.of(PROMPT, PROMPT), FOUR);
    assertThat(tokens("input").totalAmount()).isEqualTo(3 + 6);
    assertThat(tokens("input").count()).isEqualTo(2);
  }

  @Test
  void requestsAreActiveUntilTheyEnd() {
    try (TokenStream stream = tuner.stream(PROMPT, FOUR)) {
      assertThat(stream.iterator().hasNext()).isTrue();
      assertThat(active()).isOne();
    }
    assertThat(active()).isZero();
    assertThat(registry.find("gen_ai.server.time_to_first_token").timer())
        .as("of a text that was left")
        .isNull();
  }

  @Test
  void failuresAreNamed() {
    Prompt tooLong = Prompt.ofIds(IntStream.range(0, 60).map(i -> 1).toArray());
    assertThatThrownBy(() -> tuner.generate(tooLong, FOUR))
        .isInstanceOf(ContextLengthException.class);
    assertThatThrownBy(() -> tuner.generate(Prompt.chat(ChatMessage.user("hi")), FOUR))
        .isInstanceOf(RuntimeException.class);
    assertThat(
            registry
                .get("gen_ai.server.request.duration")
                .tag("error.type", ContextLengthException.class.getName())
                .timer()
                .count())
        .isOne();
    assertThat(
            registry
                .get("gen_ai.server.request.duration")
                .tag("gen_ai.operation.name", "chat")
                .timer()
                .count())
        .isOne();
    assertThat(active()).isZero();
  }
}
