package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No operation runs here, so that numbers which the machine has no processors for do no harm. */
class TorchRuntimeThreadsTest {
  private int before;

  @BeforeEach
  void loaded() {
    TorchRuntime.load();
    before = TorchRuntime.threads();
    TorchRuntime.setThreads(2);
  }

  @AfterEach
  void asBefore() {
    TorchRuntime.setThreads(before);
  }

  private static int onNewThread(IntSupplier work) {
    return CompletableFuture.supplyAsync(work::getAsInt, task -> new Thread(task).start()).join();
  }

  private static int inScope() {
    try (TorchScope scope = TorchScope.open()) {
      return torch.get_num_threads();
    }
  }

  /** A hundred thousand threads once took all process ids of a machine and never ended. */
  @ParameterizedTest
  @CsvSource({"-1, 1", "0, 1", "1, 1", "100000, 0", "many, -1"})
  void thePropertyCountsWithinTheProcessors(String property, int expected) {
    int processors = Runtime.getRuntime().availableProcessors();
    String present = System.setProperty(TorchRuntime.THREADS_PROPERTY, property);
    try {
      assertThat(TorchRuntime.initialThreads())
          .isEqualTo(
              switch (expected) {
                case 0 -> processors;
                case -1 -> CpuTopology.usableCores();
                default -> expected;
              });
    } finally {
      if (present == null) {
        System.clearProperty(TorchRuntime.THREADS_PROPERTY);
      } else {
        System.setProperty(TorchRuntime.THREADS_PROPERTY, present);
      }
    }
  }

  @Test
  void aThreadHasItsOwnNumberUntilClosed() {
    onNewThread(
        () -> {
          torch.set_num_threads(5);
          try (TorchRuntime.ThreadsScope three = TorchRuntime.useThreads(3)) {
            assertThat(torch.get_num_threads()).isEqualTo(3);
            assertThat(inScope()).isEqualTo(3);
          }
          assertThat(torch.get_num_threads()).isEqualTo(5);
          return 0;
        });
  }

  @Test
  void whatACallerSetsInBetweenIsRestoredToo() {
    onNewThread(
        () -> {
          for (int own : new int[] {4, 7, 3, 6}) {
            torch.set_num_threads(own);
            TorchRuntime.useThreads(3).close();
            assertThat(torch.get_num_threads()).isEqualTo(own);
          }
          return 0;
        });
  }

  @Test
  void numbersNest() {
    onNewThread(
        () -> {
          try (TorchRuntime.ThreadsScope three = TorchRuntime.useThreads(3)) {
            try (TorchRuntime.ThreadsScope four = TorchRuntime.useThreads(4);
                TorchRuntime.ThreadsScope fourAgain = TorchRuntime.useThreads(4)) {
              assertThat(inScope()).isEqualTo(4);
            }
            assertThat(inScope()).isEqualTo(3);
          }
          assertThat(inScope()).isEqualTo(2);
          return 0;
        });
  }

  @Test
  void otherThreadsHaveTheNumberOfTheProcess() {
    try (TorchRuntime.ThreadsScope three = TorchRuntime.useThreads(3)) {
      assertThat(onNewThread(TorchRuntimeThreadsTest::inScope)).isEqualTo(2);
    }
    assertThat(inScope()).isEqualTo(2);
  }

  /** LibTorch gives a thread's first operation the number that some thread set last. */
  @Test
  void anotherThreadsNumberDoesNotTakeOver() {
    int seen =
        onNewThread(
            () -> {
              try (TorchScope scope = TorchScope.open()) {
                onNewThread(
                    () -> {
                      torch.set_num_threads(6);
                      return 0;
                    });
                return torch.get_num_threads();
              }
            });
    assertThat(seen).isEqualTo(2);
  }
}
