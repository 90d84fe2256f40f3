package io.proxytune.core.sampling;

/** What sampling remembers of one sequence: its plan and its tokens. For one thread at a time. */
public interface SamplerState extends AutoCloseable {
  /**
   * Records a picked token.
   *
   * @param id the token id
   */
  void append(int id);

  /**
   * Forgets all but the first generated tokens.
   *
   * @param generated how many to keep, from 0 to the number appended
   */
  void truncate(int generated);

  /**
   * How many of some tokens a constraint lets come next, in order.
   *
   * @param ids token ids
   * @return the number, up to the first that may not come; all where there is no constraint
   */
  default int allowed(int[] ids) {
    return ids.length;
  }

  /** Frees the memory. Closing twice does nothing. */
  @Override
  void close();
}
