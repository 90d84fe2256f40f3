package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.openblas.global.openblas_nolapack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessSettingsTest {
  private static final int OWN_THREADS = 2;

  private int before;

  @BeforeEach
  void setOwnThreads() {
    TorchRuntime.load();
    before = OpenBlasNumber.get();
    openblas_nolapack.blas_set_num_threads(OWN_THREADS);
  }

  @AfterEach
  void restore() {
    openblas_nolapack.blas_set_num_threads(before);
  }

  @Test
  void blasKeepsToOneThreadUntilTheLastPassEnds() {
    ProcessSettings first = ProcessSettings.enter();
    assertThat(OpenBlasNumber.get()).isEqualTo(1);
    ProcessSettings second = ProcessSettings.enter();
    first.close();
    assertThat(OpenBlasNumber.get()).isEqualTo(1);
    second.close();
    assertThat(OpenBlasNumber.get()).isEqualTo(OWN_THREADS);
  }

  @Test
  void closingTwiceEndsOnePass() {
    ProcessSettings first = ProcessSettings.enter();
    ProcessSettings second = ProcessSettings.enter();
    first.close();
    first.close();
    assertThat(OpenBlasNumber.get()).isEqualTo(1);
    second.close();
    assertThat(OpenBlasNumber.get()).isEqualTo(OWN_THREADS);
  }
}
