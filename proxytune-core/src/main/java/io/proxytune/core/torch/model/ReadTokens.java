package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkPositionIndexes;

import java.util.Arrays;

/** The ids that a sequence has read, kept so that they can be read again. For one thread. */
final class ReadTokens {
  private int[] ids;
  private int count;

  private ReadTokens(int[] ids) {
    this.ids = ids;
    this.count = ids.length;
  }

  static ReadTokens none() {
    return new ReadTokens(new int[0]);
  }

  /** The same first ids. */
  ReadTokens first(int tokens) {
    return new ReadTokens(part(0, tokens));
  }

  /** The ids at the positions {@code [first, end)}. */
  int[] part(int first, int end) {
    checkPositionIndexes(first, end, count);
    return Arrays.copyOfRange(ids, first, end);
  }

  void append(int[] more) {
    if (count + more.length > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(2 * ids.length, count + more.length));
    }
    System.arraycopy(more, 0, ids, count, more.length);
    count += more.length;
  }

  void truncate(int tokens) {
    count = tokens;
  }
}
