package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadOptionsTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "CPU", "cuda:", "cuda:-1", "cuda:x", "cuda:99999", "cuda:0 "})
  void badDevicesAreRefused(String device) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoadOptions.defaults().withDevice(device))
        .withMessage("device must be cpu or cuda:N, got \"%s\"", device);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "cuda", "cuda:0", "cuda:12"})
  void deviceNamesAreTaken(String device) {
    assertThat(LoadOptions.defaults().withDevice(device).device()).isEqualTo(device);
  }
}
