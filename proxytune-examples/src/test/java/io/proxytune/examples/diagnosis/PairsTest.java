package io.proxytune.examples.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairsTest {
  /** To the first expert at 1, and away from the second, to its anti-expert, at a half. */
  @Test
  void whatIsSteeredToIsWeightedWithItsStrength() {
    Pairs pairs = new Pairs(List.of(1.0, -0.5), Precision.FLOAT32);
    double mean =
        pairs.favoured((role, pair) -> role == Role.EXPERT ? -1 - pair : -10.0 * (1 + pair));
    assertThat(mean).isCloseTo((-1 + 0.5 * -20) / 1.5, within(1e-12));
  }

  @Test
  void whatIsNotThereIsNoNumber() {
    Pairs still = new Pairs(List.of(0.0), Precision.FLOAT32);
    assertThat(still.favoured((role, pair) -> 1.0)).isNaN();
    Pairs one = new Pairs(List.of(1.0), Precision.FLOAT32);
    assertThat(one.favoured((role, pair) -> Double.NEGATIVE_INFINITY)).isNaN();
  }

  @Test
  void thereMustBeAPair() {
    assertThatThrownBy(() -> new Pairs(List.of(), Precision.FLOAT32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs at least one pair, got none");
  }
}
