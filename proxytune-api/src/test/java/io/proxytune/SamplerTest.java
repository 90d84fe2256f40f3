package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  @Test
  void factoriesSetOneThingEach() {
    assertThat(Sampler.greedy()).isEqualTo(new StandardSampler(0, 0, 1, 0, 1));
    assertThat(Sampler.temperature(0.7)).isEqualTo(new StandardSampler(0.7, 0, 1, 0, 1));
    assertThat(Sampler.topK(5)).isEqualTo(new StandardSampler(1, 5, 1, 0, 1));
    assertThat(Sampler.topP(0.9)).isEqualTo(new StandardSampler(1, 0, 0.9, 0, 1));
    assertThat(Sampler.minP(0.1)).isEqualTo(new StandardSampler(1, 0, 1, 0.1, 1));
    assertThat(Sampler.typicalP(0.2)).isEqualTo(new StandardSampler(1, 0, 1, 0, 0.2));
  }

  @Test
  void settingsCombine() {
    assertThat(Sampler.topP(0.9).withTemperature(0.5).withTopK(3).withMinP(0.1).withTypicalP(0.8))
        .isEqualTo(new StandardSampler(0.5, 3, 0.9, 0.1, 0.8));
    assertThat(Sampler.temperature(1).withTopP(0.5).topP()).isEqualTo(0.5);
  }

  @Test
  void temperatureZeroIsGreedy() {
    assertThat(Sampler.temperature(0).isGreedy()).isTrue();
    assertThat(Sampler.temperature(1e-9).isGreedy()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, INFINITY})
  void temperatureOutOfRange(double temperature) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.temperature(temperature))
        .withMessageContaining("temperature must be finite and >= 0, got " + temperature);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.01, Double.NaN, INFINITY})
  void topPAndTypicalPOutOfRange(double p) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.topP(p))
        .withMessageContaining("topP must be in (0, 1], got " + p);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.typicalP(p))
        .withMessageContaining("typicalP must be in (0, 1], got " + p);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.01, Double.NaN})
  void minPOutOfRange(double p) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.minP(p))
        .withMessageContaining("minP must be in [0, 1], got " + p);
  }

  @Test
  void topKOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sampler.topK(-1))
        .withMessageContaining("topK must be >= 0, got -1");
  }

  @Test
  void endsOfTheRangesAreAllowed() {
    assertThat(new StandardSampler(0, 0, 1, 1, 1).minP()).isEqualTo(1);
    assertThat(Sampler.topP(Double.MIN_VALUE).topP()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, INFINITY})
  void repetitionPenaltyOutOfRange(double penalty) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Penalties.NONE.withRepetition(penalty))
        .withMessageContaining("repetition penalty must be finite and > 0, got " + penalty);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, INFINITY})
  void otherPenaltiesMustBeFinite(double penalty) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Penalties.NONE.withFrequency(penalty))
        .withMessageContaining("frequency penalty must be finite, got " + penalty);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Penalties.NONE.withPresence(penalty))
        .withMessageContaining("presence penalty must be finite, got " + penalty);
    assertThat(Penalties.NONE.withFrequency(-1).withPresence(2)).isEqualTo(new Penalties(1, -1, 2));
  }

  @Test
  void numbersThatMakeNoLogitAreRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Penalties.NONE.withRepetition(1e-300))
        .withMessageContaining("repetition penalty must be from 1.17549435E-38 to 3.4028235E38")
        .withMessageContaining("got 1.0E-300");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Penalties.NONE.withRepetition(1e300))
        .withMessageContaining("got 1.0E300");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Penalties.NONE.withFrequency(-1e300))
        .withMessageContaining("frequency penalty must be at most 3.4028235E38 in magnitude")
        .withMessageContaining("got -1.0E300");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Penalties.NONE.withPresence(1e39))
        .withMessageContaining("presence penalty must be at most");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenerationOptions.defaults().withLogitBias(Map.of(7, 1e300)))
        .withMessage(
            "logit bias of id 7 must be at most 3.4028235E38 in magnitude, the largest logit of"
                + " float32, got 1.0E300");
    assertThat(Penalties.NONE.withFrequency(Float.MAX_VALUE).frequency()).isPositive();
  }
}
