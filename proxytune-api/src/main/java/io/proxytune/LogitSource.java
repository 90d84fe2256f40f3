package io.proxytune;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A causal language model that gives logits: a checkpoint loaded by ProxyTune's core, or an
 * application's own.
 *
 * <p><b>Threads:</b> a source is immutable but for {@link #close()}; any number of threads may
 * share it, each with sessions of its own. <b>Ownership:</b> whoever made a source closes it; a
 * {@link ProxyTuner} never does.
 */
public interface LogitSource extends AutoCloseable {
  /**
   * A short name for messages, such as the checkpoint folder's.
   *
   * @return the name, never empty
   */
  String name();

  /**
   * The number of logits in a row. It may exceed the vocabulary: checkpoints pad it.
   *
   * @return the width, from 1 to {@link Logits#MAX_WIDTH}
   */
  int width();

  /**
   * The largest number of tokens that one sequence may hold.
   *
   * @return the context length in tokens, at least 1
   */
  int contextLength();

  /**
   * The ids that end a text (EOS). May be empty.
   *
   * @return the ids, each in {@code [0, width())}
   */
  Set<Integer> endOfTextIds();

  /**
   * The tokenizer that belongs to this model.
   *
   * @return the tokenizer, or nothing for a source that only knows ids
   */
  Optional<Tokenizer> tokenizer();

  /**
   * How the author of this model recommends to generate with it. ProxyTune never uses it unasked; a
   * tuner takes {@code builder.defaults(source.publishedDefaults().options())}. An adapter has its
   * own, or else its model's.
   *
   * @return the settings; {@link PublishedDefaults#NONE} unless a source says otherwise
   * @throws CheckpointException if a setting that would be used is malformed
   */
  default PublishedDefaults publishedDefaults() {
    return PublishedDefaults.NONE;
  }

  /**
   * The source whose weights this one uses: itself, unless it is an adapter beside another's
   * weights. Sources of one host run together: a forward pass of the host takes the sessions of all
   * of them, and reads the weights once.
   *
   * @return the host; its own host is itself, and its rows are as wide as this source's
   */
  default LogitSource host() {
    return this;
  }

  /**
   * Whether a pass over several tokens of a sequence costs little more than a pass over one, as
   * where reading the weights takes the time. Then {@link Speculation#auto()} may give this source
   * tokens to read that are {@linkplain LogitSession#truncate forgotten} again.
   *
   * @return whether drafts may be read; false unless a source says so
   */
  default boolean readsDrafts() {
    return false;
  }

  /**
   * The length up to which a sequence's logits do not depend on how its tokens were cut into
   * passes. Beyond it nothing is drafted.
   *
   * @return the number of tokens; the context length unless a source says less
   */
  default int draftableLength() {
    return contextLength();
  }

  /**
   * Opens a sequence with room for {@code capacity} tokens; its memory is allocated now.
   *
   * @param capacity the number of tokens, from 1 to {@link #contextLength()}
   * @return an empty session at position 0; the caller closes it
   * @throws IllegalArgumentException if the capacity is out of range
   * @throws IllegalStateException if this source is closed
   */
  LogitSession newSession(int capacity);

  /**
   * Appends each segment's tokens to its session and returns the rows asked for, all in one pass
   * over the weights. A segment gets the logits that it would get alone.
   *
   * @param segments one or more, no session twice, every session opened by this source or by one of
   *     the same {@link #host()}
   * @return the rows of the first segment, then of the second, and so on, each {@link #width()}
   *     wide; the caller closes them
   * @throws IllegalArgumentException if a token id is out of range, a session is foreign, or a
   *     segment does not fit; no session has moved then
   * @throws IllegalStateException if this source or a session is closed or in use
   */
  Logits forward(List<Segment> segments);

  /**
   * Frees the weights once the passes under way are done. Closing twice does nothing. A loaded
   * model that is dropped without being closed is freed, with a line in the log, when the JVM finds
   * it to be garbage: no session, stream or tuner that uses it is left then.
   */
  @Override
  void close();
}
