package io.proxytune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PendingLogitsTest {
  private static final int[] IDS = {1, 0};

  /** A model that says nothing else has run its pass when it was begun. */
  @Test
  void aPassIsOverWhenItWasBegunUnlessTheModelSaysOtherwise() {
    try (FunctionLogitSource source =
            FunctionLogitSource.of("two", 2, 4, ids -> new float[] {ids.size(), 0});
        LogitSession session = source.newSession(4)) {
      assertThat(source.runsElsewhere()).isFalse();
      try (PendingLogits pending =
          source.begin(List.of(new Segment(session, IDS, Segment.Rows.ALL)))) {
        assertThat(session.position()).isEqualTo(2);
        try (Logits logits = pending.await(() -> true)) {
          assertThat(logits.row(1)).containsExactly(2, 0);
        }
        assertThatThrownBy(() -> pending.await(() -> false))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("awaited or closed before");
      }
    }
  }

  @Test
  void rowsThatNobodyAwaitedAreClosed() {
    Logits logits = Logits.of(1, new float[] {3});
    PendingLogits pending = PendingLogits.of(logits);
    pending.close();
    pending.close();
    assertThatThrownBy(() -> logits.row(0)).hasMessageContaining("closed");
  }
}
