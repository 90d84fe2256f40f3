package io.proxytune;

/** Why a generation ended. */
public enum FinishReason {
  /** The model picked one of its end-of-text (EOS) ids. */
  END_OF_TEXT,
  /** One of the request's stop ids was picked. */
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
  DEADLINE
}
