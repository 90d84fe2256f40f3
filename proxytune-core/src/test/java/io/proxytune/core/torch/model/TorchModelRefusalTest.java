package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.DeviceException;
import io.proxytune.core.TorchModels;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.torch.MemoryCheck;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a model refuses, with a message that helps; after each refusal no session has moved and the
 * model gives the logits that it gave before.
 */
class TorchModelRefusalTest {
  @TempDir static Path temp;
  private static LogitModel model;

  private LogitSession session;
  private float[] expected;

  @BeforeAll
  static void load() throws IOException {
    model = TorchModels.load(new TinyLlama().write(Files.createDirectory(temp.resolve("tiny"))));
  }

  @AfterAll
  static void closeModel() {
    model.close();
  }

  @BeforeEach
  void openSessionAtThree() {
    expected = freshRow(1, 5, 9, 4);
    session = model.newSession(6);
    forward(session, Rows.NONE, 1, 5, 9);
  }

  @AfterEach
  void nothingHasMovedAndTheModelGoesOn() {
    assertThat(session.position()).isEqualTo(3);
    assertThat(forward(session, Rows.LAST, 4)).isEqualTo(expected);
    session.close();
  }

  private static float[] freshRow(int... tokens) {
    try (LogitSession fresh = model.newSession(tokens.length)) {
      forward(fresh, Rows.NONE, Arrays.copyOf(tokens, tokens.length - 1));
      return forward(fresh, Rows.LAST, tokens[tokens.length - 1]);
    }
  }

  private static float[] forward(LogitSession session, Rows rows, int... tokens) {
    try (Logits logits = session.source().forward(List.of(new Segment(session, tokens, rows)))) {
      return rows == Rows.NONE ? new float[0] : logits.row(logits.rows() - 1);
    }
  }

  private static AbstractThrowableAssert<?, ?> refusedArgument(ThrowingCallable call) {
    return assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
  }

  private static AbstractThrowableAssert<?, ?> refusedState(ThrowingCallable call) {
    return assertThatThrownBy(call).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 16, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void idsOutOfRange(int id) {
    refusedArgument(() -> forward(session, Rows.LAST, 3, id))
        .hasMessage("tiny: token id %s at index 1 is out of range: expected 0 to 15", id);
  }

  @Test
  void aBadSegmentStopsTheGoodOnesBesideIt() {
    try (LogitSession other = model.newSession(2)) {
      Segment good = new Segment(session, new int[] {4}, Rows.LAST);
      refusedArgument(
              () -> model.forward(List.of(good, new Segment(other, new int[] {16}, Rows.LAST))))
          .hasMessageContaining("token id 16 at index 0");
      refusedArgument(
              () ->
                  model.forward(List.of(good, new Segment(other, new int[] {1, 2, 3}, Rows.LAST))))
          .hasMessageContaining("3 tokens do not fit into a session at position 0 with capacity 2");
      assertThat(other.position()).isZero();
    }
  }

  @Test
  void aSessionOfAnotherModel() throws IOException {
    Path folder = new TinyLlama().write(Files.createDirectories(temp.resolve("other")));
    try (LogitModel other = TorchModels.load(folder);
        LogitSession foreign = other.newSession(4)) {
      Segment segment = new Segment(foreign, new int[] {1}, Rows.LAST);
      refusedArgument(() -> model.forward(List.of(segment)))
          .hasMessage("tiny: a segment's session was opened by another model");
      assertThat(foreign.position()).isZero();
    }
  }

  @Test
  void oneSessionTwiceInAPass() {
    Segment segment = new Segment(session, new int[] {4}, Rows.LAST);
    refusedArgument(() -> model.forward(List.of(segment, segment)))
        .hasMessage("tiny: a session may have one segment in a pass");
  }

  @Test
  void moreTokensThanFit() {
    refusedArgument(() -> forward(session, Rows.LAST, 1, 2, 3, 4))
        .hasMessageContaining(
            "tiny: 4 tokens do not fit into a session at position 3 with capacity")
        .hasMessageContaining("open it with a larger capacity, or truncate it");
  }

  @Test
  void noSegments() {
    refusedArgument(() -> model.forward(List.of()))
        .hasMessage("tiny: a forward pass needs at least one segment");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 65, Integer.MAX_VALUE})
  void capacitiesOutOfRange(int capacity) {
    refusedArgument(() -> model.newSession(capacity))
        .hasMessageContaining("the capacity of a session must be from 1 to the context length 64")
        .hasMessageContaining("got " + capacity);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4, Integer.MAX_VALUE})
  void truncatingOutOfRange(int position) {
    refusedArgument(() -> session.truncate(position))
        .hasMessage(
            "can't truncate to position %s: must be from 0 to the current position 3", position);
  }

  @Test
  void forksTooSmallOrTooLarge() {
    refusedArgument(() -> session.fork(2))
        .hasMessage("a fork needs room for the 3 tokens held, got capacity 2");
    refusedArgument(() -> session.fork(65)).hasMessageContaining("to the context length 64");
    refusedArgument(() -> session.fork(4, 9))
        .hasMessage("a fork can hold from 0 tokens to the 3 held, got 4");
    refusedArgument(() -> session.fork(-1, 9)).hasMessageContaining("held, got -1");
    refusedArgument(() -> session.fork(2, 1))
        .hasMessage("a fork needs room for the 2 tokens held, got capacity 1");
    try (LogitSession empty = model.newSession(1)) {
      refusedArgument(() -> empty.fork(0)).hasMessageContaining("got 0");
    }
  }

  @Test
  void aClosedSession() {
    LogitSession closed = session.fork(6);
    closed.close();
    closed.close();
    refusedState(() -> forward(closed, Rows.LAST, 4)).hasMessage("a session of tiny is closed");
    refusedState(() -> closed.truncate(0)).hasMessage("a session of tiny is closed");
    refusedState(() -> closed.fork(6)).hasMessage("a session of tiny is closed");
  }

  @Test
  void aSessionThatAnotherThreadUses() {
    TorchSession used = (TorchSession) session;
    used.lifetime().enterAlone();
    try {
      String message =
          "a session of tiny is in use by another thread: a session belongs to one at a time";
      refusedState(() -> forward(session, Rows.LAST, 4)).hasMessage(message);
      refusedState(() -> session.truncate(0)).hasMessage(message);
      refusedState(() -> session.fork(6)).hasMessage(message);
    } finally {
      used.lifetime().leave();
    }
  }

  @Test
  void aSessionInUseStopsTheFreeOnesBesideIt() {
    try (LogitSession other = model.newSession(2)) {
      ((TorchSession) other).lifetime().enterAlone();
      List<Segment> segments =
          List.of(
              new Segment(session, new int[] {4}, Rows.LAST),
              new Segment(other, new int[] {4}, Rows.LAST));
      refusedState(() -> model.forward(segments)).hasMessageContaining("in use");
      ((TorchSession) other).lifetime().leave();
      assertThat(other.position()).isZero();
    }
  }

  @Test
  void aForkOfSomeTokensGoesOnBehindThem() {
    try (LogitSession fork = session.fork(2, 4);
        LogitSession whole = session.fork(3)) {
      whole.truncate(2);
      assertThat(fork.position()).isEqualTo(2);
      assertThat(fork.capacity()).isEqualTo(4);
      assertThat(forward(fork, Rows.LAST, 4)).isEqualTo(forward(whole, Rows.LAST, 4));
    }
  }

  @Test
  void aForkGoesOnAsTheOriginalDoes() {
    try (LogitSession fork = session.fork(4)) {
      assertThat(fork.position()).isEqualTo(3);
      assertThat(forward(fork, Rows.LAST, 4)).isEqualTo(expected);
      assertThat(forward(session, Rows.LAST, 4)).isEqualTo(expected);
      session.truncate(3);
    }
  }

  @Test
  void truncatingAndGoingOnEqualsAFreshRun() {
    forward(session, Rows.NONE, 7, 8);
    session.truncate(2);
    assertThat(forward(session, Rows.LAST, 11)).isEqualTo(freshRow(1, 5, 11));
    session.truncate(0);
    forward(session, Rows.NONE, 1, 5, 9);
  }

  @Test
  void aCacheLargerThanTheFreeMemoryIsRefusedBeforeItIsAllocated() throws IOException {
    long free = MemoryCheck.now().freeBytes().orElse(Long.MAX_VALUE);
    assumeTrue(free < 130_000_000_000L, "needs a machine without 137 GB to give away");
    TinyLlama endless =
        new TinyLlama().config(config -> config.put("max_position_embeddings", Integer.MAX_VALUE));
    Path folder = endless.write(Files.createDirectory(temp.resolve("endless")));
    try (LogitModel large = TorchModels.load(folder)) {
      assertThatThrownBy(() -> large.newSession(Integer.MAX_VALUE - 64)) // 64 bytes a token
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("the KV cache of a sequence of 2147483583 tokens needs 137.44 GB");
      large.newSession(6).close();
    }
  }
}
