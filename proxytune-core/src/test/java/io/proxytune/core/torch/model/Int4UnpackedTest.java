package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.TorchScope;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed weights taken apart, on every processor, also where that is not used. */
@Tag("slow")
@Tag("processor")
class Int4UnpackedTest {
  private TorchScope scope;

  @BeforeEach
  void open() {
    scope = TorchScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** Packs in plain Java: {@code row(b, i)} gives the two rows of byte i of block b. */
  private static Tensor pack(Tensor weight, int block, boolean pairs) {
    int rows = (int) weight.size(0);
    int inputs = (int) weight.size(1);
    int[] values = new int[rows * inputs];
    weight.contiguous().data_ptr_int().get(values);
    byte[] bytes = new byte[values.length / 2];
    int half = block / 2;
    for (int i = 0; i < bytes.length; i++) {
      int first = i / (half * inputs) * block;
      int input = i / half % inputs;
      int place = i % half;
      int low = first + (pairs ? 2 * place : place);
      int high = pairs ? low + 1 : low + half;
      bytes[i] = (byte) (values[low * inputs + input] | values[high * inputs + input] << 4);
    }
    return Tensor.create(bytes).view(ScalarType.Byte).view(rows, inputs / 2);
  }

  @ParameterizedTest
  @CsvSource({"64, false", "32, false", "16, false", "64, true", "32, true", "16, true"})
  void everyLayoutIsLearntAndTakenApart(int block, boolean pairs) {
    Int4Layout layout = Int4Layout.learn(weight -> pack(weight, block, pairs)).orElseThrow();
    assertThat(layout).isEqualTo(new Int4Layout(block, pairs));
    Tensor weight = torch.randint(16, new long[] {128, 96}).to(ScalarType.Int);
    Tensor blocks = weight.view(128 / block, block, 96).transpose(1, 2);
    assertThat(layout.unpack(pack(weight, block, pairs)).to(ScalarType.Int).equal(blocks)).isTrue();
  }

  @Test
  void anotherLayoutIsNotTakenForOneOfThem() {
    assertThat(Int4Layout.learn(weight -> pack(weight.roll(1), 64, false))).isEmpty();
    assertThat(Int4Layout.learn(weight -> pack(weight, 8, false))).isEmpty();
  }

  @Test
  void thisProcessorsLayoutIsKnown() {
    assertThat(layout()).isNotNull();
  }

  private static Int4Layout layout() {
    BoxedOperator pack =
        BoxedOperator.find("aten::_convert_weight_to_int4pack_for_cpu", "").orElseThrow();
    return Int4Weight.Kernels.layout(pack).orElseThrow();
  }

  /** Weights of several parts, the last one shorter. */
  @ParameterizedTest
  @ValueSource(ints = {32, 64, 128})
  void productsAreThoseOfTheWeightsInBFloat16(int group) {
    int rows = 320;
    int inputs = 16_384; // 128 rows at once
    Tensor steps = torch.randint(16, new long[] {rows, inputs}).to(ScalarType.Int);
    Tensor affine = affine(new Random(group), inputs / group, rows);
    BoxedOperator pack =
        BoxedOperator.find("aten::_convert_weight_to_int4pack_for_cpu", "").orElseThrow();
    Tensor packed = pack.call(new IValue(steps), new IValue(2L));

    Tensor expected = weight(steps, affine, group);
    Int4Unpacked unpacked = new Int4Unpacked(layout(), packed, affine, Optional.empty());
    Tensor actual = unpacked.unpacked(64, 128);
    assertThat(actual.to(ScalarType.Float).equal(expected.narrow(0, 64, 128).t())).isTrue();

    Tensor x = torch.randn(new long[] {5, inputs}).to(ScalarType.BFloat16);
    Tensor y = unpacked.multiply(x).to(ScalarType.Float);
    Tensor exact = x.to(ScalarType.Float).mm(expected.t());
    double error = y.sub(exact).abs_().max().item_double();
    assertThat(error / exact.abs().max().item_double()).isLessThan(0.005);

    Int4Unpacked wide = new Int4Unpacked(layout(), packed, affine, FloatProduct.find());
    Tensor wider = wide.multiply(x).to(ScalarType.Float);
    double wideError = wider.sub(exact).abs_().max().item_double();
    assertThat(wideError / exact.abs().max().item_double()).isLessThan(0.005);
  }

  private static Tensor affine(Random random, int groups, int rows) {
    float[] values = new float[groups * rows * 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.create(values).view(groups, rows, 2).to(ScalarType.BFloat16);
  }

  /** {@code (q - 8) · scale + zero} in float32, rounded once. */
  private static Tensor weight(Tensor steps, Tensor affine, int group) {
    long rows = steps.size(0);
    Tensor wide = affine.to(ScalarType.Float).transpose(0, 1); // [rows, groups, 2]
    Tensor grouped = steps.view(rows, -1, group).to(ScalarType.Float).sub_(new Scalar(8));
    return grouped
        .mul_(wide.narrow(2, 0, 1))
        .add_(wide.narrow(2, 1, 1))
        .view(rows, -1)
        .to(ScalarType.BFloat16)
        .to(ScalarType.Float);
  }
}
