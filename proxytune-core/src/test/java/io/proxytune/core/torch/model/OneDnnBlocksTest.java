package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.core.torch.kept.KeptFile;
import io.proxytune.core.torch.kept.KeptOutput;
import io.proxytune.core.torch.kept.KeptWeight;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights made again of what was kept of oneDNN's blocks, beside those that they were kept of. */
@Tag("processor")
class OneDnnBlocksTest {
  private static final Map<String, String> METADATA = ImmutableMap.of("of", "a test");
  private static final long[] TOKENS = {1, 3, 4, 33};

  @TempDir Path temp;

  /** Makes layers in one way, and makes them again. */
  private record Way(LinearFactory factory, ScalarType dtype) {
    static Way of(String name) {
      return switch (name) {
        case "float32" -> packed(ScalarType.Float, WeightLayout.PACKED);
        case "bfloat16" -> packed(ScalarType.BFloat16, WeightLayout.PACKED);
        case "twice" -> packed(ScalarType.BFloat16, WeightLayout.PACKED_TWICE);
        case "columns" -> new Way(new Columns(), ScalarType.Float);
        case "int8" -> new Way(new Int8(), ScalarType.BFloat16);
        default -> throw new IllegalArgumentException(name);
      };
    }

    private static Way packed(ScalarType dtype, WeightLayout layout) {
      Linears linears = Linears.on(TorchDevice.of("cpu"), dtype, layout);
      assumeTrue(linears.packed(), "this processor does not multiply " + dtype);
      return new Way(linears, dtype);
    }

    Linear layer(long seed, long outputs, long inputs) {
      torch.manual_seed(seed);
      return factory.create(torch.randn(outputs, inputs).to(dtype), bias(outputs));
    }

    Tensor bias(long outputs) {
      return torch.linspace(new Scalar(-1), new Scalar(1), outputs).to(dtype);
    }
  }

  /** In parts, whichever processor this is. */
  private static final class Columns implements LinearFactory {
    private final PackedLinear.Kernels kernels = PackedLinear.Kernels.find().orElseThrow();

    @Override
    public Linear create(Tensor weight, Tensor bias) {
      return PackedColumns.of(kernels, weight, bias, PackedColumns.MOST);
    }

    @Override
    public Linear restore(KeptWeight kept, long outputs, long inputs, Tensor bias) {
      return PackedColumns.restored(kernels, kept, outputs, inputs, bias, PackedColumns.MOST);
    }

    @Override
    public String layout() {
      return "in parts";
    }

    @Override
    public boolean copiesWeights() {
      return true;
    }
  }

  /** By oneDNN, whichever is faster. */
  private static final class Int8 implements LinearFactory {
    private final Int8Weight.Kernels kernels = Int8Weight.Kernels.find().orElseThrow();

    @Override
    public Linear create(Tensor weight, Tensor bias) {
      return new QuantizedLinear(new Int8Weight(kernels, weight), bias);
    }

    @Override
    public Linear restore(KeptWeight kept, long outputs, long inputs, Tensor bias) {
      return new QuantizedLinear(Int8Weight.restored(kernels, kept, outputs, inputs), bias);
    }

    @Override
    public String layout() {
      return "int8";
    }

    @Override
    public boolean copiesWeights() {
      return true;
    }
  }

  private Path write(Map<String, Linear> layers) {
    Map<String, Map<String, Tensor>> tensors = new LinkedHashMap<>();
    layers.forEach((name, layer) -> tensors.put(name, layer.kept()));
    Path file = temp.resolve("kept.safetensors");
    assertThat(KeptOutput.write(file, METADATA, tensors)).isTrue();
    return file;
  }

  /** Several of one shape, the second of which is made of the first's copy; and of other shapes. */
  @ParameterizedTest
  @CsvSource({
    "float32, 64, 128",
    "float32, 72, 1101",
    "float32, 1, 1",
    "float32, 640, 2100",
    "bfloat16, 64, 128",
    "bfloat16, 72, 1101",
    "bfloat16, 17, 33",
    "bfloat16, 640, 2100",
    "twice, 72, 1101",
    "twice, 64, 2048",
    "columns, 40, 5000",
    "columns, 64, 4096",
    "int8, 64, 128",
    "int8, 72, 1101",
    "int8, 640, 2100"
  })
  void productsAreTheSameToTheBit(String name, long outputs, long inputs) {
    try (TorchScope scope = TorchScope.open()) {
      Way way = Way.of(name);
      try (Linear first = way.layer(1, outputs, inputs);
          Linear second = way.layer(2, outputs, inputs);
          Linear other = way.layer(3, outputs + 8, inputs);
          KeptFile file =
              KeptFile.open(
                  write(ImmutableMap.of("first", first, "second", second, "other", other)),
                  METADATA);
          Linear firstAgain = restored(way, file.weight("first"), outputs, inputs);
          Linear otherAgain = restored(way, file.weight("other"), outputs + 8, inputs);
          Linear secondAgain = restored(way, file.weight("second"), outputs, inputs)) {
        assertSame(way, inputs, firstAgain, first);
        assertSame(way, inputs, secondAgain, second);
        assertSame(way, inputs, otherAgain, other);
        assertThat(secondAgain.kept().keySet()).isEqualTo(second.kept().keySet());
        Tensor x = torch.randn(3, inputs).to(way.dtype());
        assertThat(torch.equal(first.apply(x), second.apply(x))).isFalse();
      }
    }
  }

  private static Linear restored(Way way, KeptWeight kept, long outputs, long inputs) {
    return way.factory().restore(kept, outputs, inputs, way.bias(outputs));
  }

  private static void assertSame(Way way, long inputs, Linear actual, Linear expected) {
    for (long tokens : TOKENS) {
      Tensor x = torch.randn(tokens, inputs).to(way.dtype());
      assertThat(torch.equal(actual.apply(x), expected.apply(x))).as("%s tokens", tokens).isTrue();
    }
  }

  /** Its memory has the same size, or another. */
  @ParameterizedTest
  @CsvSource({"float32, 128, 64", "float32, 64, 136", "int8, 128, 64", "bfloat16, 128, 64"})
  void whatIsOfAnotherShapeIsNotTaken(String name, long outputs, long inputs) {
    try (TorchScope scope = TorchScope.open()) {
      Way way = Way.of(name);
      try (Linear layer = way.layer(1, 64, 128);
          KeptFile file = KeptFile.open(write(ImmutableMap.of("layer", layer)), METADATA)) {
        KeptWeight kept = file.weight("layer");
        assertThatThrownBy(() -> restored(way, kept, outputs, inputs))
            .isInstanceOf(KeptWeight.UnusableException.class);
        assertThatThrownBy(() -> restored(way, file.weight("none"), 64, 128))
            .isInstanceOf(KeptWeight.UnusableException.class)
            .hasMessageContaining("has no tensor none:");
        restored(way, kept, 64, 128).close();
      }
    }
  }

  @Test
  void closingAndRefusingLeaveNothing() {
    Optional<Way> way = ComputeThread.inScope(() -> Optional.of(Way.of("columns")));
    keepAndRestore(way.get());
    long objects = NativeMemory.objects();
    keepAndRestore(way.get());
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
  }

  private void keepAndRestore(Way way) {
    try (TorchScope scope = TorchScope.open();
        Linear layer = way.layer(1, 40, 5000);
        KeptFile file = KeptFile.open(write(ImmutableMap.of("layer", layer)), METADATA)) {
      restored(way, file.weight("layer"), 40, 5000).close();
      assertThatThrownBy(() -> restored(way, file.weight("layer"), 40, 4990))
          .isInstanceOf(KeptWeight.UnusableException.class);
    }
  }
}
