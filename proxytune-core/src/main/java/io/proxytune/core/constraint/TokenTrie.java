package io.proxytune.core.constraint;

import com.google.common.primitives.UnsignedBytes;
import io.proxytune.core.tokenizer.TokenBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The tokens of a vocabulary as a tree of their bytes, laid out in the order of a walk from top to
 * bottom: a subtree that a form has no place for is stepped over. Immutable.
 */
final class TokenTrie {
  /** Longer ones are never used: they would only bound how deep a walk goes. */
  private static final int MOST_BYTES = 1 << 10;

  private final byte[][] bytesOf;
  private final byte[] labels;

  /** The number of bytes from the top to a node, its own included. */
  private final int[] depths;

  private final int[] subtreeEnds;

  /** The tokens of node {@code i} are {@code ids[firsts[i]]} to {@code ids[firsts[i + 1] - 1]}. */
  private final int[] firsts;

  private final int[] ids;
  private final int deepest;

  /** Takes the tokens that a walk reaches. */
  interface Visitor {
    /** A token, and where its last byte leads. */
    void visit(int id, Automaton.State state);
  }

  /**
   * Makes the tree of all tokens that leave bytes, and of special ones.
   *
   * @param tokens the vocabulary
   * @param isSpecial tells special tokens, which stand in the tree by the bytes of their ids
   */
  TokenTrie(TokenBytes tokens, IntPredicate isSpecial) {
    bytesOf = new byte[tokens.size()][];
    Arrays.setAll(
        bytesOf, id -> isSpecial.test(id) ? SpecialTokenBytes.of(id) : usable(tokens.bytes(id)));
    ids = sortedIds();
    int most = Arrays.stream(ids).map(id -> bytesOf[id].length).sum();
    byte[] label = new byte[most];
    int[] depth = new int[most];
    int[] end = new int[most];
    int[] first = new int[most + 1];
    int nodes = 0;
    int[] path = new int[MOST_BYTES]; // the open node of each depth
    byte[] before = {};
    for (int i = 0; i < ids.length; i++) {
      byte[] bytes = bytesOf[ids[i]];
      int common = commonPrefix(before, bytes);
      close(end, path, common, before.length, nodes);
      for (int d = common; d < bytes.length; d++) {
        label[nodes] = bytes[d];
        depth[nodes] = d + 1;
        first[nodes] = i;
        path[d] = nodes++;
      }
      before = bytes;
    }
    close(end, path, 0, before.length, nodes);
    first[nodes] = ids.length;
    labels = Arrays.copyOf(label, nodes);
    depths = Arrays.copyOf(depth, nodes);
    subtreeEnds = Arrays.copyOf(end, nodes);
    firsts = Arrays.copyOf(first, nodes + 1); // empty for all but the last node of a branch
    deepest = Arrays.stream(depths).max().orElse(0);
  }

  private static byte[] usable(byte[] bytes) {
    return bytes.length <= MOST_BYTES && !SpecialTokenBytes.anyIn(bytes) ? bytes : new byte[0];
  }

  private int[] sortedIds() {
    List<Integer> sorted = new ArrayList<>();
    for (int id = 0; id < bytesOf.length; id++) {
      if (bytesOf[id].length > 0) {
        sorted.add(id);
      }
    }
    sorted.sort(
        (a, b) -> UnsignedBytes.lexicographicalComparator().compare(bytesOf[a], bytesOf[b]));
    return sorted.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int commonPrefix(byte[] one, byte[] two) {
    int mismatch = Arrays.mismatch(one, two);
    return mismatch < 0 ? one.length : mismatch;
  }

  private static void close(int[] ends, int[] path, int from, int to, int end) {
    for (int depth = from; depth < to; depth++) {
      ends[path[depth]] = end;
    }
  }

  /** The bytes of a token; none for what no text is made of. */
  byte[] bytes(int id) {
    return id < bytesOf.length ? bytesOf[id] : new byte[0];
  }

  /** The bytes that are tokens of their own. */
  BitSet singleBytes(BitSet usable) {
    BitSet bytes = new BitSet();
    usable.stream()
        .mapToObj(this::bytes)
        .filter(token -> token.length == 1)
        .forEach(token -> bytes.set(token[0] & 0xFF));
    return bytes;
  }

  /** One more than the largest id. */
  int size() {
    return bytesOf.length;
  }

  /** Visits the tokens whose bytes an automaton takes from a state on. */
  void walk(Automaton automaton, Automaton.State from, Visitor visitor) {
    Automaton.State[] path = new Automaton.State[deepest + 1];
    path[0] = from;
    int node = 0;
    while (node < labels.length) {
      int depth = depths[node];
      Automaton.State state = automaton.next(path[depth - 1], labels[node]);
      if (automaton.isDead(state)) {
        node = subtreeEnds[node];
      } else {
        path[depth] = state;
        for (int i = firsts[node]; i < firsts[node + 1]; i++) {
          visitor.visit(ids[i], state);
        }
        node++;
      }
    }
  }
}
