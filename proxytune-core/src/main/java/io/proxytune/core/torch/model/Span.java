package io.proxytune.core.torch.model;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A segment's place in a ragged batch.
 *
 * @param cache the sequence's keys and values
 * @param row the batch row of its first token
 * @param count the number of its tokens
 * @param position the position of its first token in the sequence
 */
record Span(KvCache cache, int row, int count, int position) {
  /** The same tokens as spans of at most so many, in order. */
  Stream<Span> split(int most) {
    return IntStream.iterate(0, start -> start < count, start -> start + most)
        .mapToObj(
            start -> new Span(cache, row + start, Math.min(most, count - start), position + start));
  }

  /** The number of tokens in the sequence after this pass. */
  int end() {
    return position + count;
  }
}
