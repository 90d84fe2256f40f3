package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forks read memory of others, as if it were their own. */
class KvCacheTest {
  private static final int PROMPT = 512;
  private static final int CAPACITY = PROMPT + 64;
  private static final int FORKS = 16;
  private static final KvLayout.Layer SMALL = layer(2, 4, true);
  private static final KvLayout.Layer COPIED = layer(1, 8, false);

  private TorchScope scope;

  @BeforeEach
  void open() {
    scope = TorchScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static KvLayout layout(KvLayout.Layer... layers) {
    return new KvLayout(List.of(layers));
  }

  private static KvLayout.Layer layer(int kvHeads, int headDim, boolean shares) {
    return new KvLayout.Layer(
        kvHeads, headDim, shares, OptionalInt.empty(), TorchDevice.CPU, ScalarType.Float);
  }

  /** Keys that are each token's number, and values that are half of it. */
  private static void append(KvCache cache, KvLayout layout, int position, int... numbers) {
    cache.prepare(position, numbers.length);
    float[] data = new float[numbers.length];
    for (int i = 0; i < data.length; i++) {
      data[i] = numbers[i];
    }
    Tensor keys = torch.tensor(data).view(1, -1, 1);
    Tensor values = torch.tensor(data).div_(new Scalar(2)).view(1, -1, 1);
    for (int i = 0; i < layout.layers().size(); i++) {
      KvLayout.Layer layer = layout.layers().get(i);
      long[] shape = {layer.kvHeads(), numbers.length, layer.headDim()};
      TensorVector both = new TensorVector(keys.expand(shape), values.expand(shape));
      cache.write(i, position, torch.cat(both, 0));
    }
  }

  private static void assertHolds(KvCache cache, KvLayout layout, List<Integer> numbers) {
    for (int i = 0; i < layout.layers().size(); i++) {
      for (float factor : List.of(1f, 0.5f)) {
        Tensor half =
            factor == 1 ? cache.keys(i, 0, numbers.size()) : cache.values(i, 0, numbers.size());
        KvLayout.Layer layer = layout.layers().get(i);
        assertThat(half.size(0)).isEqualTo(layer.kvHeads());
        assertThat(half.size(2)).isEqualTo(layer.headDim());
        Tensor all = half.permute(0, 2, 1).contiguous();
        float[] held = new float[layer.kvHeads() * layer.headDim() * numbers.size()];
        if (held.length > 0) {
          all.data_ptr_float().get(held);
        }
        for (int value = 0; value < held.length; value++) {
          assertThat(held[value]).isEqualTo(factor * numbers.get(value % numbers.size()));
        }
      }
    }
  }

  private static int[] numbers(int from, int count) {
    int[] numbers = new int[count];
    Arrays.setAll(numbers, i -> from + i);
    return numbers;
  }

  private static KvCache read(KvLayout layout) {
    KvCache cache = KvCache.empty(layout, CAPACITY);
    append(cache, layout, 0, numbers(0, PROMPT));
    return cache;
  }

  private static List<KvCache> forks(KvCache cache) {
    List<KvCache> forks = new ArrayList<>();
    for (int i = 0; i < FORKS; i++) {
      forks.add(cache.fork(PROMPT, CAPACITY));
    }
    return forks;
  }

  private static long ownBytes(List<KvCache> caches) {
    return caches.stream().mapToLong(KvCache::ownBytes).sum();
  }

  @Test
  void sixteenForksTakeHalfAsMuchAgain() {
    KvLayout layout = layout(SMALL, SMALL);
    KvCache one = read(layout);
    assertThat(one.ownBytes()).isEqualTo(layout.bytes(CAPACITY));
    List<KvCache> forks = forks(one);
    assertThat(ownBytes(forks)).as("before they go on").isZero();
    forks.forEach(fork -> append(fork, layout, PROMPT, 1));
    assertThat(layout.bytes(PROMPT) + ownBytes(forks))
        .isLessThanOrEqualTo(layout.bytes(PROMPT) * 3 / 2);

    forks.forEach(fork -> append(fork, layout, PROMPT + 1, numbers(1, 63)));
    assertThat(ownBytes(forks)).isEqualTo(FORKS * layout.forkBytes(PROMPT, CAPACITY));
    assertThat(layout.forkBytes(PROMPT, CAPACITY)).isEqualTo(layout.bytes(64));
    Closeables.all(forks);
    one.close();
  }

  /** What bytes are counted of is the first's own memory, and not a copy of it. */
  @Test
  void forksReadTheFirstsOwnMemory() {
    KvLayout layout = layout(SMALL, SMALL);
    KvCache one = read(layout);
    KvCache copy = one.copy(PROMPT, CAPACITY);
    assertThat(address(copy.own(), 0)).isNotEqualTo(address(one.own(), 0));
    List<KvCache> forks = forks(one);
    forks.forEach(fork -> append(fork, layout, PROMPT, 1));
    for (KvCache fork : forks) {
      assertThat(fork.parts()).hasSize(1);
      for (int layer = 0; layer < 2; layer++) {
        assertThat(address(fork.parts().get(0), layer)).isEqualTo(address(one.own(), layer));
      }
    }
    Closeables.all(forks);
    copy.close();
    one.close();
  }

  private static long address(KvMemory memory, int layer) {
    return memory.layer(layer).data_ptr().address();
  }

  @Test
  void layersThatCantShareAreCopied() {
    KvLayout layout = layout(SMALL, COPIED);
    assertThat(layout.forkBytes(PROMPT, CAPACITY))
        .isEqualTo(layout(SMALL).bytes(64) + layout(COPIED).bytes(CAPACITY));
    KvLayout none = layout(COPIED);
    try (KvCache one = read(none);
        KvCache fork = one.fork(PROMPT, CAPACITY)) {
      assertThat(fork.parts()).isEmpty();
      assertThat(fork.ownBytes()).isEqualTo(none.forkBytes(PROMPT, CAPACITY));
    }
  }

  @Test
  void whoWouldWriteWhatOthersReadCopiesIt() {
    KvLayout layout = layout(SMALL, COPIED);
    KvCache one = read(layout);
    KvCache fork = one.fork(PROMPT, CAPACITY);
    append(one, layout, 10, 7, 7, 7);
    List<Integer> prompt = Arrays.stream(numbers(0, PROMPT)).boxed().toList();
    assertHolds(fork, layout, prompt);
    one.close();
    assertHolds(fork, layout, prompt);
    fork.close();
  }

  @Test
  void forksOfForksReadSomeParts() {
    KvLayout layout = layout(SMALL, COPIED);
    List<Integer> held = new ArrayList<>();
    List<KvCache> caches = new ArrayList<>(List.of(KvCache.empty(layout, CAPACITY)));
    for (int i = 0; i < 7; i++) {
      KvCache last = caches.get(i);
      int[] numbers = numbers(1000 * i, KvCache.LEAST_SHARED);
      append(last, layout, held.size(), numbers);
      Arrays.stream(numbers).forEach(held::add);
      caches.add(last.fork(held.size(), CAPACITY));
      assertHolds(caches.get(i + 1), layout, held);
      assertThat(caches.get(i + 1).parts()).hasSize(Math.min(i + 1, 4));
    }
    Closeables.all(caches);
  }

  /** The parent first, last, or in the midst. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8, 15, 16})
  void nothingIsLeftWhateverIsClosedFirst(int parent) {
    KvLayout layout = layout(SMALL, COPIED);
    closeAll(layout, parent);
    long objects = NativeMemory.objects();
    for (int i = 0; i < 20; i++) {
      try (TorchScope inner = TorchScope.open()) {
        closeAll(layout, parent);
      }
      assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
    }
  }

  private static void closeAll(KvLayout layout, int parent) {
    KvCache one = read(layout);
    List<KvCache> all = forks(one);
    all.forEach(fork -> append(fork, layout, PROMPT, 1, 2, 3));
    all.set(3, replaced(all.get(3), all.get(3).fork(PROMPT + 3, CAPACITY)));
    append(all.get(4), layout, 100, 1);
    all.add(parent, one);
    Closeables.all(all);
  }

  private static KvCache replaced(KvCache old, KvCache by) {
    old.close();
    return by;
  }

  /** Against lists of numbers: forks of forks, copies, truncated anywhere, closed in any order. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void holdsWhatWasAppended(long seed) {
    Random random = new Random(seed);
    KvLayout layout = layout(SMALL, COPIED, SMALL);
    List<KvCache> caches = new ArrayList<>(List.of(KvCache.empty(layout, CAPACITY)));
    List<List<Integer>> held = new ArrayList<>(List.of(new ArrayList<>()));
    int deepest = 0;
    for (int i = 0; i < 300; i++) {
      change(i, layout, caches, held, random);
      int looked = random.nextInt(caches.size());
      caches.get(looked).prepare(held.get(looked).size(), 0);
      assertHolds(caches.get(looked), layout, held.get(looked));
      deepest = Math.max(deepest, caches.get(looked).parts().size());
    }
    assertThat(deepest).isGreaterThanOrEqualTo(2);
    Collections.shuffle(caches, random);
    Closeables.all(caches);
  }

  /** Appends to one of them, forks or copies it, cuts it, or closes it. */
  private static void change(
      int round, KvLayout layout, List<KvCache> caches, List<List<Integer>> held, Random random) {
    int chosen = random.nextInt(caches.size());
    KvCache cache = caches.get(chosen);
    List<Integer> numbers = held.get(chosen);
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        int count = Math.min(1 + random.nextInt(150), CAPACITY - numbers.size());
        append(cache, layout, numbers.size(), numbers(round * 100, count));
        Arrays.stream(numbers(round * 100, count)).forEach(numbers::add);
      }
      case 2, 3 -> {
        int tokens = numbers.size() - random.nextInt(random.nextBoolean() ? 1 : numbers.size() + 1);
        boolean shares = random.nextInt(4) > 0;
        caches.add(shares ? cache.fork(tokens, CAPACITY) : cache.copy(tokens, CAPACITY));
        held.add(new ArrayList<>(numbers.subList(0, tokens)));
      }
      case 4 -> {
        int most = random.nextInt(4) == 0 ? numbers.size() : Math.min(3, numbers.size());
        numbers.subList(numbers.size() - random.nextInt(most + 1), numbers.size()).clear();
      }
      default -> {
        if (caches.size() > 4) {
          caches.remove(chosen).close();
          held.remove(chosen);
        }
      }
    }
  }
}
