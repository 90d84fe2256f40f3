package io.proxytune.examples.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
  /**
   * The steps between neighbours as IEEE 754 and bfloat16 define them: 2 to the exponent − bits.
   */
  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 1, -23",
    "FLOAT32, -17.3, -19",
    "FLOAT16, 1, -10",
    "FLOAT16, 17.3, -6",
    "BFLOAT16, 1, -7",
    "BFLOAT16, -17.3, -3",
    "BFLOAT16, 0.75, -8"
  })
  void anUlpIsTheStepToTheNextNumber(Precision precision, double value, int exponent) {
    assertThat(precision.ulp(value)).isEqualTo(Math.pow(2, exponent));
  }

  /** Rounds many pairs of numbers to bfloat16 and looks at the errors of their differences. */
  @Test
  void theNoiseIsTheStandardDeviationOfRoundedDifferences() {
    SplittableRandom random = new SplittableRandom(1);
    double squares = 0;
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      float expert = (float) random.nextDouble(8, 16);
      float antiExpert = (float) random.nextDouble(4, 8);
      double error = (bfloat16(expert) - bfloat16(antiExpert)) - ((double) expert - antiExpert);
      squares += error * error;
    }
    assertThat(Precision.BFLOAT16.noise(10, -5))
        .isCloseTo(Math.sqrt(squares / count), within(2e-4));
  }

  /** To the nearest number whose last 16 bits are 0. */
  private static double bfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    return Float.intBitsToFloat((bits + 0x8000) & 0xffff0000);
  }
}
