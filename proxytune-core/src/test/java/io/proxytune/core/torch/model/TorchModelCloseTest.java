package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.proxytune.core.TorchModels;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Closing models and sessions at every moment. */
@Tag("processor")
class TorchModelCloseTest {
  @TempDir Path folder;
  private final AtomicInteger passes = new AtomicInteger();
  private LogitModel model;

  @BeforeEach
  void load() {
    model = TorchModels.load(new TinyLlama().write(folder));
  }

  private static Segment segment(LogitSession session, int... tokens) {
    return new Segment(session, tokens, Rows.LAST);
  }

  private static float[] row(LogitModel model, List<Segment> segments) {
    try (Logits logits = model.forward(segments)) {
      return logits.row(0);
    }
  }

  private static void onAnotherThread(Runnable task) {
    CompletableFuture.runAsync(task).join();
  }

  @Test
  void aClosedModelRefusesEverythingByName() {
    try (LogitSession session = model.newSession(4)) {
      model.close();
      model.close();
      String message = "model " + model.name() + " is closed";
      assertThatIllegalStateException().isThrownBy(() -> model.newSession(4)).withMessage(message);
      assertThatIllegalStateException()
          .isThrownBy(() -> model.forward(List.of(segment(session, 1))))
          .withMessage(message);
      assertThatIllegalStateException().isThrownBy(() -> session.fork(4)).withMessage(message);
      assertThat(session.position()).isZero();
    }
  }

  @Test
  void logitsOutliveTheirModelAndSession() {
    float[] expected;
    try (LogitSession session = model.newSession(4)) {
      expected = row(model, List.of(segment(session, 1, 2)));
    }
    LogitSession session = model.newSession(4);
    try (Logits logits = model.forward(List.of(segment(session, 1, 2)))) {
      session.close();
      model.close();
      assertThat(logits.row(0)).isEqualTo(expected);
    }
  }

  @Test
  void aPassUnderWayFinishesWhenItsModelIsClosed() {
    float[] expected;
    try (LogitSession session = model.newSession(4)) {
      expected = row(model, List.of(segment(session, 1, 2)));
    }
    try (LogitSession session = model.newSession(4)) {
      AtomicBoolean closedInTheMidst = new AtomicBoolean();
      HeldSegments segments =
          new HeldSegments(
              segment(session, 1, 2),
              () -> {
                onAnotherThread(model::close);
                closedInTheMidst.set(true);
              });
      assertThat(row(model, segments)).isEqualTo(expected);
      assertThat(closedInTheMidst).isTrue();
      assertThatIllegalStateException()
          .isThrownBy(() -> model.forward(List.of(segment(session, 1))));
    }
    assertThat(NativeMemory.mappingsUnder(folder)).isZero();
  }

  @Test
  void aPassUnderWayFinishesWhenItsSessionIsClosed() {
    LogitSession session = model.newSession(4);
    long objects = NativeMemory.objects();
    float[] expected;
    try (LogitSession other = model.newSession(4)) {
      expected = row(model, List.of(segment(other, 1, 2)));
    }
    HeldSegments segments =
        new HeldSegments(segment(session, 1, 2), () -> onAnotherThread(session::close));
    assertThat(row(model, segments)).isEqualTo(expected);
    assertThat(NativeMemory.objects()).as("the session's cache is freed").isLessThan(objects);
    assertThatIllegalStateException()
        .isThrownBy(() -> model.forward(List.of(segment(session, 1))))
        .withMessageContaining("is closed");
    model.close();
  }

  @Test
  void aSecondThreadIsRefusedWhileAPassIsUnderWay() {
    try (LogitSession session = model.newSession(4)) {
      AtomicBoolean refused = new AtomicBoolean();
      Runnable second =
          () -> {
            assertThatIllegalStateException()
                .isThrownBy(() -> model.forward(List.of(segment(session, 3))))
                .withMessageContaining("is in use by another thread");
            refused.set(true);
          };
      HeldSegments segments =
          new HeldSegments(segment(session, 1, 2), () -> onAnotherThread(second));
      assertThat(row(model, segments)).hasSize(16);
      assertThat(refused).isTrue();
      assertThat(session.position()).isEqualTo(2);
    }
    model.close();
  }

  @Test
  void manyThreadsShareAModelUntilItIsClosed() {
    float[] expected;
    try (LogitSession session = model.newSession(8)) {
      expected = row(model, List.of(segment(session, 1, 2, 3)));
    }
    List<CompletableFuture<Integer>> threads =
        IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> passesUntilClosed(expected)))
            .toList();
    while (threads.stream().noneMatch(CompletableFuture::isDone) && passes.get() < 40) {
      Thread.onSpinWait();
    }
    model.close();
    threads.forEach(thread -> assertThat(thread.join()).isNotNegative());
    assertThat(NativeMemory.mappingsUnder(folder)).isZero();
  }

  private int passesUntilClosed(float[] expected) {
    while (true) {
      try (LogitSession session = model.newSession(8)) {
        assertThat(row(model, List.of(segment(session, 1, 2, 3)))).isEqualTo(expected);
        passes.incrementAndGet();
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("is closed");
        return passes.get();
      }
    }
  }
}
