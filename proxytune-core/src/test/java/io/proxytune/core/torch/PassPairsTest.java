package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PassPairsTest {
  /** More than it takes until the first trial. */
  private static final int PASSES = 40;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** The threads that the first passes ran on, each with the number of LibTorch's. */
  private static Set<String> threadsOfFirst(int threads, int tokens, List<Integer> second) {
    Set<String> names = new HashSet<>();
    PassPairs pairs = new PassPairs("a and b");
    try (TorchRuntime.ThreadsScope given = TorchRuntime.useThreads(threads)) {
      for (int i = 0; i < PASSES; i++) {
        ComputeThread.inScope(
            () -> {
              pairs.run(tokens, () -> names.add(here()), () -> second.add(torch.get_num_threads()));
              return null;
            });
      }
    }
    return names;
  }

  private static String here() {
    return Thread.currentThread().getName() + " " + torch.get_num_threads();
  }

  @Test
  void bothWaysAreTried() {
    List<Integer> second = new ArrayList<>();
    Set<String> first = threadsOfFirst(2, 1, second);
    assertThat(first).containsExactlyInAnyOrder("proxytune-compute 2", "proxytune-beside 1");
    assertThat(second).hasSize(PASSES).contains(1, 2);
  }

  @Test
  void oneThreadTakesOneBehindTheOther() {
    assertThat(threadsOfFirst(1, 1, new ArrayList<>())).containsExactly("proxytune-compute 1");
  }

  @Test
  void manyTokensTakeAllThreads() {
    assertThat(threadsOfFirst(2, 65, new ArrayList<>())).containsExactly("proxytune-compute 2");
  }
}
