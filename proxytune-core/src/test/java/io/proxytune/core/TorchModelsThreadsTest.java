package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchModelsThreadsTest {
  /** A hundred thousand threads once took all process ids of a machine and never ended. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 100_000, Integer.MAX_VALUE})
  void refusesNumbersOfThreadsThatHaveNoProcessor(int threads) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TorchModels.setThreads(threads))
        .withMessageContainingAll(
            "threads must be in [1, " + Runtime.getRuntime().availableProcessors() + "]",
            "got " + threads);
  }
}
