package io.proxytune.core.torch.model;

import io.proxytune.core.Quantization;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * A process of its own for {@link OtherProcessorsTest}, since LibTorch chooses its kernels once:
 * multiplies rounded weights and writes how far the products are off those of plain Java.
 */
final class QuantizedProductsProgram {
  private static final int INPUTS = 320;
  private static final int OUTPUTS = 100;
  private static final int[] TOKENS = {1, 3, 9, 130};

  private QuantizedProductsProgram() {}

  /** Arguments: the file for the errors; then formats, a line is written for each. */
  public static void main(String[] args) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String format : Arrays.asList(args).subList(1, args.length)) {
      Quantization quantization = Quantization.parse(format);
      double error = Math.max(error(quantization, false), error(quantization, true));
      lines.add(Double.toString(error));
    }
    Files.write(Path.of(args[0]), lines);
  }

  /** The largest error as a fraction of the largest product. */
  private static double error(Quantization quantization, boolean extreme) {
    Random random = new Random(11);
    float[][] weight = values(random, OUTPUTS, extreme);
    double[][] rounded =
        quantization.scheme() == Quantization.Scheme.INT8
            ? RoundingOracle.int8(weight)
            : RoundingOracle.int4(weight, quantization.group());
    double worst = 0;
    for (int tokens : TOKENS) {
      worst = Math.max(worst, error(quantization, weight, rounded, values(random, tokens, false)));
      worst = Math.max(worst, error(quantization, weight, rounded, values(random, tokens, true)));
    }
    return worst;
  }

  /** Of one sign and the largest number of a digit, where sums of pairs are at their largest. */
  private static float[][] values(Random random, int rows, boolean extreme) {
    float[][] values = new float[rows][INPUTS];
    for (float[] row : values) {
      for (int i = 0; i < INPUTS; i++) {
        row[i] = extreme ? 1 : RoundingOracle.bfloat16((float) random.nextGaussian());
      }
    }
    return values;
  }

  private static double error(
      Quantization quantization, float[][] weight, double[][] rounded, float[][] x) {
    try (TorchScope scope = TorchScope.open();
        Linear linear = Quantizer.of(quantization, TorchDevice.CPU).create(tensor(weight), null)) {
      Tensor y = linear.apply(tensor(x));
      double worst = 0;
      double largest = 0;
      for (int token = 0; token < x.length; token++) {
        for (int output = 0; output < OUTPUTS; output++) {
          double expected = product(x[token], rounded[output]);
          double actual = y.select(0, token).select(0, output).item_double();
          largest = Math.max(largest, Math.abs(expected));
          worst = Math.max(worst, Math.abs(actual - expected));
        }
      }
      return worst / largest;
    }
  }

  private static double product(float[] x, double[] weight) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * weight[i];
    }
    return sum;
  }

  private static Tensor tensor(float[][] values) {
    float[] flat = new float[values.length * INPUTS];
    for (int row = 0; row < values.length; row++) {
      System.arraycopy(values[row], 0, flat, row * INPUTS, INPUTS);
    }
    return Tensor.create(flat).view(values.length, INPUTS);
  }
}
