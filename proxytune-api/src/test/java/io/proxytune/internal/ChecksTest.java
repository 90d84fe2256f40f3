package io.proxytune.internal;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class ChecksTest {
  @Test
  void whatHoldsPasses() {
    Checks.checkArgument(true, "%s must be %s", 1, 2);
    Checks.checkState(true, "closed");
  }

  @Test
  void valuesTakeTheirPlaces() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checks.checkArgument(false, "%s must be >= 1, got %s", "%s", null))
        .withMessage("%s must be >= 1, got null");
    assertThatIllegalStateException()
        .isThrownBy(() -> Checks.checkState(false, "100 %d is closed"))
        .withMessage("100 %d is closed");
  }

  @Test
  void aValueWithoutAPlaceIsShownAllTheSame() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checks.checkArgument(false, "wrong", 7))
        .withMessage("wrong: 7");
  }
}
