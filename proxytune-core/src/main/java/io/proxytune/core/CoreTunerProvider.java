package io.proxytune.core;

import io.proxytune.ProxyTuner;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.core.torch.sampling.TorchLogitMath;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.ThreadSetup;
import io.proxytune.spi.ProxyTunerProvider;
import io.proxytune.spi.TunerSpec;
import java.util.OptionalInt;

/** Makes tuners that fuse and sample with LibTorch. Safe for use by several threads. */
public final class CoreTunerProvider implements ProxyTunerProvider {
  /** For {@link java.util.ServiceLoader}. */
  public CoreTunerProvider() {}

  @Override
  public ProxyTuner create(TunerSpec spec) {
    return new DefaultProxyTuner(spec, new TorchLogitMath(), threads(spec.threads()));
  }

  private static ThreadSetup threads(OptionalInt threads) {
    return threads.isEmpty()
        ? ThreadSetup.NONE
        : () -> TorchRuntime.useThreads(threads.getAsInt())::close;
  }
}
