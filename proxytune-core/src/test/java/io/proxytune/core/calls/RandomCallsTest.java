package io.proxytune.core.calls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call gives a documented result or exception, and nothing is left behind. */
@Tag("slow")
@Timeout(300)
class RandomCallsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void endWell(long seed) {
    CallOutcome outcome = RandomCalls.run(seed, 100);
    assertThat(outcome.violations()).isEmpty();
    assertThat(outcome.counts()).containsKeys("done", "a whole text", "IllegalStateException");
  }
}
