package io.proxytune.spi;

import io.proxytune.ProxyTuner;

/**
 * Makes tuners; found with {@link java.util.ServiceLoader}. Implementations have a public
 * constructor without parameters and are safe for use by several threads.
 */
public interface ProxyTunerProvider {
  /**
   * Makes a tuner.
   *
   * @param spec what the builder collected, already checked for completeness
   * @return a new tuner; the caller closes it
   * @throws io.proxytune.VocabularyMismatchException if the models' vocabularies differ
   * @throws io.proxytune.ProxyTuneException if the models can't work together
   */
  ProxyTuner create(TunerSpec spec);
}
