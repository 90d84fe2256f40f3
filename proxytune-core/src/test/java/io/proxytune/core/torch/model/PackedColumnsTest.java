package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.WeightLayout;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.core.torch.script.Script;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A layer whose inputs are taken in parts, beside the same in float64. */
@Tag("processor")
class PackedColumnsTest {
  private static final int OUT = 40;
  private static final double TOLERANCE = 1e-5;

  /** One part, parts that are all alike, a small last one; few tokens and many. */
  @ParameterizedTest
  @CsvSource({
    "1, 64, 2048", "3, 2048, 2048", "1, 2049, 2048", "1, 5632, 2048", "2, 4096, 2048",
    "7, 4099, 2048", "70, 2816, 2048", "100, 11008, 2048", "1, 2048, 1408", "64, 4096, 1408"
  })
  void agreesWithTheProductInFloat64(int tokens, int inputs, int most) {
    try (TorchScope scope = TorchScope.open()) {
      PackedLinear.Kernels kernels = kernels();
      torch.manual_seed(inputs);
      Tensor weight = torch.randn(OUT, inputs);
      Tensor bias = torch.randn(OUT);
      Tensor x = torch.randn(tokens, inputs);
      Tensor other = torch.randn(tokens, OUT);
      Tensor expected = torch.linear(wide(x), wide(weight), new TensorOptional(wide(bias)));
      try (Linear linear = PackedColumns.of(kernels, weight, bias.clone(), most)) {
        assertClose(linear.apply(x), expected);
        assertClose(linear.applyAdd(x, other), expected.add(wide(other)));
        assertThat(scripted(linear, x).equal(linear.apply(x))).isTrue();
      }
      try (Linear linear = PackedColumns.of(kernels, weight, null, most)) {
        assertClose(linear.apply(x), expected.sub(wide(bias)));
        assertThat(scripted(linear, x).equal(linear.apply(x))).isTrue();
      }
    }
  }

  private static PackedLinear.Kernels kernels() {
    Linears linears = Linears.on(TorchDevice.of("cpu"), ScalarType.Float, WeightLayout.PACKED);
    assumeTrue(linears.packed());
    return PackedLinear.Kernels.find().orElseThrow();
  }

  private static Tensor wide(Tensor tensor) {
    return tensor.to(ScalarType.Double);
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    double error = wide(actual).sub(expected).abs().max().item_double();
    assertThat(error / expected.abs().max().item_double()).isLessThan(TOLERANCE);
  }

  private static Tensor scripted(Linear linear, Tensor x) {
    ScriptProgram program = new ScriptProgram(ScriptProgram.Use.DECODING);
    ScriptWriter writer = new ScriptWriter(program);
    String y = linear.write(writer, "x");
    String entry =
        "\n  def forward(self: __torch__.Decoder, x: Tensor, tensors: List[Tensor]) -> Tensor:\n"
            + writer.text()
            + "    return "
            + y
            + "\n";
    try (Script script = Script.compile(ScriptProgram.CLASS, program.source(entry))) {
      IValue tensors = LayerScript.filled(script.emptyList(1), writer.tensors());
      return script.call(new IValue(x), tensors);
    }
  }

  /** Where sums of many inputs are slow otherwise, and nowhere else. */
  @Test
  void wideWeightsAreTakenInPartsWhereThatIsFaster() {
    try (TorchScope scope = TorchScope.open()) {
      kernels();
      boolean ofEight = CpuFeatures.hasVectors() && !CpuFeatures.hasWideVectors();
      assertThat(taken(ScalarType.Float, 2049)).isEqualTo(ofEight);
      assertThat(taken(ScalarType.Float, 5632)).isEqualTo(ofEight);
      assertThat(taken(ScalarType.Float, 4096))
          .isEqualTo(ofEight || CpuFeatures.multipliesAlignedRowsSlower());
      assertThat(taken(ScalarType.Float, 2048))
          .isEqualTo(CpuFeatures.multipliesAlignedRowsSlower());
      assertThat(taken(ScalarType.Float, 1024)).isFalse();
      assertThat(taken(ScalarType.BFloat16, 4096)).isFalse();
    }
  }

  private static boolean taken(ScalarType dtype, long inputs) {
    Tensor weight = torch.ones(new long[] {1, inputs}, new TensorOptions(dtype));
    Linears linears = Linears.on(TorchDevice.of("cpu"), dtype, WeightLayout.PACKED);
    try (Linear linear = linears.create(weight, null)) {
      return linear instanceof PackedColumns;
    }
  }

  @Test
  void closingLeavesNothing() {
    PackedLinear.Kernels kernels = ComputeThread.inScope(PackedColumnsTest::kernels);
    makeAndClose(kernels);
    long objects = NativeMemory.objects();
    makeAndClose(kernels);
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
  }

  private static void makeAndClose(PackedLinear.Kernels kernels) {
    try (TorchScope scope = TorchScope.open()) {
      PackedColumns.of(kernels, torch.ones(2, 5000), torch.ones(2), PackedColumns.MOST).close();
    }
  }
}
