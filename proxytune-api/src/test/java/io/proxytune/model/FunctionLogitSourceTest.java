package io.proxytune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ModelException;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class FunctionLogitSourceTest {
  /** The sum of the ids at place 0, their number at place 1. */
  private static float[] summary(List<Integer> ids) {
    return new float[] {ids.stream().mapToInt(Integer::intValue).sum(), ids.size(), 0, 0, 0};
  }

  private final FunctionLogitSource source =
      FunctionLogitSource.of("sum", 5, 4, FunctionLogitSourceTest::summary);

  private static Segment segment(LogitSession session, Rows rows, int... ids) {
    return new Segment(session, ids, rows);
  }

  @Test
  void rowsAreTheFunctionOfTheIdsSoFar() {
    try (LogitSession first = source.newSession(4);
        LogitSession second = source.newSession(2);
        Logits logits =
            source.forward(
                List.of(segment(first, Rows.ALL, 1, 2, 3), segment(second, Rows.LAST, 4, 4)))) {
      assertThat(logits.rows()).isEqualTo(4);
      assertThat(logits.row(0)).startsWith(1, 1);
      assertThat(logits.row(1)).startsWith(3, 2);
      assertThat(logits.row(2)).startsWith(6, 3);
      assertThat(logits.row(3)).startsWith(8, 2);
      assertThat(first.position()).isEqualTo(3);
    }
  }

  @Test
  void noRowsCallNoFunction() {
    FunctionLogitSource silent =
        FunctionLogitSource.of(
            "silent",
            2,
            4,
            ids -> {
              throw new AssertionError("called");
            });
    try (LogitSession session = silent.newSession(4);
        Logits logits = silent.forward(List.of(segment(session, Rows.NONE, 1, 0)))) {
      assertThat(logits.rows()).isZero();
      assertThat(session.position()).isEqualTo(2);
    }
  }

  @Test
  void truncateForgetsAndForkCopies() {
    try (LogitSession session = source.newSession(4)) {
      source.forward(List.of(segment(session, Rows.NONE, 1, 2, 3))).close();
      session.truncate(1);
      try (LogitSession fork = session.fork(3)) {
        assertThat(row(fork, 4)).startsWith(5, 2);
        assertThat(row(session, 2)).startsWith(3, 2);
        assertThat(fork.capacity()).isEqualTo(3);
        assertThat(fork.source()).isSameAs(source);
      }
      try (LogitSession fork = session.fork(1, 2)) {
        assertThat(row(fork, 4)).startsWith(5, 2);
        assertThat(fork.capacity()).isEqualTo(2);
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.fork(3, 4))
          .withMessageContaining("from 0 tokens to the 2 held, got 3");
    }
  }

  private float[] row(LogitSession session, int id) {
    try (Logits logits = source.forward(List.of(segment(session, Rows.LAST, id)))) {
      return logits.row(0);
    }
  }

  @Test
  void idsAreAViewThatCannotBeChanged() {
    List<Throwable> refused = new ArrayList<>();
    Function<List<Integer>, float[]> meddling =
        ids -> {
          try {
            ids.add(3);
          } catch (UnsupportedOperationException e) {
            refused.add(e);
          }
          return new float[5];
        };
    FunctionLogitSource meddler = FunctionLogitSource.of("meddler", 5, 4, meddling);
    try (LogitSession session = meddler.newSession(1)) {
      meddler.forward(List.of(segment(session, Rows.LAST, 1))).close();
    }
    assertThat(refused).hasSize(1);
  }

  @Test
  void wrongSegmentsMoveNoSession() {
    try (LogitSession session = source.newSession(3);
        LogitSession other = source.newSession(3);
        LogitSession foreign =
            FunctionLogitSource.of("other", 5, 4, ids -> new float[5]).newSession(3)) {
      Segment good = segment(session, Rows.LAST, 1);
      assertRefused("5 tokens do not fit", good, segment(other, Rows.LAST, 0, 0, 0, 0, 0));
      assertRefused("token id must be in [0, 5), got 5", good, segment(other, Rows.LAST, 5));
      assertRefused("token id must be in [0, 5), got -1", good, segment(other, Rows.LAST, -1));
      assertRefused("in two segments", good, good);
      assertRefused("session of source 'other'", good, segment(foreign, Rows.LAST, 1));
      assertRefused("at least one segment");

      assertThat(session.position()).isZero();
      assertThat(row(session, 1)).startsWith(1, 1);
    }
  }

  private void assertRefused(String message, Segment... segments) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.forward(List.of(segments)))
        .withMessageContaining(message);
  }

  @Test
  void functionThatFailsMovesNoSession() {
    FunctionLogitSource moody =
        FunctionLogitSource.of("moody", 5, 4, ids -> ids.contains(3) ? new float[2] : new float[5]);
    try (LogitSession first = moody.newSession(4);
        LogitSession second = moody.newSession(4)) {
      assertThatExceptionOfType(ModelException.class)
          .isThrownBy(
              () ->
                  moody.forward(
                      List.of(segment(first, Rows.LAST, 1), segment(second, Rows.LAST, 1, 3))))
          .withMessageContaining(
              "'moody': the function returned 2 logits for 2 tokens, expected 5");
      assertThat(first.position()).isZero();
      assertThat(second.position()).isZero();
    }
  }

  @Test
  void rangesAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.newSession(5))
        .withMessageContaining("capacity must be in [1, 4], got 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.newSession(0))
        .withMessageContaining("got 0");
    try (LogitSession session = source.newSession(4)) {
      source.forward(List.of(segment(session, Rows.NONE, 1, 1))).close();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.truncate(3))
          .withMessageContaining("position must be in [0, 2], got 3");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.fork(1))
          .withMessageContaining("capacity must be in [2, 4], got 1");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FunctionLogitSource.of("", 1, 1, ids -> new float[1]))
        .withMessageContaining("name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FunctionLogitSource.of("x", 0, 1, ids -> new float[0]))
        .withMessageContaining("width must be >= 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FunctionLogitSource.of("x", 1, 0, ids -> new float[1]))
        .withMessageContaining("contextLength must be >= 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.withEndOfTextIds(Set.of(5)))
        .withMessageContaining("end-of-text id must be in [0, 5), got 5");
  }

  @Test
  void closedIsRefused() {
    LogitSession session = source.newSession(2);
    LogitSession closed = source.newSession(2);
    closed.close();
    closed.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> source.forward(List.of(segment(closed, Rows.LAST, 1))))
        .withMessageContaining("session of source 'sum' is closed");
    assertThatIllegalStateException().isThrownBy(() -> closed.truncate(0));
    source.close();
    source.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> source.newSession(1))
        .withMessageContaining("'sum' is closed");
    assertThatIllegalStateException()
        .isThrownBy(() -> source.forward(List.of(segment(session, Rows.LAST, 1))));
    assertThatIllegalStateException().isThrownBy(() -> session.fork(2));
    session.close();
  }

  @Test
  void sessionInUseIsRefused() {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    FunctionLogitSource nested =
        FunctionLogitSource.of(
            "nested",
            5,
            4,
            ids -> {
              meanwhile.get().run();
              return new float[5];
            });
    try (LogitSession session = nested.newSession(4)) {
      meanwhile.set(() -> session.truncate(0));
      assertThatThrownBy(() -> nested.forward(List.of(segment(session, Rows.LAST, 1))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("in use by another thread");
      meanwhile.set(() -> {});
      nested.forward(List.of(segment(session, Rows.LAST, 1))).close();
      assertThat(session.position()).isOne();
    }
  }

  @Test
  void withersMakeNewSources() {
    FunctionLogitSource ended = source.withEndOfTextIds(Set.of(2));
    source.close();

    assertThat(ended.endOfTextIds()).containsExactly(2);
    assertThat(ended.tokenizer()).isEmpty();
    assertThat(source.endOfTextIds()).isEmpty();
    assertThat(ended.name()).isEqualTo("sum");
    assertThat(ended.width()).isEqualTo(5);
    assertThat(ended.contextLength()).isEqualTo(4);
    ended.newSession(1).close();
  }

  @Test
  void aFunctionMayUseItsArrayAgain() {
    float[] reused = new float[3];
    FunctionLogitSource source =
        FunctionLogitSource.of(
            "reusing",
            3,
            8,
            ids -> {
              reused[0] = ids.size();
              return reused;
            });
    try (LogitSession session = source.newSession(8);
        Logits logits =
            source.forward(List.of(new Segment(session, new int[] {0, 1, 2}, Segment.Rows.ALL)))) {
      reused[0] = 99;
      assertThat(logits.row(0)[0]).isEqualTo(1);
      assertThat(logits.row(1)[0]).isEqualTo(2);
      assertThat(logits.row(2)[0]).isEqualTo(3);
    }
  }

  @Test
  void anAbsurdWidthIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FunctionLogitSource.of("wide", Integer.MAX_VALUE, 8, ids -> null))
        .withMessage("width must be <= 16777216, got 2147483647");
  }
}
