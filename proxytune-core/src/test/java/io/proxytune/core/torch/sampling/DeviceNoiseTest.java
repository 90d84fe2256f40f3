package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.core.sampling.Noise;
import io.proxytune.core.torch.TorchScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class DeviceNoiseTest {
  private static final int WIDTH = 5000;
  private static final long[] KEYS = {0, 1, -1, Long.MIN_VALUE, 0x123456789ABCDEFL};

  @Test
  void theBitsAreJavas() {
    for (long key : KEYS) {
      try (TorchScope scope = TorchScope.open()) {
        long[] bits = new long[WIDTH];
        DeviceNoise.bits(key, WIDTH, new Device("cpu")).data_ptr_long().get(bits);
        for (int id = 0; id < WIDTH; id++) {
          assertThat(bits[id]).as("id %s", id).isEqualTo(Noise.bits(key, id));
        }
      }
    }
  }

  @Test
  void theNoiseIsJavasUpToTheLogarithm() {
    for (long key : KEYS) {
      try (TorchScope scope = TorchScope.open()) {
        Tensor noise = DeviceNoise.gumbel(key, WIDTH, new Device("cpu"));
        double[] values = HeapTensors.doubles(noise);
        for (int id = 0; id < WIDTH; id++) {
          assertThat(values[id]).isCloseTo(Noise.gumbel(key, id), within(1e-12));
        }
      }
    }
  }
}
