package io.proxytune.core.offsets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.Ints;
import io.proxytune.ExpertPair;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.offsets.RawClient.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server as an engine sees it, byte by byte; offsets are those of models that are functions.
 */
class OffsetServerTest {
  private static final int WIDTH = 48; // padded: the vocabulary has 40
  private static final int SIZE = 40;
  private static final float NEVER = Float.NEGATIVE_INFINITY;
  private static final int FLOAT32 = 1;
  private static final int FLOAT16 = 2;
  private static final OffsetLimits LIMITS =
      OffsetLimits.defaults().withRequests(12).withChunk(7).withConnections(100);

  private final AtomicBoolean fails = new AtomicBoolean();
  private final FakeModel[] models = {model(1), model(2), model(3), model(4)};
  private @TempDir Path folder;
  private OffsetServer server;
  private byte[] print;

  private FakeModel model(long seed) {
    return FakeModel.of(100, ids -> FakeModel.hashedRow(ids, seed, SIZE))
        .beforePass(
            pass -> {
              if (fails.get()) {
                throw new IllegalStateException("a model of a test fails");
              }
            });
  }

  @BeforeEach
  void start() {
    print = Fingerprint.of(FakeTokenizer.LETTERS);
    server = start("s.sock", LIMITS);
  }

  private OffsetServer start(String name, OffsetLimits limits) {
    return OffsetServer.builder()
        .vocabularyOf(models[0])
        .pair("first", new ExpertPair(models[0], models[1], 1.5))
        .pair("second", new ExpertPair(models[2], models[3], -0.5))
        .limits(limits)
        .start(folder.resolve(name));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RawClient connect(int format) throws IOException {
    return new RawClient(server.socket(), WIDTH, format).greet(SIZE, print);
  }

  private static float[] offset(int[] ids, double first, double second) {
    List<Integer> read = Ints.asList(ids);
    float[] sum = new float[WIDTH];
    for (int id = 0; id < SIZE; id++) {
      float[] rows = new float[4];
      for (int model = 0; model < 4; model++) {
        rows[model] = FakeModel.hashedRow(read, model + 1, SIZE)[id];
      }
      sum[id] = (float) (first * (rows[0] - rows[1]) + second * (rows[2] - rows[3]));
    }
    return sum;
  }

  private static void check(Rows rows, long request, int[] ids, double... alphas) {
    assertThat(rows.failures()).isEmpty();
    assertThat(rows.rows().get(request))
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(offset(ids, alphas[0], alphas[1]));
  }

  @Test
  void requestsJoinGoOnAndLeaveWithStrengthsOfTheirOwn() throws IOException {
    try (RawClient engine = connect(FLOAT32)) {
      Rows rows =
          engine
              .join(1, 20)
              .join(2, 0, 0.25)
              .join(3, 20, 0, 0)
              .read(1, 0, true, 4, 5, 6)
              .read(2, 0, true, 7)
              .read(3, 0, true, 8, 9)
              .run();
      assertThat(rows.rows().keySet()).containsExactly(1L, 2L, 3L);
      check(rows, 1, new int[] {4, 5, 6}, 1.5, -0.5);
      check(rows, 2, new int[] {7}, 0.25, 0);
      check(rows, 3, new int[] {8, 9}, 0, 0);
      rows = engine.leave(2).read(1, 3, true, 10).run();
      check(rows, 1, new int[] {4, 5, 6, 10}, 1.5, -0.5);
      assertThat(engine.read(2, 1, true, 8).run().failures()).containsEntry(2L, 16);
      rows = engine.join(2, 0, 0.25).read(2, 0, true, 7, 8).run();
      check(rows, 2, new int[] {7, 8}, 0.25, 0);
      assertThat(engine.run().rows()).isEmpty();
    }
    assertThat(server.stats().requests()).isEqualTo(4);
    assertThat(server.stats().rows()).isEqualTo(5);
  }

  /** Prompts longer than a chunk, tokens taken back, and requests that come back whole. */
  @Test
  void whateverAnEngineDoesItsRowsAreThoseOfItsTokens() throws IOException {
    Random random = new Random(5);
    Map<Long, int[]> texts = new HashMap<>();
    try (RawClient engine = connect(FLOAT32)) {
      for (int step = 0; step < 300; step++) {
        Map<Long, int[]> wanted = new HashMap<>();
        for (long request = 0; request < 8; request++) {
          int[] before = texts.getOrDefault(request, new int[0]);
          if (texts.containsKey(request) && (random.nextInt(12) == 0 || before.length > 60)) {
            engine.leave(request);
            texts.remove(request);
          } else if (random.nextInt(3) > 0) {
            if (!texts.containsKey(request)) {
              engine.join(request, random.nextInt(70));
            }
            boolean goesOn = before.length > 0 && random.nextInt(6) > 0;
            int kept = goesOn ? before.length : random.nextInt(before.length + 1);
            int[] more = random.ints(goesOn ? 1 : 1 + random.nextInt(30), 0, SIZE).toArray();
            int[] now = Ints.concat(Arrays.copyOf(before, kept), more);
            boolean isWanted = random.nextInt(5) > 0;
            engine.read(request, kept, isWanted, more);
            texts.put(request, now);
            if (isWanted) {
              wanted.put(request, now);
            }
          }
        }
        Rows rows = engine.run();
        assertThat(rows.rows().keySet()).isEqualTo(wanted.keySet());
        wanted.forEach((request, ids) -> check(rows, request, ids, 1.5, -0.5));
      }
    }
  }

  @Test
  void requestsOfSeveralEnginesAreReadTogether() throws IOException {
    try (RawClient one = connect(FLOAT32);
        RawClient other = connect(FLOAT16)) {
      one.send(one.join(1, 0).read(1, 0, true, 4).step());
      other.send(other.join(1, 0).read(1, 0, true, 5).step());
      check(one.rows(), 1, new int[] {4}, 1.5, -0.5);
      float[] expected = offset(new int[] {5}, 1.5, -0.5);
      float[] row = other.rows().rows().get(1L);
      for (int id = 0; id < WIDTH; id++) {
        assertThat(row[id]).isCloseTo(expected[id], within(Math.abs(expected[id]) / 2048 + 1e-6f));
      }
    }
  }

  @Test
  void whatCantBeSteeredFailsByItselfAndSaysWhy() throws IOException {
    try (RawClient engine = connect(FLOAT32)) {
      engine.join(1, 0).join(2, 0).join(3, 0).join(4, 0, 1, 1, 1);
      Rows rows =
          engine
              .read(1, 0, true, 4, SIZE)
              .read(2, 0, true, new int[101])
              .read(3, 0, true, 6)
              .read(4, 0, true, 6)
              .run();
      assertThat(rows.failures())
          .containsExactlyInAnyOrderEntriesOf(Map.of(1L, 17, 2L, 18, 4L, 21));
      assertThat(rows.rows().keySet()).containsExactly(3L);
      fails.set(true);
      rows = engine.join(1, 0).read(1, 0, true, 4).read(3, 1, true, 7).run();
      assertThat(rows.failures()).containsExactlyInAnyOrderEntriesOf(Map.of(1L, 20, 3L, 20));
      fails.set(false);
      rows = engine.join(1, 0).read(1, 0, true, 4).run();
      check(rows, 1, new int[] {4}, 1.5, -0.5);
      for (int request = 10; request < 22; request++) {
        engine.join(request, 0);
      }
      assertThat(engine.run().failures()).containsExactly(Map.entry(21L, 19));
    }
    assertThat(server.stats().failures()).isEqualTo(6);
  }

  @Test
  void whatFailsWhileNobodyWaitsIsToldNext() throws IOException {
    fails.set(true);
    try (RawClient engine = connect(FLOAT32)) {
      assertThat(engine.join(1, 0).read(1, 0, false, 4).run().failures()).isEmpty();
      assertThat(engine.read(1, 1, true, 5).run().failures()).containsEntry(1L, 20);
      assertThat(engine.read(1, 1, true, 5).run().failures()).containsEntry(1L, 16);
    }
  }

  /** Both models never say a token: no difference. One never says it: it is forbidden. */
  @Test
  void infinitiesAreWhatTheyAreInATuner() throws IOException {
    try (OffsetServer infinite =
            OffsetServer.builder()
                .vocabularyOf(models[0])
                .pair("finite", ExpertPair.of(models[0], models[1]))
                .pair("infinite", ExpertPair.of(constant(NEVER, NEVER), constant(0, NEVER)))
                .pair("broken", ExpertPair.of(constant(Float.NaN, 0), constant(0, 0)))
                .start(folder.resolve("i.sock"));
        RawClient engine = new RawClient(infinite.socket(), WIDTH, FLOAT32).greet(SIZE, print)) {
      Rows rows = engine.join(1, 0, 1, 1).read(1, 0, true, 4).join(2, 0).read(2, 0, true, 4).run();
      float[] expected = offset(new int[] {4}, 1, 0);
      assertThat(rows.rows().get(1L)[0]).isEqualTo(NEVER);
      assertThat(rows.rows().get(1L)[1]).isCloseTo(expected[1], within(1e-5f));
      assertThat(rows.rows().get(1L)[2]).isCloseTo(expected[2], within(1e-5f));
      assertThat(rows.failures()).containsExactly(Map.entry(2L, 20));
    }
  }

  /** Two logits, and 0 for all others. */
  private static FakeModel constant(float first, float second) {
    return FakeModel.of(
        100,
        ids -> {
          float[] row = new float[SIZE];
          row[0] = first;
          row[1] = second;
          return row;
        });
  }

  @Test
  void otherVocabulariesVersionsAndSizesAreRefused() throws IOException {
    byte[] other = print.clone();
    other[3]++;
    assertThat(refusal(RawClient.hello(2, 1, WIDTH, SIZE, print))).isEqualTo(2);
    assertThat(refusal(RawClient.hello(1, 3, WIDTH, SIZE, print))).isEqualTo(1);
    assertThat(refusal(RawClient.hello(1, 1, 0, SIZE, print))).isEqualTo(1);
    assertThat(refusal(RawClient.hello(1, 1, 1 << 24, SIZE, print))).isEqualTo(3);
    assertThat(refusal(RawClient.hello(1, 1, WIDTH, SIZE + 1, print))).isEqualTo(3);
    assertThat(refusal(RawClient.hello(1, 1, WIDTH, SIZE, other))).isEqualTo(3);
    assertThat(refusal(RawClient.hello(1, 1, WIDTH, SIZE, print, 101))).isEqualTo(4);
    assertThat(refusal(RawClient.hello(1, 1, WIDTH, SIZE, print, 100, 13))).isEqualTo(4);
    assertThat(refusal("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII))).isEqualTo(1);
    assertThat(server.stats().connections()).isZero();
  }

  private int refusal(byte[] first) throws IOException {
    try (RawClient client = new RawClient(server.socket(), WIDTH, FLOAT32)) {
      client.send(first);
      return client.refusal().orElseThrow();
    }
  }

  @Test
  void noMoreConnectionsThanMayBe() throws IOException {
    try (OffsetServer small = start("small.sock", LIMITS.withConnections(1));
        RawClient one = new RawClient(small.socket(), WIDTH, FLOAT32).greet(SIZE, print);
        RawClient two = new RawClient(small.socket(), WIDTH, FLOAT32)) {
      assertThat(two.refusal()).hasValue(5);
      assertThat(one.run().failures()).isEmpty();
    }
  }

  /** Cut, changed and made-up messages end their connection at most, and cost no memory. */
  @Test
  void hostileMessagesEndTheirConnectionAlone() throws IOException {
    Random random = new Random(3);
    try (RawClient good = connect(FLOAT32)) {
      good.join(1, 0).read(1, 0, true, 4).run();
      for (int round = 0; round < 400; round++) {
        try (RawClient bad = connect(FLOAT32)) {
          byte[] step =
              bad.join(7, 9, 1.0).read(7, 0, true, 1, 2, 3).leave(8).read(8, 1, false, 2).step();
          for (int change = random.nextInt(6); change >= 0; change--) {
            step[random.nextInt(step.length)] = (byte) random.nextInt();
          }
          int length = random.nextInt(4) > 0 ? step.length : random.nextInt(step.length) + 1;
          bad.send(Arrays.copyOf(step, length));
          assertThat(bad.receive().get()).isIn((byte) 4, (byte) 5);
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("reset"); // the rest of a refused message was not read
        }
      }
      check(good.read(1, 1, true, 5).run(), 1, new int[] {4, 5}, 1.5, -0.5);
    }
  }

  @Test
  void lengthsAreBounded() throws IOException {
    for (int length : new int[] {0, -1, Integer.MAX_VALUE, LIMITS.messageBytes() + 1}) {
      try (RawClient bad = connect(FLOAT32)) {
        bad.sendRaw(RawClient.bytes(4).putInt(length).array());
        assertThat(bad.refusal()).hasValue(1);
      }
    }
    for (byte[] claims :
        List.of(
            RawClient.bytes(21).put((byte) 3).putLong(1).putInt(Integer.MAX_VALUE).array(),
            RawClient.bytes(21).put((byte) 3).putLong(1).putInt(0).putInt(1 << 30).array(),
            RawClient.bytes(21).put((byte) 3).putLong(1).putLong(0).putInt(-1).array())) {
      try (RawClient bad = connect(FLOAT32)) {
        bad.send(claims);
        assertThat(bad.refusal()).hasValue(1);
      }
    }
  }

  @Test
  void requestsThatAreNotThereAndTokensThatAreNotKeptAreRefused() throws IOException {
    try (RawClient bad = connect(FLOAT32)) {
      bad.send(bad.join(1, 0).read(1, 1, true, 4).step());
      assertThat(bad.refusal()).hasValue(1);
    }
    try (RawClient bad = connect(FLOAT32)) {
      bad.send(bad.join(1, 0).join(1, 0).step());
      assertThat(bad.refusal()).hasValue(1);
    }
    try (RawClient bad = connect(FLOAT32)) {
      bad.send(bad.join(1, 0).read(1, 0, true, 4).read(1, 1, true, 4).step());
      assertThat(bad.refusal()).hasValue(1);
    }
  }

  @Test
  void aServerThatEndsSaysSoAndTakesItsFileAway() throws IOException {
    assertThat(Files.getPosixFilePermissions(server.socket()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (RawClient engine = connect(FLOAT32)) {
      server.close();
      assertThat(engine.receive().hasRemaining()).isFalse();
    }
    assertThat(server.socket()).doesNotExist();
    server.close();
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void theFileOfAKilledServerIsTakenAndNoOther() throws Exception {
    assertThatThrownBy(() -> start("s.sock", LIMITS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another server listens");
    Path text = Files.writeString(folder.resolve("text"), "kept");
    assertThatThrownBy(() -> start("text", LIMITS)).hasMessageContaining("no socket");
    assertThat(text).hasContent("kept");
    assertThatThrownBy(() -> start("x".repeat(120), LIMITS)).hasMessageContaining("at most 103");
    assertThatThrownBy(() -> start("no/s.sock", LIMITS)).hasMessageContaining("no folder");
    try (var killed =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      killed.bind(java.net.UnixDomainSocketAddress.of(folder.resolve("k.sock")));
    }
    try (OffsetServer next = start("k.sock", LIMITS)) {
      assertThat(next.socket()).exists();
      assertThat(next.vocabularySize()).isEqualTo(SIZE);
      assertThat(next.contextLength()).isEqualTo(100);
    }
  }
}
