package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizationTest {
  @ParameterizedTest
  @CsvSource({
    "none, none",
    "int8, int8",
    "INT8, int8",
    "int8+head, int8+head",
    "int4, int4:32",
    "int4:32, int4:32",
    "int4:64, int4:64",
    "int4:128+head, int4:128+head",
    "int4+head, int4:32+head"
  })
  void theTextualFormIsReadAndWritten(String text, String canonical) {
    Quantization quantization = Quantization.parse(text);
    assertThat(quantization).hasToString(canonical);
    assertThat(Quantization.parse(canonical)).isEqualTo(quantization);
  }

  @Test
  void factoriesAndTextMeanTheSame() {
    assertThat(Quantization.parse("none")).isEqualTo(Quantization.none());
    assertThat(Quantization.parse("int8")).isEqualTo(Quantization.int8());
    assertThat(Quantization.parse("int4")).isEqualTo(Quantization.int4());
    assertThat(Quantization.parse("int4:128+head"))
        .isEqualTo(Quantization.int4(128).withHead(true));
    assertThat(Quantization.none().isSome()).isFalse();
    assertThat(Quantization.int4().isSome()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "int5", "int8:32", "int4:", "int4:x", "none+head", "int8 ", "head"})
  void otherTextIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quantization.parse(text))
        .withMessageStartingWith("quantization must be none, int8, int4 or int4:GROUP")
        .withMessageEndingWith("got \"%s\"", text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int4:0", "int4:16", "int4:48", "int4:256", "int4:9999"})
  void otherGroupsAreRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quantization.parse(text))
        .withMessageStartingWith("the group of int4 must be 32, 64 or 128 weights, got");
  }

  @ParameterizedTest
  @CsvSource({
    "int8, 100, 300, 30400",
    "int4:32, 128, 64, 5120",
    "int4:64, 128, 64, 4608",
    "int4:128, 64, 128, 4352",
    "int4:32, 17, 33, 2560"
  })
  void bytesCountScalesOffsetsAndPadding(String text, long rows, long columns, long bytes) {
    assertThat(Quantization.parse(text).bytes(rows, columns)).isEqualTo(bytes);
  }

  @Test
  void noneHasNoSize() {
    assertThatIllegalStateException().isThrownBy(() -> Quantization.none().bytes(1, 1));
  }
}
