package io.proxytune.model;

import io.proxytune.LogitSource;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A {@link LogitSource} that can be run: what a tuner decodes with. Every loaded model is one, and
 * an application that brings a model of its own implements it, or makes a {@link
 * FunctionLogitSource}.
 *
 * <p>A sequence is a {@link LogitSession}; a forward pass appends a {@link Segment} of tokens to
 * each of several sessions and returns {@link Logits}.
 *
 * <p><b>Threads</b> and <b>ownership</b> as {@link LogitSource} says: any number of threads may
 * share a model, each with sessions of its own.
 */
public interface LogitModel extends LogitSource {
  /**
   * The source whose weights this one uses: itself, unless it is an adapter beside another's
   * weights. Sources of one host run together: a forward pass of the host takes the sessions of all
   * of them, and reads the weights once.
   *
   * @return the host; its own host is itself, and its rows are as wide as this source's
   */
  default LogitModel host() {
    return this;
  }

  /**
   * Whether a pass over several tokens of a sequence costs little more than a pass over one, as
   * where reading the weights takes the time. Then {@link io.proxytune.Speculation#auto()} may give
   * this source tokens to read that are {@linkplain LogitSession#truncate forgotten} again.
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
   * Whether sequences of several requests may be in one pass. Then {@link #forward} is called by
   * the thread of any of these requests, for all of them, and must neither wait for an application
   * nor take longer because of what one of them asks. A tuner all of whose models say so decodes
   * its requests together; otherwise each request runs its own passes, on the thread that asks for
   * it.
   *
   * @return whether requests share passes; false unless a source says so, as loaded models do
   */
  default boolean sharesPasses() {
    return false;
  }

  /**
   * The memory that a session takes. Where a source says so, {@linkplain LogitSession#copy(int,
   * int) copies} of sessions that have read a prompt are kept, as far as {@link
   * io.proxytune.ProxyTunerBuilder#prefixCache} allows, and later prompts that begin with the same
   * tokens begin with a copy of them. It counts in {@link io.proxytune.Batching#cacheBytes()}, too.
   *
   * @param capacity the session's number of tokens
   * @return the bytes; 0 unless a source says more
   */
  default long sessionBytes(int capacity) {
    return 0;
  }

  /**
   * The memory that is free for sessions now. Half of it is what all of them may take together
   * where {@link io.proxytune.Batching#cacheBytes()} is not given.
   *
   * @return the bytes; nothing, which means no bound, unless a source knows
   */
  default OptionalLong freeBytes() {
    return OptionalLong.empty();
  }

  /**
   * The most memory that a {@linkplain LogitSession#fork(int, int) fork} takes beside the session
   * that it was made of. It is less than {@link #sessionBytes} where forks share what they have in
   * common.
   *
   * @param tokens how many tokens the fork begins with
   * @param capacity its number of tokens
   * @return the bytes; those of a session unless a source says less
   */
  default long forkBytes(int tokens, int capacity) {
    return sessionBytes(capacity);
  }

  /**
   * The bound of this model's logits, {@code cap · tanh(logit / cap)}, as Gemma 2 has it. Rows of
   * {@link #forward} are before it: roles are fused first, and the sum is brought within the base's
   * bound. What a tuner scores and reports is behind it.
   *
   * @return the bound, finite and above 0; none unless a source says so
   */
  default OptionalDouble logitCap() {
    return OptionalDouble.empty();
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
   * Whether passes run somewhere else, such as on a server, so that this machine is free meanwhile.
   * Then a step {@linkplain #begin begins} the passes of such models first, runs those of the
   * others, and waits for the rows last; and a text that is cancelled, or whose time is over, gives
   * a pass up while it is under way.
   *
   * @return whether {@link #begin} returns before the pass is over; false unless a source says so
   */
  default boolean runsElsewhere() {
    return false;
  }

  /**
   * Begins what {@link #forward} does. What is refused is refused now; what fails later fails the
   * one who waits.
   *
   * @param segments as for {@link #forward}
   * @return the rows to come; the caller closes them
   */
  default PendingLogits begin(List<Segment> segments) {
    return PendingLogits.of(forward(segments));
  }
}
