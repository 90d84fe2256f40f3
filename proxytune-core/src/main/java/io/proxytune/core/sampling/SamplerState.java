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

  /** Frees the memory. Closing twice does nothing. */
  @Override
  void close();
}
