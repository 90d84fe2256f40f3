package io.proxytune.core.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.lifetime.SpareMemory;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixCacheTest {
  private static final int BLOCK = PrefixCache.BLOCK;
  private static final long TOKEN_BYTES = 10;

  private final FakeModel model = FakeModel.hashed("model", 1, 40, 1000).withBytesPerToken(10);
  private final FakeModel other = FakeModel.hashed("other", 2, 40, 1000).withBytesPerToken(10);
  private PrefixCache cache = new PrefixCache(6 * BLOCK * TOKEN_BYTES, 1024);

  @AfterEach
  void nothingStaysOpen() {
    cache.close();
    assertThat(model.open() + other.open()).isZero();
  }

  /** Ids from 2 to 39 that depend on the seed from the first on. */
  private static int[] ids(int seed, int count) {
    return new Random(seed).ints(count, 2, 40).toArray();
  }

  private static int[] join(int[] first, int[] second) {
    return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }

  private static LogitSession read(FakeModel model, int[] ids, int capacity) {
    LogitSession session = model.newSession(capacity);
    model.forward(List.of(new Segment(session, ids, Rows.NONE))).close();
    return session;
  }

  private void offer(FakeModel source, int[] ids) {
    try (LogitSession session = read(source, ids, ids.length)) {
      cache.offer(source, ids, session.copy(ids.length, ids.length));
    }
  }

  /** How much of a prompt is found; what follows is as if all had been read. */
  private int found(FakeModel source, int[] prompt) {
    Optional<LogitSession> found = cache.find(source, prompt, prompt.length);
    if (found.isEmpty()) {
      return 0;
    }
    try (LogitSession session = found.get();
        LogitSession whole =
            read(source, Arrays.copyOf(prompt, prompt.length - 1), prompt.length)) {
      int tokens = session.position();
      int[] rest = Arrays.copyOfRange(prompt, tokens, prompt.length);
      int[] last = Arrays.copyOfRange(prompt, prompt.length - 1, prompt.length);
      try (Logits row = source.forward(List.of(new Segment(session, rest, Rows.LAST)));
          Logits expected = source.forward(List.of(new Segment(whole, last, Rows.LAST)))) {
        assertThat(row.row(0)).isEqualTo(expected.row(0));
      }
      return tokens;
    }
  }

  @Test
  void promptFindsItsLongestBeginning() {
    int[] header = ids(1, 2 * BLOCK);
    offer(model, join(header, ids(2, BLOCK)));
    offer(model, join(header, ids(3, BLOCK)));

    assertThat(found(model, join(header, ids(4, 50)))).isEqualTo(2 * BLOCK);
    assertThat(found(model, join(join(header, ids(2, BLOCK)), ids(4, 50)))).isEqualTo(3 * BLOCK);
    assertThat(found(model, join(header, ids(3, BLOCK)))).isEqualTo(2 * BLOCK);
    assertThat(found(model, Arrays.copyOf(header, 2 * BLOCK))).as("a part of it").isEqualTo(BLOCK);
    assertThat(found(model, ids(5, 300))).isZero();
    assertThat(found(other, header)).as("another model").isZero();
  }

  /** Only so is every row rounded as if all had been read. */
  @Test
  void whatIsLeftIsReadAsIfAllWere() {
    offer(model, ids(1, 6 * BLOCK));
    int many = PrefixCache.MANY_TOKENS;

    assertThat(found(model, join(ids(1, 5 * BLOCK), ids(2, many)))).isEqualTo(5 * BLOCK);
    assertThat(found(model, join(ids(1, 5 * BLOCK), ids(2, many - 1)))).isEqualTo(4 * BLOCK);
    assertThat(found(model, ids(1, many))).isZero();

    cache.close();
    cache = new PrefixCache(6 * BLOCK * TOKEN_BYTES, 2 * BLOCK);
    offer(model, ids(1, 6 * BLOCK));
    int[] few = join(ids(1, 6 * BLOCK), ids(2, 3));
    assertThat(found(model, few)).as("few are read in the end either way").isEqualTo(6 * BLOCK);
    few[5 * BLOCK] = 0;
    assertThat(found(model, few)).isEqualTo(4 * BLOCK);
  }

  @Test
  void passesThatDoNotBeginWithBlocksFindNothing() {
    cache.close();
    cache = new PrefixCache(6 * BLOCK * TOKEN_BYTES, 100);
    offer(model, ids(1, BLOCK));
    assertThat(found(model, join(ids(1, 50), ids(2, 50)))).isZero();
    assertThat(found(model, join(ids(1, BLOCK), ids(2, 50)))).isZero();
  }

  @Test
  void textsThatGoOnTakeThePlaceOfTheirBeginnings() {
    offer(model, ids(1, BLOCK));
    offer(model, ids(1, 3 * BLOCK));
    assertThat(cache.stats().entries()).isEqualTo(1);
    assertThat(cache.stats().bytes()).isEqualTo(3 * BLOCK * TOKEN_BYTES);

    assertThat(cache.wants(model, ids(1, 2 * BLOCK))).isFalse();
    offer(model, ids(1, 2 * BLOCK));
    assertThat(cache.stats().bytes()).isEqualTo(3 * BLOCK * TOKEN_BYTES);
    assertThat(cache.wants(model, ids(1, 4 * BLOCK))).isTrue();
    assertThat(cache.stats().evictions()).isZero();
  }

  @Test
  void whatWindowsHaveLeftBehindIsNotFound() {
    model.holdingLast(2 * BLOCK);
    offer(model, ids(1, 6 * BLOCK));

    assertThat(found(model, join(ids(1, 3 * BLOCK), ids(2, 50)))).isZero();
    assertThat(cache.stats().hits() + cache.stats().reusedTokens()).isZero();
    assertThat(found(model, join(ids(1, 4 * BLOCK), ids(2, 50)))).isEqualTo(4 * BLOCK);
    assertThat(cache.stats().reusedTokens()).isEqualTo(4 * BLOCK);
  }

  /** A system prompt stays beside the long prompts that begin with it. */
  @Test
  void beginningsStayWhereLongerOnesHaveLeftThemBehind() {
    model.holdingLast(BLOCK);
    offer(model, ids(1, BLOCK));
    offer(model, ids(1, 4 * BLOCK));
    assertThat(cache.stats().entries()).isEqualTo(2);
    assertThat(cache.wants(model, ids(1, BLOCK))).isFalse();
    assertThat(cache.wants(model, ids(1, 2 * BLOCK))).isTrue();

    assertThat(found(model, join(ids(1, BLOCK), ids(2, 50)))).isEqualTo(BLOCK);
    assertThat(found(model, join(ids(1, 2 * BLOCK), ids(2, 50)))).as("between").isEqualTo(BLOCK);
    assertThat(found(model, join(ids(1, 4 * BLOCK), ids(2, 50)))).isEqualTo(4 * BLOCK);

    offer(model, ids(1, 5 * BLOCK));
    assertThat(cache.stats().bytes()).isEqualTo(6 * BLOCK * TOKEN_BYTES);
  }

  @Test
  void whatWasUsedLeastRecentlyGoesFirst() {
    offer(model, ids(1, 2 * BLOCK));
    offer(other, ids(2, 2 * BLOCK));
    assertThat(found(model, ids(1, 2 * BLOCK - 1))).isEqualTo(BLOCK);
    offer(model, ids(3, 2 * BLOCK));
    assertThat(cache.stats().evictions()).isZero();
    offer(model, ids(4, BLOCK));

    assertThat(cache.stats().bytes()).isEqualTo(5 * BLOCK * TOKEN_BYTES);
    assertThat(found(other, ids(2, 2 * BLOCK - 1))).isZero();
    assertThat(found(model, ids(1, 2 * BLOCK - 1))).isEqualTo(BLOCK);
    assertThat(cache.stats().evictions()).isEqualTo(1);
  }

  @Test
  void whatIsLargerThanAllRoomIsNotKept() {
    offer(model, ids(1, BLOCK));
    offer(model, ids(2, 7 * BLOCK));

    assertThat(cache.stats().entries()).isEqualTo(1);
    assertThat(found(model, ids(1, 2 * BLOCK - 1))).isEqualTo(BLOCK);
  }

  @Test
  void sourcesThatDoNotTellTheirSizeTakeNoPart() {
    FakeModel silent = FakeModel.hashed("silent", 1, 40, 400);
    offer(silent, ids(1, BLOCK));

    assertThat(cache.stats().entries()).isZero();
    assertThat(silent.open()).isZero();
  }

  @Test
  void allGoesWhereMemoryIsShort() {
    offer(model, ids(1, BLOCK));
    offer(other, ids(1, BLOCK));
    assertThat(SpareMemory.free()).isTrue();

    assertThat(model.open() + other.open()).isZero();
    assertThat(cache.stats().bytes()).isZero();
    assertThat(cache.clear()).isFalse();
    offer(model, ids(1, BLOCK));
    assertThat(cache.stats().entries()).isEqualTo(1);
  }

  @Test
  void closedCacheKeepsNothing() {
    offer(model, ids(1, BLOCK));
    cache.close();
    cache.close();
    offer(model, ids(2, BLOCK));

    assertThat(model.open()).isZero();
    assertThat(cache.stats().entries()).isZero();
    assertThat(found(model, ids(1, 2 * BLOCK - 1))).isZero();
  }

  /** Against a search through all that is kept, with few different ids so that much is shared. */
  @ParameterizedTest
  @ValueSource(ints = {Integer.MAX_VALUE, 2 * BLOCK, BLOCK, 0})
  void findsWhatASearchOfAllFinds(int window) {
    Random random = new Random(11);
    List<int[]> kept = new ArrayList<>();
    model.holdingLast(window);
    cache.close();
    cache = new PrefixCache(1_000_000, 1024);
    for (int i = 0; i < 200; i++) {
      int[] ids = branching(random);
      if (random.nextInt(3) > 0) {
        int[] blocks = Arrays.copyOf(ids, PrefixCache.wholeBlocks(ids.length));
        offer(model, blocks);
        if (kept.stream().noneMatch(k -> given(k, blocks, window) == blocks.length)) {
          kept.removeIf(k -> shared(k, blocks) == k.length && k.length >= blocks.length - window);
          kept.add(blocks);
        }
      } else {
        int[] room = Arrays.copyOf(ids, ids.length - PrefixCache.MANY_TOKENS);
        int most = kept.stream().mapToInt(k -> given(k, room, window)).max().orElse(0);
        assertThat(found(model, ids)).isEqualTo(most);
      }
    }
    assertThat(model.open()).isEqualTo(cache.stats().entries()).isEqualTo(kept.size());
    assertThat(cache.stats().hits()).isGreaterThan(10);
  }

  private static int given(int[] kept, int[] ids, int window) {
    int blocks = PrefixCache.wholeBlocks(shared(kept, ids));
    return blocks >= kept.length - window ? blocks : 0;
  }

  private static int[] branching(Random random) {
    int[] ids = new int[BLOCK + random.nextInt(3 * BLOCK)];
    int from = List.of(100, 200, 300).get(random.nextInt(3));
    Arrays.setAll(ids, i -> i < from || i % 80 != 0 ? 5 : 5 + random.nextInt(2));
    return ids;
  }

  private static int shared(int[] a, int[] b) {
    int i = 0;
    while (i < Math.min(a.length, b.length) && a[i] == b[i]) {
      i++;
    }
    return i;
  }

  @Test
  void threadsMayDoAllAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> done = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Random random = new Random(t);
      done.add(threads.submit(() -> IntStream.range(0, 100).forEach(i -> useAtRandom(random))));
    }
    for (Future<?> each : done) {
      each.get();
    }
    threads.shutdown();
    assertThat(model.open()).isEqualTo(cache.stats().entries());
    assertThat(cache.stats().bytes()).isBetween(0L, cache.stats().limitBytes());
  }

  private void useAtRandom(Random random) {
    int[] ids = branching(random);
    switch (random.nextInt(8)) {
      case 0 -> SpareMemory.free();
      case 1, 2, 3 -> cache.find(model, ids, ids.length).ifPresent(LogitSession::close);
      default -> offer(model, Arrays.copyOf(ids, PrefixCache.wholeBlocks(ids.length)));
    }
  }
}
