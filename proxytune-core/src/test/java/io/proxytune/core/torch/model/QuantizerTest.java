package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.proxytune.DeviceException;
import io.proxytune.core.Quantization;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused at load, before a weight is read. */
@Tag("processor")
class QuantizerTest {
  private TorchScope scope;

  @BeforeEach
  void open() {
    scope = TorchScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** The exact product, changed. */
  private record Changed(Tensor weight, UnaryOperator<Tensor> change) implements QuantizedWeight {
    @Override
    public Tensor multiply(Tensor x) {
      return change.apply(x.mm(weight.t()));
    }

    @Override
    public String write(ScriptWriter script, String x) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private static void load(Quantization quantization, UnaryOperator<Tensor> change) {
    Quantizer.of(quantization, List.of(way(change)));
  }

  private static Quantizer.Way way(UnaryOperator<Tensor> change) {
    return new Quantizer.Way("changed", weight -> new Changed(weight, change));
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "int4:32", "int4:64", "int4:128"})
  void realKernelsPass(String format) {
    assertThat(Quantizer.of(Quantization.parse(format), TorchDevice.CPU)).isNotNull();
  }

  @Test
  void anExactProductPasses() {
    load(Quantization.int8(), product -> product);
  }

  @Test
  void whatIsWrongGivesWayToTheNextOne() {
    Quantizer.Way wrong = way(product -> product.mul(new Scalar(2.0)));
    Quantizer.Way right = new Quantizer.Way("right", weight -> new Changed(weight, any -> any));
    assertThat(Quantizer.of(Quantization.int8(), List.of(wrong, right)).layout())
        .isEqualTo("right");
  }

  @Test
  void aBuildWithoutTheOperatorsIsNamed() {
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> Quantizer.of(Quantization.int4(64), List.of()))
        .withMessage(
            "int4:64 can't be had: this build of LibTorch lacks its operators. Load the model"
                + " without quantization (Quantization.none(); --quantize none, --expert-quantize"
                + " none)");
  }

  @Test
  void aKernelThatRefusesIsNamedWithItsReason() {
    UnaryOperator<Tensor> refusal =
        product -> {
          throw new IllegalStateException("no such instruction\nand a native stack trace");
        };
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> load(Quantization.int8(), refusal))
        .withMessageContaining("LibTorch's kernel refuses this processor (no such instruction)")
        .withCauseInstanceOf(IllegalStateException.class);
  }

  /** As where sums of two products saturate at 16 bits. */
  @Test
  void aKernelThatSaturatesIsRefused() {
    refused(product -> torch.clamp_max(product, new Scalar(0.97)));
  }

  @Test
  void aKernelThatMixesRowsUpIsRefused() {
    refused(product -> product.roll(new long[] {16}, new long[] {1}));
  }

  @Test
  void aKernelThatGivesNoNumberIsRefused() {
    refused(product -> product.mul(new Scalar(Double.NaN)));
  }

  private static void refused(UnaryOperator<Tensor> change) {
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> load(Quantization.int8(), change))
        .withMessageStartingWith(
            "int8 can't be had: LibTorch's kernel computes wrong products on this processor.");
  }

  @Test
  void aGpuIsRefused() {
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> Quantizer.of(Quantization.int8(), new TorchDevice(0)))
        .withMessageStartingWith(
            "int8 can't be had: it is for the CPU, and the device of this model is cuda:0. Load");
    Quantizer.requireCpu(Quantization.none(), "cuda:0");
  }
}
