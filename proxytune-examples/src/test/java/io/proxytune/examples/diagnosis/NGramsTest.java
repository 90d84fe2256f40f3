package io.proxytune.examples.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NGramsTest {
  @Test
  void aTextWithoutRepeatsHasNone() {
    assertThat(NGrams.of(List.of(1, 2, 3, 4, 5, 6))).isEqualTo(new NGrams(0, 3));
  }

  @Test
  void whatWasThereBeforeIsRepeated() {
    assertThat(NGrams.of(List.of(1, 2, 3, 4, 9, 1, 2, 3, 4))).isEqualTo(new NGrams(1, 6));
    assertThat(NGrams.of(List.of(7, 7, 7, 7, 7, 7))).isEqualTo(new NGrams(2, 3));
  }

  @Test
  void aShortTextHasNoNGrams() {
    assertThat(NGrams.of(List.of(1, 2, 3))).isEqualTo(new NGrams(0, 0));
    assertThat(NGrams.of(List.of())).isEqualTo(new NGrams(0, 0));
  }
}
