package io.proxytune.examples.tasks;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The generator of Python's {@code random} with its {@code sample} and {@code shuffle}, so that
 * benchmarks which were drawn with a seed there are drawn alike here. It is MT19937 (Matsumoto and
 * Nishimura 1998), seeded with one 32-bit key by {@code init_by_array}. For one thread.
 */
final class PythonRandom {
  private static final int SIZE = 624;
  private static final int SHIFT = 397;

  private final int[] state = new int[SIZE];
  private int next = SIZE;

  /**
   * As {@code random.seed(seed)} leaves it.
   *
   * @param seed at least 0
   */
  PythonRandom(int seed) {
    fill(19650218);
    int i = 1;
    for (int k = 0; k < SIZE; k++) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1664525)) + seed;
      i = after(i);
    }
    for (int k = 0; k < SIZE - 1; k++) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1566083941)) - i;
      i = after(i);
    }
    state[0] = 1 << 31;
  }

  private void fill(int value) {
    state[0] = value;
    for (int i = 1; i < SIZE; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** The index that follows in a round over all but the first, which takes over the last. */
  private int after(int i) {
    if (i + 1 < SIZE) {
      return i + 1;
    }
    state[0] = state[SIZE - 1];
    return 1;
  }

  private int nextInt() {
    if (next == SIZE) {
      twist();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  private void twist() {
    for (int i = 0; i < SIZE; i++) {
      int y = (state[i] & (1 << 31)) | (state[(i + 1) % SIZE] & Integer.MAX_VALUE);
      state[i] = state[(i + SHIFT) % SIZE] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
    }
    next = 0;
  }

  /** A number below a bound above zero. */
  int below(int bound) {
    int bits = 32 - Integer.numberOfLeadingZeros(bound);
    int drawn = nextInt() >>> (32 - bits);
    while (drawn >= bound) {
      drawn = nextInt() >>> (32 - bits);
    }
    return drawn;
  }

  /** {@code random.shuffle}. */
  <T> void shuffle(List<T> list) {
    for (int i = list.size() - 1; i >= 1; i--) {
      int j = below(i + 1);
      T kept = list.get(i);
      list.set(i, list.get(j));
      list.set(j, kept);
    }
  }

  /** {@code random.sample}: so many elements, none of one place twice. */
  <T> List<T> sample(List<T> population, int count) {
    int size = population.size();
    int tableSize = 21;
    if (count > 5) {
      tableSize += (int) Math.pow(4, Math.ceil(Math.log(count * 3) / Math.log(4)));
    }
    return size <= tableSize ? fromPool(population, count) : bySet(population, count);
  }

  private <T> List<T> fromPool(List<T> population, int count) {
    List<T> pool = new ArrayList<>(population);
    List<T> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int j = below(pool.size() - i);
      drawn.add(pool.get(j));
      pool.set(j, pool.get(pool.size() - i - 1));
    }
    return drawn;
  }

  private <T> List<T> bySet(List<T> population, int count) {
    Set<Integer> taken = new HashSet<>();
    List<T> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int j = below(population.size());
      while (!taken.add(j)) {
        j = below(population.size());
      }
      drawn.add(population.get(j));
    }
    return drawn;
  }
}
