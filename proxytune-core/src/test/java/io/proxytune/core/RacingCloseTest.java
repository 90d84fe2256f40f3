package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.sampling.TorchLogitMath;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Threads that use an object while another closes it get their result or are told that it is
 * closed; nothing else, and nothing is left behind.
 */
@Timeout(120)
@Tag("slow")
class RacingCloseTest {
  private static final Path FOLDER = GoldenModels.folder("gqa-tied");
  private static final Path ADAPTER = GoldenModels.folder("adapters/all");
  private static final int READERS = 3;
  private static final int[] TOKENS = {7, 20, 41};

  private final ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
  private final LogitMath math = new TorchLogitMath();
  private LogitModel model;
  private float[] expected;
  private long objects;

  /** Something that may find its object closed. */
  private interface Use {
    void run() throws Exception;
  }

  @BeforeEach
  void load() {
    model = TorchModels.load(FOLDER);
    try (LogitSession session = model.newSession(4)) {
      try (Logits logits = forward(session)) {
        expected = logits.row(0);
      }
    }
    objects = NativeMemory.objects();
  }

  @AfterEach
  void nothingIsLeft() {
    threads.shutdownNow();
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
    model.close();
  }

  private static Logits forward(LogitSession session) {
    return session.source().forward(List.of(new Segment(session, TOKENS, Rows.LAST)));
  }

  /** One round: all begin together. */
  private void race(AutoCloseable object, Use use) throws Exception {
    CyclicBarrier start = new CyclicBarrier(READERS + 1);
    List<Future<?>> runs = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      runs.add(threads.submit(() -> useUntilClosed(start, use)));
    }
    start.await();
    LockSupport.parkNanos(200_000); // the others are in the midst of it
    object.close();
    for (Future<?> run : runs) {
      run.get();
    }
  }

  private static Void useUntilClosed(CyclicBarrier start, Use use) throws Exception {
    start.await();
    try {
      while (true) {
        use.run();
      }
    } catch (IllegalStateException e) {
      assertThat(e.getMessage()).containsAnyOf("is closed", "closed while");
    }
    return null;
  }

  @Test
  void rowsOfLogits() throws Exception {
    for (int round = 0; round < 150; round++) {
      try (LogitSession session = model.newSession(4)) {
        Logits logits = forward(session);
        race(logits, () -> assertThat(logits.row(0)).isEqualTo(expected));
      }
    }
  }

  /** An application's own source may hand out a model's logits, and close them at any time. */
  @Test
  void whatIsComputedOfLogits() throws Exception {
    for (int round = 0; round < 25; round++) {
      try (LogitSession session = model.newSession(4)) {
        Logits logits = forward(session);
        race(logits, () -> compute(logits));
      }
    }
  }

  private void compute(Logits logits) {
    IdRange all = IdRange.below(logits.width());
    try (Logits fused = math.fuse(logits, List.of(), all);
        Logits selected = math.select(logits, new int[] {0, 0});
        Logits joined = math.join(List.of(logits, logits))) {
      assertThat(fused.row(0)).isEqualTo(expected);
      assertThat(selected.row(1)).isEqualTo(expected);
      assertThat(joined.row(1)).isEqualTo(expected);
    }
    assertThat(math.logprobs(logits, new int[] {1})[0]).isNegative();
    assertThat(math.top(logits, 2).get(0)).hasSize(2);
  }

  @Test
  void passesOfASession() throws Exception {
    for (int round = 0; round < 25; round++) {
      LogitSession session = model.newSession(64);
      race(session, () -> turn(session));
    }
  }

  /** A turn at a session that others use as well: most are refused as it is in use. */
  private void turn(LogitSession session) {
    try {
      session.truncate(0);
      try (Logits logits = forward(session);
          LogitSession fork = session.fork(64)) {
        assertThat(logits.row(0)).hasSameSizeAs(expected);
        assertThat(fork.position()).isLessThanOrEqualTo(64);
      }
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("position"); // another thread's tokens came between
    } catch (IllegalStateException e) {
      if (!e.getMessage().contains("in use by another thread")) {
        throw e;
      }
    }
  }

  @Test
  void sessionsOfAModel() throws Exception {
    for (int round = 0; round < 10; round++) {
      LogitModel other = TorchModels.load(FOLDER);
      race(other, () -> useOwnSession(other));
    }
  }

  private void useOwnSession(LogitModel source) {
    try (LogitSession session = source.newSession(4);
        Logits logits = forward(session)) {
      assertThat(logits.row(0)).hasSameSizeAs(expected);
    }
  }

  @Test
  void sessionsOfAnAdapterWhoseHostStays() throws Exception {
    for (int round = 0; round < 15; round++) {
      LogitModel adapter = TorchModels.loadAdapter(model, ADAPTER);
      race(adapter, () -> useOwnSession(adapter));
    }
  }

  @Test
  void adaptersOfAHostThatGoes() throws Exception {
    for (int round = 0; round < 8; round++) {
      LogitModel host = TorchModels.load(FOLDER);
      try (LogitModel adapter = TorchModels.loadAdapter(host, ADAPTER)) {
        race(host, () -> useAndLoadAdapter(host, adapter));
      }
    }
  }

  private void useAndLoadAdapter(LogitModel host, LogitModel adapter) {
    useOwnSession(adapter);
    try (LogitModel another = TorchModels.loadAdapter(host, ADAPTER)) {
      useOwnSession(another);
    }
  }

  @Test
  void requestsOfATuner() throws Exception {
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(4).withIgnoreEndOfText(true);
    Prompt prompt = Prompt.ofIds(TOKENS);
    for (int round = 0; round < 12; round++) {
      ProxyTuner tuner = ProxyTuner.builder().base(model).build();
      race(tuner, () -> assertThat(tuner.generate(prompt, options).tokenIds()).hasSize(4));
    }
  }
}
