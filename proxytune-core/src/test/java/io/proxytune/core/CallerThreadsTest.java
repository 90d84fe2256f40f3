package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.core.torch.sampling.TorchLogitMath;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.Logits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * OpenMP must not give an application's threads workers of their own: too many slow each other
 * down. A worker has the name of the thread that it belongs to.
 */
@Tag("slow")
@Tag("processor")
@EnabledOnOs(OS.LINUX)
class CallerThreadsTest {
  private static final String NAME = "a-caller";

  /** Beyond 32,768 values LibTorch shares an operator's work among threads. */
  private static final int WIDTH = 200_000;

  @TempDir Path temp;
  private ExecutorService caller;
  private int before;

  @BeforeEach
  void start() {
    TorchRuntime.load();
    assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
    before = TorchRuntime.threads();
    TorchRuntime.setThreads(2);
    caller = Executors.newSingleThreadExecutor(task -> new Thread(task, NAME));
  }

  @AfterEach
  void end() {
    if (caller != null) {
      caller.shutdownNow();
      TorchRuntime.setThreads(before);
    }
  }

  private static long threadsOfCaller() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.filter(task -> name(task).equals(NAME)).count();
    }
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      if (Files.notExists(task)) {
        return ""; // it has ended
      }
      throw new UncheckedIOException(e);
    }
  }

  /** That this would be seen. */
  @Test
  void anOperatorOnACallersThreadMakesWorkers() throws Exception {
    caller.submit(CallerThreadsTest::sum).get();
    assertThat(threadsOfCaller()).isEqualTo(2);
  }

  private static void sum() {
    try (TorchScope scope = TorchScope.open()) {
      torch.ones(new long[] {WIDTH}, new TensorOptions()).sum().item_float();
    }
  }

  @Test
  void loadingAndDecodingMakeNone() throws Exception {
    Path folder =
        new TinyLlama()
            .add("model.embed_tokens.weight", WIDTH, 8)
            .add("lm_head.weight", WIDTH, 8)
            .config(config -> config.put("vocab_size", WIDTH))
            .write(temp);
    caller.submit(() -> decode(folder)).get();
    assertThat(threadsOfCaller()).isEqualTo(1);
  }

  private static void decode(Path folder) {
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(3);
    try (LogitSource model = TorchModels.load(folder);
        ProxyTuner tuner =
            ProxyTuner.builder().base(model).expert(model).antiExpert(model).build()) {
      Prompt prompt = Prompt.ofIds(1, 5, 7);
      tuner.generate(prompt, options.withLogprobs(3));
      tuner.generate(prompt, options.withSampler(Sampler.topP(0.9)));
    }
  }

  /** They may ask ProxyTune for something themselves, on whatever thread. */
  @Test
  void rowsOfAnApplicationAreReadByTheCaller() {
    Set<Thread> readers = new HashSet<>();
    Logits rows =
        new Logits() {
          @Override
          public int rows() {
            return 1;
          }

          @Override
          public int width() {
            return 4;
          }

          @Override
          public float[] row(int index) {
            readers.add(Thread.currentThread());
            return new float[] {0, 1, 2, 3};
          }

          @Override
          public void close() {}
        };
    LogitMath math = new TorchLogitMath();
    IdRange all = IdRange.below(4);
    try (Logits fused = math.fuse(rows, List.of(new Offset(rows, rows, 0.5, all)), all)) {
      assertThat(fused.row(0)).containsExactly(0, 1, 2, 3);
    }
    assertThat(math.logprobs(rows, new int[] {3})[0]).isNegative();
    assertThat(math.top(rows, 1).get(0).get(0).id()).isEqualTo(3);
    assertThat(readers).containsOnly(Thread.currentThread());
  }

  @Test
  void logitsOfAnApplicationMakeNone() throws Exception {
    LogitSource flat = FunctionLogitSource.of("flat", WIDTH, 100, ids -> new float[WIDTH]);
    caller
        .submit(
            () -> {
              try (ProxyTuner tuner = ProxyTuner.builder().base(flat).build()) {
                tuner.generate(Prompt.ofIds(1), GenerationOptions.defaults().withMaxNewTokens(3));
              }
            })
        .get();
    assertThat(threadsOfCaller()).isEqualTo(1);
  }
}
