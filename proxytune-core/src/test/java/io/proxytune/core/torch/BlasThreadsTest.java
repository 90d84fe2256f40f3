package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlasThreadsTest {
  private int before;

  @BeforeEach
  void remember() {
    TorchRuntime.load();
    before = BlasThreads.get();
  }

  @AfterEach
  void restore() {
    BlasThreads.set(before);
  }

  @Test
  void openBlasHasTheNumberThatWasSet() {
    BlasThreads.set(1);
    assertThat(OpenBlasNumber.get()).isEqualTo(1);
    assertThat(BlasThreads.get()).isEqualTo(1);
    BlasThreads.set(2);
    assertThat(OpenBlasNumber.get()).isEqualTo(2);
    assertThat(BlasThreads.get()).isEqualTo(2);
  }
}
