package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.Quantization;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of rounded weights against the same weights rounded and multiplied in plain Java. */
@Tag("processor")
class QuantizedLinearTest {
  private static final TorchDevice CPU = TorchDevice.of("cpu");
  private static final String[] SCHEMES = {"int8", "int4:32", "int4:64", "int4:128"};
  private static final ScalarType[] DTYPES = {
    ScalarType.BFloat16, ScalarType.Float, ScalarType.Half
  };

  /** Few tokens, many, and none that is a multiple of anything; a weight of several chunks. */
  private static final int[][] SHAPES = {
    {1, 64, 64}, {2, 96, 264}, {5, 264, 96}, {8, 33, 1}, {17, 1, 50}, {3, 40, 2100}, {150, 200, 48}
  };

  static Stream<Arguments> cases() {
    return Stream.of(SCHEMES)
        .flatMap(
            scheme ->
                Stream.of(DTYPES)
                    .flatMap(
                        dtype ->
                            Stream.of(SHAPES)
                                .map(s -> Arguments.of(scheme, dtype, s[0], s[1], s[2]))));
  }

  private static float[][] random(Random random, int rows, int columns, double deviation) {
    float[][] values = new float[rows][columns];
    for (float[] row : values) {
      for (int i = 0; i < columns; i++) {
        row[i] = RoundingOracle.bfloat16((float) (random.nextGaussian() * deviation));
      }
    }
    return values;
  }

  private static Tensor tensor(float[][] values) {
    Tensor flat = Tensor.create(flat(values));
    return flat.view(values.length, values[0].length);
  }

  private static float[] flat(float[][] values) {
    float[] flat = new float[values.length * values[0].length];
    for (int row = 0; row < values.length; row++) {
      System.arraycopy(values[row], 0, flat, row * values[0].length, values[0].length);
    }
    return flat;
  }

  private static double[][] rounded(Quantization quantization, float[][] weight) {
    return quantization.scheme() == Quantization.Scheme.INT8
        ? RoundingOracle.int8(weight)
        : RoundingOracle.int4(weight, quantization.group());
  }

  private static Tensor doubles(double[][] values) {
    double[] flat = Stream.of(values).flatMapToDouble(Arrays::stream).toArray();
    return Tensor.create(flat).view(values.length, values[0].length);
  }

  /** Of the largest value: the result's rounding, and for int4 the activations'. */
  private static double tolerance(Quantization quantization, ScalarType dtype) {
    boolean coarse = quantization.scheme() == Quantization.Scheme.INT4;
    return switch (dtype) {
      case BFloat16 -> 0.01;
      case Half -> coarse ? 0.006 : 0.001;
      default -> coarse ? 0.006 : 2e-4;
    };
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsAreThoseOfTheRoundedWeights(
      String scheme, ScalarType dtype, int tokens, int in, int out) {
    Quantization quantization = Quantization.parse(scheme);
    Random random = new Random(31L * in + out);
    float[][] weight = random(random, out, in, 0.05);
    try (TorchScope scope = TorchScope.open();
        Linear linear = linear(quantization, dtype, weight)) {
      Tensor x = tensor(random(random, tokens, in, 1)).to(dtype);
      Tensor expected =
          torch.linear(
              x.to(ScalarType.Double),
              doubles(rounded(quantization, weight)),
              new TensorOptional(bias(random(new Random(5), 1, out, 1)).to(ScalarType.Double)));
      Tensor other = tensor(random(random, tokens, out, 1)).to(dtype);
      Tensor wide = other.to(ScalarType.Double);
      double tolerance = tolerance(quantization, dtype);
      assertThat(linear.apply(x).scalar_type().intern()).isEqualTo(dtype);
      assertClose(linear.apply(x), expected, tolerance);
      assertClose(linear.applyAdd(x, other), expected.add(wide), tolerance);
    }
  }

  private static Linear linear(Quantization quantization, ScalarType dtype, float[][] weight) {
    Tensor bias = bias(random(new Random(5), 1, weight.length, 1)).to(dtype).clone();
    return Quantizer.of(quantization, CPU).create(tensor(weight).to(dtype), bias);
  }

  private static Tensor bias(float[][] row) {
    return tensor(row).view(-1);
  }

  private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.size(0)).isEqualTo(expected.size(0));
    assertThat(actual.size(1)).isEqualTo(expected.size(1));
    double largest = expected.abs().max().item_double();
    double error = actual.to(ScalarType.Double).sub(expected).abs().max().item_double();
    assertThat(error / largest).isLessThan(tolerance);
  }

  /** What makes speculation lossless: a token's logits don't depend on the tokens beside it. */
  @ParameterizedTest
  @ValueSource(strings = {"int8", "int4:32", "int4:64"})
  void aTokenInABatchEqualsTheTokenAlone(String scheme) {
    for (ScalarType dtype : DTYPES) {
      Random random = new Random(9);
      float[][] weight = random(random, 96, 320, 0.05);
      try (TorchScope scope = TorchScope.open();
          Linear linear = linear(Quantization.parse(scheme), dtype, weight)) {
        float[][] values = random(random, 23, 320, 1);
        values[7] = random(random, 1, 320, 1000)[0]; // a neighbour of another size
        values[8] = new float[320];
        Tensor x = tensor(values).to(dtype);
        Tensor together = linear.apply(x);
        for (int token = 0; token < values.length; token++) {
          Tensor alone = linear.apply(x.narrow(0, token, 1));
          assertThat(alone.equal(together.narrow(0, token, 1)))
              .as("%s, token %s as %s", scheme, token, dtype)
              .isTrue();
        }
      }
    }
  }

  @Test
  void eightBitsAreOffByHalfAStepAtMost() {
    float[][] weight = random(new Random(3), 50, 70, 0.05);
    double[][] rounded = RoundingOracle.int8(weight);
    for (int row = 0; row < weight.length; row++) {
      double largest = 0;
      for (float value : weight[row]) {
        largest = Math.max(largest, Math.abs(value));
      }
      for (int i = 0; i < weight[row].length; i++) {
        double error = Math.abs(weight[row][i] - rounded[row][i]);
        assertThat(error).isLessThanOrEqualTo(largest / 127 * 0.5001);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 64, 128})
  void fourBitsAreOffByLittleMoreThanHalfAStep(int group) {
    Random random = new Random(4);
    float[][] weight = random(random, 40, 200, 0.05);
    weight[3] = new float[200];
    Arrays.fill(weight[4], 0.75f);
    double[][] rounded = RoundingOracle.int4(weight, group);
    for (int row = 0; row < weight.length; row++) {
      for (int i = 0; i < weight[row].length; i++) {
        int from = i / group * group;
        double step = range(weight[row], from, Math.min(200, from + group)) / 15;
        double error = Math.abs(weight[row][i] - rounded[row][i]);
        assertThat(error).isLessThanOrEqualTo(0.56 * step + 1e-29);
      }
    }
  }

  private static double range(float[] row, int from, int to) {
    double least = 0;
    double most = 0;
    for (int i = from; i < to; i++) {
      least = Math.min(least, row[i]);
      most = Math.max(most, row[i]);
    }
    return most - least;
  }

  /** Every product at its largest, where 16-bit sums of pairs would overflow. */
  @Test
  void theLargestProductsDoNotSaturate() {
    float[][] ones = new float[64][512];
    for (float[] row : ones) {
      Arrays.fill(row, 1);
    }
    try (TorchScope scope = TorchScope.open();
        Linear linear = Quantizer.of(Quantization.int8(), CPU).create(tensor(ones), null)) {
      Tensor x = tensor(ones).narrow(0, 0, 9);
      assertThat(linear.apply(x).min().item_float()).isCloseTo(512, within());
      assertThat(linear.apply(x.neg()).max().item_float()).isCloseTo(-512, within());
    }
  }

  private static Offset<Float> within() {
    return Offset.offset(0.01f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "int4"})
  void whatIsNotFiniteStaysSo(String scheme) {
    Random random = new Random(6);
    float[][] weight = random(random, 16, 64, 1);
    float[][] values = random(random, 3, 64, 1);
    values[1][5] = Float.NaN;
    try (TorchScope scope = TorchScope.open();
        Linear linear =
            Quantizer.of(Quantization.parse(scheme), CPU).create(tensor(weight), null)) {
      Tensor y = linear.apply(tensor(values));
      assertThat(y.narrow(0, 1, 1).isnan().all().item_bool()).isTrue();
      assertThat(y.narrow(0, 0, 1).isfinite().all().item_bool()).isTrue();
      assertThat(y.narrow(0, 2, 1).isfinite().all().item_bool()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "int4"})
  void closingGivesEverythingBack(String scheme) {
    float[][] weight = random(new Random(7), 32, 64, 1);
    long before = 0;
    for (int i = 0; i < 5; i++) {
      try (TorchScope scope = TorchScope.open();
          Linear linear =
              Quantizer.of(Quantization.parse(scheme), CPU)
                  .create(tensor(weight), bias(random(new Random(5), 1, 32, 1)))) {
        linear.apply(tensor(random(new Random(8), 2, 64, 1)));
      }
      if (i == 0) {
        before = NativeMemory.objects();
      }
    }
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(before);
  }
}
