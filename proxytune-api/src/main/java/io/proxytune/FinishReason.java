package io.proxytune;

/** Why a generation ended. */
public enum FinishReason {
  /** An id was picked that ends a text (EOS) for the base, or for a model that steers it. */
  END_OF_TEXT,
  /** One of the request's stop ids was picked, or the special token that is a stop string. */
  STOP_ID,
  /** One of the request's stop strings appeared; the text ends before it. */
  STOP_STRING,
  /** The request's maximum of new tokens was reached. */
  MAX_NEW_TOKENS,
  /** A model's context length was reached. */
  CONTEXT_FULL,
  /** The application cancelled, closed the stream, or interrupted the thread. */
  CANCELLED,
  /** The request's time limit passed. */
  DEADLINE,
  /**
   * The base shows its likeliest tokens only, none of which was certain to be the next one, and the
   * text is to stop there: see {@code PartialLogits} in {@code io.proxytune.model}.
   */
  UNCERTIFIED
}
