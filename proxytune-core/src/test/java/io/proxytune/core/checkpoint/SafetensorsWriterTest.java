package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsWriterTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0000",
    "-0.0, 8000",
    "1, 3c00",
    "-2, c000",
    "65504, 7bff",
    "65519, 7bff",
    "65520, 7c00",
    "-Infinity, fc00",
    "NaN, 7e00",
    "0.333333333, 3555",
    "6.103515625e-5, 0400",
    "6.097555e-5, 03ff",
    "5.9604645e-8, 0001",
    "2.9802322e-8, 0000",
    "2.9802326e-8, 0001",
    "1.00048828125, 3c00",
    "1.00146484375, 3c02",
    "2047.9, 6800"
  })
  void roundsToFloat16(float value, String hex) {
    assertThat(SafetensorsWriter.toFloat16(value)).isEqualTo((short) Integer.parseInt(hex, 16));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0000",
    "-0.0, 8000",
    "1, 3f80",
    "-2, c000",
    "3.4028235e38, 7f80",
    "Infinity, 7f80",
    "NaN, 7fc0",
    "0.333333333, 3eab",
    "1.00390625, 3f80",
    "1.01171875, 3f82",
    "1.0042, 3f81"
  })
  void roundsToBfloat16(float value, String hex) {
    assertThat(SafetensorsWriter.toBfloat16(value)).isEqualTo((short) Integer.parseInt(hex, 16));
  }
}
