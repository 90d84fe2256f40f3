package io.proxytune.core.tokenizer;

import io.proxytune.core.tokenizer.format.Splitting;

/** A tokenizer that tells how it splits texts, so that two can be compared whose ids differ. */
public interface SplitsText {
  /**
   * Into which tokens it splits texts.
   *
   * @return what decides it
   */
  Splitting splitting();
}
