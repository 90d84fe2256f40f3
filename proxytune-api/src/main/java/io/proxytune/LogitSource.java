package io.proxytune;

import java.util.Optional;
import java.util.Set;

/**
 * A causal language model that gives logits: a checkpoint loaded by ProxyTune's core, or an
 * application's own. Here stands what an application asks of it. What runs it, and what an
 * application's own model implements, is {@link io.proxytune.model.LogitModel}.
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
   * @return the width, from 1 to {@link io.proxytune.model.Logits#MAX_WIDTH}
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
   * Frees the weights once the passes under way are done. Closing twice does nothing. A loaded
   * model that is dropped without being closed is freed, with a line in the log, when the JVM finds
   * it to be garbage: no session, stream or tuner that uses it is left then.
   */
  @Override
  void close();
}
