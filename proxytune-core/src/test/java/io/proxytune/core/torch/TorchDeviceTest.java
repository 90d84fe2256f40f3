package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.DeviceException;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchDeviceTest {
  @Test
  void theCpuIsAlwaysThere() {
    assertThat(TorchDevice.of("cpu")).isEqualTo(TorchDevice.CPU).hasToString("cpu");
    assertThat(TorchDevice.CPU.isCpu()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "cuda:0", "cuda:7"})
  void cudaOnACpuBuildIsRefusedWithTheReason(String name) {
    assumeFalse(torch.hasCUDA(), "this LibTorch has CUDA");
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> TorchDevice.of(name))
        .withMessageContaining("device " + name + " was asked for, but CUDA is not available")
        .withMessageContaining("the LibTorch on the class path is the CPU build")
        .withMessageContaining("Maven profile gpu")
        .withMessageContaining("or use device cpu");
  }

  @Test
  void aGpuThatTheMachineLacksIsRefused() {
    assumeTrue(torch.cuda_is_available(), "no GPU here");
    assertThat(TorchDevice.of("cuda")).hasToString("cuda:0");
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> TorchDevice.of("cuda:999"))
        .withMessageContaining("device cuda:999 was asked for, but this machine has");
  }
}
