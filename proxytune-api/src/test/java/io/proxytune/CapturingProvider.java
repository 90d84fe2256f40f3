package io.proxytune;

import io.proxytune.spi.ProxyTunerProvider;
import io.proxytune.spi.TunerSpec;

/** Hands the specification back to the test instead of making a tuner. */
public final class CapturingProvider implements ProxyTunerProvider {
  /** What {@link #create} was given. */
  static final class Captured extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final transient TunerSpec spec;

    private Captured(TunerSpec spec) {
      this.spec = spec;
    }
  }

  /** For {@link java.util.ServiceLoader}. */
  public CapturingProvider() {}

  @Override
  public ProxyTuner create(TunerSpec spec) {
    throw new Captured(spec);
  }
}
