/**
 * The public types of ProxyTune: decoding-time steering of a large language model with small ones.
 *
 * <p>An implementation is found with {@link java.util.ServiceLoader}; {@code io.proxytune.core} is
 * the one over LibTorch.
 */
module io.proxytune {
  requires static transitive org.jspecify;

  exports io.proxytune;
  exports io.proxytune.model;
  exports io.proxytune.spi;

  uses io.proxytune.spi.ProxyTunerProvider;
}
