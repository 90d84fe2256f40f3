package io.proxytune.core.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Rounding to 16 bits, by the definition of the format. */
class HalfFloatTest {
  @Test
  void everyNumberStaysItselfAndWhatIsBetweenGoesToTheNearest() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = RawClient.half((short) bits);
      float high = RawClient.half((short) (bits + 1));
      float middle = (low + high) / 2;
      short even = (short) (bits % 2 == 0 ? bits : bits + 1);
      assertThat(HalfFloat.of(low)).isEqualTo((short) bits);
      assertThat(HalfFloat.of(-high)).isEqualTo((short) (bits + 1 | 0x8000));
      assertThat(HalfFloat.of(middle)).isEqualTo(even);
      assertThat(HalfFloat.of(Math.nextDown(middle))).isEqualTo((short) bits);
      assertThat(HalfFloat.of(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
    }
  }

  @Test
  void finiteNumbersStayFinite() {
    assertThat(HalfFloat.of(Float.MAX_VALUE)).isEqualTo((short) 0x7bff);
    assertThat(HalfFloat.of(-65520f)).isEqualTo((short) 0xfbff);
    assertThat(HalfFloat.of(Float.MIN_VALUE)).isEqualTo((short) 0);
    assertThat(HalfFloat.of(-0f)).isEqualTo((short) 0x8000);
    assertThat(HalfFloat.of(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xfc00);
    assertThat(RawClient.half(HalfFloat.of(Float.NaN))).isNaN();
  }
}
