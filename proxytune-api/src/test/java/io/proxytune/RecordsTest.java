package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.proxytune.Score.TokenScore;
import io.proxytune.Segment.Rows;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordsTest {
  @Test
  void segmentCountsItsRows() {
    FunctionLogitSource source = FunctionLogitSource.of("x", 2, 4, ids -> new float[2]);
    try (LogitSession session = source.newSession(4)) {
      int[] tokens = {0, 1, 1};

      assertThat(new Segment(session, tokens, Rows.NONE).rowCount()).isZero();
      assertThat(new Segment(session, tokens, Rows.LAST).rowCount()).isOne();
      assertThat(new Segment(session, tokens, Rows.ALL).rowCount()).isEqualTo(3);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Segment(session, new int[0], Rows.ALL))
          .withMessageContaining("at least one token");
    }
  }

  @Test
  void rateIsTokensByDecodingTime() {
    GenerationStats stats =
        new GenerationStats(
            3, 10, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(500));

    assertThat(stats.tokensPerSecond()).isEqualTo(20);
    assertThat(
            new GenerationStats(3, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO)
                .tokensPerSecond())
        .isZero();
  }

  @Test
  void scorePerTokenIsTheMean() {
    Score score = new Score(List.of(new TokenScore(1, "a", -1), new TokenScore(2, "b", -2)), -3);

    assertThat(score.perToken()).isEqualTo(-1.5);
  }

  @Test
  void pairKeepsItsModelsAtAnotherStrength() {
    FunctionLogitSource expert = FunctionLogitSource.of("e", 2, 4, ids -> new float[2]);
    FunctionLogitSource antiExpert = FunctionLogitSource.of("a", 2, 4, ids -> new float[2]);

    assertThat(ExpertPair.of(expert, antiExpert).alpha()).isEqualTo(1);
    assertThat(ExpertPair.of(expert, antiExpert).withAlpha(-2))
        .isEqualTo(new ExpertPair(expert, antiExpert, -2));
  }
}
