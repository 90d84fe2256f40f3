package io.proxytune.core.decode;

import io.proxytune.FinishReason;
import io.proxytune.core.session.SessionPlan;

/**
 * What takes part in steps: a text that is generated, or one whose continuations are scored. For
 * one thread at a time.
 */
public sealed interface StepMember extends AutoCloseable permits Sequence, Scoring {
  /**
   * What can end it from outside; the same object for all of a request.
   *
   * @return the control
   */
  RequestControl control();

  /**
   * What it reads first.
   *
   * @return its sessions and prompts
   */
  SessionPlan plan();

  /**
   * Whether it is reading the beginning of what another is to read, too.
   *
   * @param other one that was not opened yet
   * @return whether the other does well to wait, and then begins behind what both have
   */
  boolean readsFor(StepMember other);

  /**
   * Allocates its memory, again after {@link #pause}.
   *
   * @param freed called once when that is freed, also where allocating fails
   */
  void open(Runnable freed);

  /**
   * The size of what {@link #open} allocates, as far as the models say, and where another member
   * reads the prompt, of what comes behind it.
   *
   * @return the most bytes that its own KV caches take
   */
  long cacheBytes();

  /**
   * Whether what was read can be read again and give the same.
   *
   * @return whether {@link #pause} may be called
   */
  boolean canPause();

  /** Frees its memory, until it is opened again and reads again. */
  void pause();

  /**
   * Whether it reads no more than what is picked for it.
   *
   * @return false as long as it reads what it was given
   */
  boolean hasReadPrompt();

  /**
   * How much it can read of what it was given.
   *
   * @return the number of tokens of the model that has the most
   */
  int unread();

  /**
   * Whether the next token can be taken without another step; taking it may fail.
   *
   * @return whether there is one
   */
  boolean hasPicked();

  /** Gives the reader the next token that was picked. */
  void take();

  /**
   * Whether taking a token runs code of the application.
   *
   * @return whether it does
   */
  boolean runsCode();

  /**
   * Whether it has ended.
   *
   * @return whether nothing follows
   */
  boolean isFinished();

  /**
   * Ends it, unless it has ended.
   *
   * @param reason why
   */
  void finish(FinishReason reason);

  /** Frees the memory, finished or not. Closing twice does nothing. */
  @Override
  void close();
}
