package io.proxytune.core.torch.model;

/**
 * A segment's place in a ragged batch.
 *
 * @param cache the sequence's keys and values
 * @param row the batch row of its first token
 * @param count the number of its tokens
 * @param position the position of its first token in the sequence
 */
record Span(KvCache cache, int row, int count, int position) {
  /** The number of tokens in the sequence after this pass. */
  int end() {
    return position + count;
  }
}
