package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("processor")
class TorchPassPairTest {
  private static final int CAPACITY = 100;
  private static final int PASSES = 60;

  private TorchRuntime.ThreadsScope threads;
  private TorchModel first;
  private TorchModel second;

  @BeforeEach
  void load() {
    TorchRuntime.load();
    threads = TorchRuntime.useThreads(2);
    DecoderSpec spec = RandomDecoder.of(new Random(3), false);
    first = model(spec, 1);
    second = model(spec, 2);
  }

  private static TorchModel model(DecoderSpec spec, int seed) {
    return ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          return RandomDecodersTest.model(spec, RandomWeights.of(spec, RandomDecodersTest.plain()));
        });
  }

  @AfterEach
  void close() {
    first.close();
    second.close();
    threads.close();
  }

  private static List<Segment> one(LogitSession session, int id) {
    return List.of(new Segment(session, new int[] {id}, Segment.Rows.LAST));
  }

  private static float[] row(Logits logits) {
    try (logits) {
      return logits.row(0);
    }
  }

  private static float[] row(PendingLogits pending) {
    return row(pending.await(() -> false));
  }

  /** Long enough that both ways are tried. */
  private void comparePasses(int seed) {
    Random random = new Random(seed);
    try (LogitSession a = first.newSession(CAPACITY);
        LogitSession b = second.newSession(CAPACITY);
        LogitSession aloneA = first.newSession(CAPACITY);
        LogitSession aloneB = second.newSession(CAPACITY)) {
      for (int i = 0; i < PASSES; i++) {
        int id = random.nextInt(RandomDecoder.VOCABULARY);
        List<PendingLogits> both = first.forwardBoth(one(a, id), second, one(b, id));
        assertThat(row(both.get(0))).isEqualTo(row(first.forward(one(aloneA, id))));
        assertThat(row(both.get(1))).isEqualTo(row(second.forward(one(aloneB, id))));
      }
      assertThat(a.position()).isEqualTo(PASSES);
      assertThat(b.position()).isEqualTo(PASSES);
    }
  }

  @Test
  void rowsAreThoseOfPassesAlone() {
    assertThat(first.pairsWith(second)).isTrue();
    comparePasses(5);
  }

  @Test
  void severalThreadsPairTheSameModels() {
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> {
              try (TorchRuntime.ThreadsScope own = TorchRuntime.useThreads(2)) {
                comparePasses(6);
              }
            },
            task -> new Thread(task).start());
    comparePasses(7);
    other.join();
  }

  @Test
  void oneMayFailWithoutTheOther() {
    LogitSession closed = first.newSession(CAPACITY);
    closed.close();
    try (LogitSession session = second.newSession(CAPACITY);
        LogitSession alone = second.newSession(CAPACITY)) {
      float[] expected = row(second.forward(one(alone, 1)));
      List<PendingLogits> both = first.forwardBoth(one(closed, 1), second, one(session, 1));
      assertThatThrownBy(() -> both.get(0).await(() -> false))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      assertThat(row(both.get(1))).isEqualTo(expected);
      session.truncate(0);
      List<PendingLogits> turned = second.forwardBoth(one(session, 1), first, one(closed, 1));
      assertThat(row(turned.get(0))).isEqualTo(expected);
      assertThatThrownBy(() -> turned.get(1).await(() -> false)).hasMessageContaining("closed");
    }
  }

  @Test
  void aModelGoesWithNeitherItselfNorAnythingElseNorOneThread() {
    assertThat(first.pairsWith(first)).isFalse();
    try (TorchRuntime.ThreadsScope one = TorchRuntime.useThreads(1)) {
      assertThat(first.pairsWith(second)).isFalse();
    }
    assertThatThrownBy(() -> first.forwardBoth(List.of(), first, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no passes beside");
  }

  /** Threads may become fewer between the question and the passes. */
  @Test
  void whoWasAskedBeforeThreadsWereTakenAwayRunsBoth() {
    try (LogitSession a = first.newSession(CAPACITY);
        LogitSession b = second.newSession(CAPACITY);
        TorchRuntime.ThreadsScope one = TorchRuntime.useThreads(1)) {
      List<PendingLogits> both = first.forwardBoth(one(a, 1), second, one(b, 1));
      assertThat(row(both.get(0))).hasSize(RandomDecoder.VOCABULARY);
      assertThat(row(both.get(1))).hasSize(RandomDecoder.VOCABULARY);
    }
  }
}
