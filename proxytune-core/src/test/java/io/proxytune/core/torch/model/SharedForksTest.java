package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.LogitRows;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forks that read memory of the session that they were made of, beside copies of it. */
@Tag("processor")
class SharedForksTest {
  private static final int PROMPT = 512;
  private static final int CAPACITY = PROMPT + 64;
  private static final double TOLERANCE = 1e-5;

  private TorchModel model;
  private TorchSession one;

  @BeforeEach
  void load(@TempDir Path folder) {
    new TinyLlama().config(config -> config.put("max_position_embeddings", 1024)).write(folder);
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    model =
        (TorchModel) ModelLoader.load(DecoderCheckpoint.open(folder), Optional.empty(), options);
    one = (TorchSession) model.newSession(CAPACITY);
    rows(segment(one, 1, PROMPT));
  }

  @AfterEach
  void close() {
    one.close();
    model.close();
  }

  private Segment segment(LogitSession session, int seed, int count) {
    int[] ids = new Random(seed).ints(count, 0, model.width()).toArray();
    return new Segment(session, ids, Rows.LAST);
  }

  private List<float[]> rows(Segment... segments) {
    try (Logits logits = model.forward(List.of(segments))) {
      List<float[]> rows = new ArrayList<>();
      for (int row = 0; row < logits.rows(); row++) {
        rows.add(logits.row(row));
      }
      return rows;
    }
  }

  private LogitSession fork() {
    return one.fork(CAPACITY);
  }

  private LogitSession copy() {
    return one.copy(PROMPT, CAPACITY);
  }

  /** A few tokens of some sessions, in one pass. */
  private List<float[]> step(int seed, int count, LogitSession... sessions) {
    Segment[] segments = new Segment[sessions.length];
    for (int i = 0; i < sessions.length; i++) {
      segments[i] = segment(sessions[i], seed + i, count);
    }
    return rows(segments);
  }

  @Test
  void sixteenForksTakeTheMemoryThatIsSaid() {
    List<LogitSession> forks = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      forks.add(fork());
    }
    LogitSession[] all = forks.toArray(LogitSession[]::new);
    step(1, 1, all);
    assertThat(bytes(forks)).isLessThanOrEqualTo(model.sessionBytes(PROMPT) / 2);
    for (int i = 1; i < 64; i++) {
      step(1, 1, all);
    }
    assertThat(bytes(forks)).isEqualTo(16 * model.forkBytes(PROMPT, CAPACITY));
    assertThat(model.forkBytes(PROMPT, CAPACITY)).isEqualTo(model.sessionBytes(64));
    forks.forEach(LogitSession::close);
  }

  private static long bytes(List<LogitSession> sessions) {
    return sessions.stream().mapToLong(each -> ((TorchSession) each).cache().ownBytes()).sum();
  }

  @Test
  void forksComputeWhatCopiesDo() {
    try (LogitSession a = fork();
        LogitSession b = fork();
        LogitSession likeA = copy();
        LogitSession likeB = copy()) {
      for (int i = 0; i < 20; i++) {
        int count = 1 + i % 3;
        LogitRows.assertClose(
            "round " + i, step(i, count, a, b), step(i, count, likeA, likeB), TOLERANCE);
      }
      LogitRows.assertClose("alone", step(1, 1, b), step(1, 1, likeB), TOLERANCE);
    }
  }

  /** Before the end of what is shared, and behind it. */
  @Test
  void truncatedForksGoOn() {
    for (int position : new int[] {PROMPT + 2, PROMPT, PROMPT - 1, 70, 5, 0}) {
      try (LogitSession fork = fork();
          LogitSession copy = copy()) {
        step(3, 4, fork, copy);
        fork.truncate(position);
        copy.truncate(position);
        for (int i = 0; i < 3; i++) {
          List<float[]> rows = step(i, 2, fork);
          LogitRows.assertClose("behind " + position, rows, step(i, 2, copy), TOLERANCE);
        }
      }
    }
  }

  @Test
  void whatForksReadIsNotWrittenOver() {
    try (LogitSession fork = fork();
        LogitSession copy = copy();
        LogitSession like = copy()) {
      one.truncate(10);
      like.truncate(10);
      for (int i = 0; i < 3; i++) {
        assertThat(step(i, 30, one)).usingRecursiveComparison().isEqualTo(step(i, 30, like));
      }
      LogitRows.assertClose("fork", step(9, 1, fork), step(9, 1, copy), TOLERANCE);
    }
  }

  @Test
  void forksOutliveWhatTheyWereMadeOf() {
    LogitSession fork = fork();
    LogitSession ofFork = fork.fork(100, CAPACITY);
    LogitSession copy = copy();
    LogitSession copyOfFork = one.copy(100, CAPACITY);
    one.close();
    LogitRows.assertClose("fork", step(1, 1, fork), step(1, 1, copy), TOLERANCE);
    fork.close();
    LogitRows.assertClose("its fork", step(1, 1, ofFork), step(1, 1, copyOfFork), TOLERANCE);
    List.of(ofFork, copy, copyOfFork).forEach(LogitSession::close);
  }

  /** What shares nothing computes as ever, whoever is beside it. */
  @Test
  void othersDoNotChangeByABit() {
    try (LogitSession a = fork();
        LogitSession b = fork();
        LogitSession c = copy();
        LogitSession likeA = copy();
        LogitSession likeB = copy();
        LogitSession likeC = copy()) {
      for (int i = 0; i < 5; i++) {
        float[] beside = step(i, 1, a, c, b).get(1);
        assertThat(beside).isEqualTo(step(i, 1, likeA, likeC, likeB).get(1));
      }
    }
  }

  /** Many tokens are read as behind a copy: so is what is left of a prompt. */
  @Test
  void manyTokensAreReadToTheBit() {
    try (LogitSession fork = fork();
        LogitSession copy = copy()) {
      for (int count : new int[] {17, 20}) {
        assertThat(step(count, count, fork).get(0)).isEqualTo(step(count, count, copy).get(0));
      }
    }
  }

  @Test
  void nothingIsLeft() {
    long objects = 0;
    for (int i = 0; i < 10; i++) {
      LogitSession first = fork();
      LogitSession second = first.fork(PROMPT, CAPACITY);
      step(i, 3, first, second);
      second.truncate(100);
      LogitSession third = second.fork(CAPACITY);
      step(i, 3, second, third);
      (i % 2 == 0 ? List.of(first, third, second) : List.of(second, first, third))
          .forEach(LogitSession::close);
      if (i == 1) {
        objects = NativeMemory.objects();
      }
    }
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
  }
}
