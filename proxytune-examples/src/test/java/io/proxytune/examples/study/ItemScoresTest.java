package io.proxytune.examples.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableListMultimap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scores by kind, and the gap closed between them. */
class ItemScoresTest {
  private static ItemScores scores(List<Double> easy, List<Double> hard) {
    return new ItemScores(
        ImmutableListMultimap.<String, Double>builder()
            .putAll("easy", easy)
            .putAll("hard", hard)
            .build());
  }

  private static final ItemScores BASE = scores(List.of(0.0, 0.0), List.of(0.5, 0.0, 0.0, 0.5));
  private static final ItemScores DIRECT = scores(List.of(1.0, 1.0), List.of(0.5, 1.0, 1.0, 0.5));

  /** Kinds weigh alike, however many items they have. */
  @Test
  void meansAreOfKinds() {
    assertThat(BASE.mean()).isEqualTo(0.125);
    assertThat(DIRECT.mean()).isEqualTo(0.875);
    assertThat(DIRECT.only("hard").mean()).isEqualTo(0.75);
  }

  @Test
  void theGapIsTheShareOfWhatTuningGains() {
    ItemScores steered = scores(List.of(1.0, 0.0), List.of(0.5, 0.5, 0.5, 0.5));
    ObjectNode gap = steered.gap(BASE, DIRECT);
    assertThat(Values.number(gap)).isCloseTo((0.5 - 0.125) / 0.75, within(1e-12));
    assertThat(gap.path("low").asDouble()).isLessThan(0.5);
    assertThat(gap.path("high").asDouble()).isGreaterThan(0.5);
    assertThat(Values.text(DIRECT.gap(BASE, DIRECT))).isEqualTo("1.00 (1.00 to 1.00)");
    assertThat(Values.text(BASE.gap(BASE, DIRECT))).isEqualTo(".00 (.00 to .00)");
  }

  @Test
  void whereTuningGainsNothingThereIsNoGap() {
    assertThat(DIRECT.gap(BASE, BASE).isEmpty()).isTrue();
    assertThat(DIRECT.gap(DIRECT, BASE).isEmpty()).isTrue();
  }

  @Test
  void scoresAreKeptAsJson() {
    assertThat(ItemScores.of(BASE.json())).isEqualTo(BASE);
    assertThat(ItemScores.of(DIRECT.json()).gap(BASE, DIRECT)).isEqualTo(DIRECT.gap(BASE, DIRECT));
    assertThatThrownBy(() -> new ItemScores(ImmutableListMultimap.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
