package io.proxytune.examples.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeansTest {
  /** What NumPy 2.4 gives of 1/3, 1/4, …, to the last bit. */
  @ParameterizedTest
  @CsvSource({
    "1, 0.3333333333333333, NaN",
    "5, 0.21857142857142856, 0.03385978825644033",
    "7, 0.18985260770975057, 0.02986463212691625",
    "8, 0.17862103174603172, 0.02819699430233327",
    "9, 0.16887526054192717, 0.026708953806761516",
    "127, 0.031030701028139124, 0.004068861378132505",
    "128, 0.030848369830202938, 0.0040410636985713025",
    "129, 0.030668410279474697, 0.00401365169457065",
    "200, 0.02193978283774529, 0.0027166201246477846",
    "817, 0.007081897337978118, 0.000727395113415087",
    "2800, 0.002505529580411784, 0.0002193259716763323"
  })
  void meansAndTheirErrorsAreThoseOfNumPy(int count, double mean, double error) {
    double[] values = IntStream.range(0, count).mapToDouble(i -> 1 / (i + 3.0)).toArray();
    assertThat(Means.mean(values)).isEqualTo(mean);
    assertThat(Means.standardError(values)).isEqualTo(Double.valueOf(error));
  }

  @Test
  void passAtKIsTheShareOfSubsetsThatHoldARightOne() {
    for (int n = 1; n <= 25; n++) {
      for (int k = 1; k <= n; k++) {
        for (int c = 0; c <= n; c++) {
          assertThat(Means.passAtK(n, c, k))
              .as("n %s, c %s, k %s", n, c, k)
              .isCloseTo(exact(n, c, k), within(1e-14));
        }
      }
    }
  }

  private static double exact(int n, int c, int k) {
    BigDecimal missed = new BigDecimal(choose(n - c, k));
    return BigDecimal.ONE
        .subtract(missed.divide(new BigDecimal(choose(n, k)), MathContext.DECIMAL128))
        .doubleValue();
  }

  private static BigInteger choose(int n, int k) {
    BigInteger ways = BigInteger.ONE;
    for (int i = 0; i < k; i++) {
      ways = ways.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
    }
    return n < k ? BigInteger.ZERO : ways;
  }

  /** OpenAI's estimator in NumPy. */
  @Test
  void passAtKIsThePublishedEstimatorToTheLastBit() {
    assertThat(Means.passAtK(20, 3, 10)).isEqualTo(0.8947368421052632);
    assertThat(Means.passAtK(20, 7, 10)).isEqualTo(0.9984520123839009);
    assertThat(Means.passAtK(20, 11, 10)).isEqualTo(1);
    assertThat(Means.passAtK(20, 0, 10)).isZero();
  }
}
