package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.core.torch.TorchScope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowLookupTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  @Test
  void rowsOfAHeadLookAtItsKeys() {
    try (TorchScope scope = TorchScope.open()) {
      RowLookup lookup = RowLookup.of(2, 2, 3, 10, 2);
      assertThat(numbers(lookup.places()))
          .containsExactly(0, 1, 2, 0, 1, 2, 10, 11, 12, 10, 11, 12);
      assertThat(numbers(lookup.firsts())).containsExactly(0, 3, 6, 9);
      assertThat(numbers(lookup.numbers())).containsExactly(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3);
      assertThat(numbers(lookup.starts())).containsExactly(0, 2, 3, 5, 6, 8, 9, 11);
    }
  }

  private static int[] numbers(Tensor tensor) {
    int[] numbers = new int[(int) tensor.numel()];
    tensor.data_ptr_int().get(numbers);
    return numbers;
  }

  /** A pass looks places up once for all layers of a kernel, by the memory of the first. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void layersOfAKernelHaveAsMuchMemory(boolean slides) {
    int shared = 0;
    for (int seed = 1; seed <= 80; seed++) {
      DecoderSpec spec = RandomDecoder.of(new Random(seed), seed % 2 == 0);
      shared += ComputeThread.inScope(() -> layersThatShareAKernel(spec, slides));
    }
    assertThat(shared).as("layers that are not a kernel's first").isPositive();
  }

  private static int layersThatShareAKernel(DecoderSpec spec, boolean slides) {
    torch.manual_seed(1);
    RandomWeights weights = RandomWeights.of(spec, RandomDecodersTest.plain());
    Placement whole = Placement.of(TorchDevice.CPU, spec.layers().size());
    try (Decoder decoder = new DecoderAssembly(spec, whole, List.of(weights)).decoder()) {
      List<KvLayout.Layer> layers = KvLayout.of(decoder, slides).layers();
      Map<Integer, KvLayout.Layer> first = new HashMap<>();
      for (int i = 0; i < layers.size(); i++) {
        int kernel = decoder.layers().get(i).attention().kernel();
        KvLayout.Layer of = layers.get(i);
        assertThat(of).as(spec.toString()).isEqualTo(first.computeIfAbsent(kernel, any -> of));
      }
      return layers.size() - first.size();
    }
  }
}
