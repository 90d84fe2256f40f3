package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class ComputeThreadTest {
  private static <T> T onNewThread(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, task -> new Thread(task).start()).join();
  }

  @Test
  void isTheSameDaemonForEveryCaller() {
    Thread here = ComputeThread.call(Thread::currentThread);
    Thread there = onNewThread(() -> ComputeThread.call(Thread::currentThread));
    assertThat(there).isSameAs(here).isNotSameAs(Thread.currentThread());
    assertThat(here.isDaemon()).isTrue();
    assertThat(here.getName()).isEqualTo("proxytune-compute");
  }

  @Test
  void workMayAskForWork() {
    assertThat(ComputeThread.call(() -> ComputeThread.call(() -> 1) + 1)).isEqualTo(2);
  }

  @Test
  void whatIsThrownTellsBothSides() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> ComputeThread.call(ComputeThreadTest::failing))
        .withMessage("no such row")
        .satisfies(
            e ->
                assertThat(Arrays.stream(e.getStackTrace()).map(StackTraceElement::getMethodName))
                    .contains("failing", "whatIsThrownTellsBothSides"));
    assertThatThrownBy(
            () ->
                ComputeThread.call(
                    () -> {
                      throw new LinkageError("no such library");
                    }))
        .isInstanceOf(LinkageError.class);
    assertThat(ComputeThread.call(() -> 3)).isEqualTo(3);
  }

  private static int failing() {
    throw new IllegalArgumentException("no such row");
  }

  @Test
  void interruptedCallersGetTheirResultAndStayInterrupted() {
    Thread.currentThread().interrupt();
    try {
      assertThat(ComputeThread.call(() -> 5)).isEqualTo(5);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void operatorsUseTheCallersNumberOfThreads() {
    int process = ComputeThread.inScope(torch::get_num_threads);
    int other = process + 1;
    try (TorchRuntime.ThreadsScope own = TorchRuntime.useThreads(other)) {
      assertThat(ComputeThread.inScope(torch::get_num_threads)).isEqualTo(other);
      assertThat(onNewThread(() -> ComputeThread.inScope(torch::get_num_threads)))
          .isEqualTo(process);
    }
    assertThat(ComputeThread.inScope(torch::get_num_threads)).isEqualTo(process);
  }

  @Test
  void whatIsKeptForWorkToComeCanBeFreedWhenNoneCame() throws Exception {
    CountDownLatch freed = new CountDownLatch(1);
    ComputeThread.whenIdle(freed::countDown);
    ComputeThread.call(() -> 1);
    assertThat(freed.getCount()).isEqualTo(1);
    ComputeThread.endAfter(Duration.ofMillis(1));
    try {
      assertThat(freed.await(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      ComputeThread.endAfter(ComputeThread.IDLE);
    }
    assertThat(ComputeThread.call(() -> 2)).as("work that comes after all").isEqualTo(2);
  }
}
