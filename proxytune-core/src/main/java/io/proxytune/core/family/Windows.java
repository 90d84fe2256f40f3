package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import java.util.OptionalInt;

/** How many tokens a token sees. */
final class Windows {
  private static final String KEY = "sliding_window";

  private Windows() {}

  static OptionalInt read(ConfigJson config) {
    return config.optionalPositiveInt(KEY).map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  /** The same where transformers has a window for a config that says nothing; null says none. */
  static OptionalInt read(ConfigJson config, int absent) {
    return config.mentions(KEY) ? read(config) : OptionalInt.of(absent);
  }

  /** Qwen's and SmolLM3's, which counts where another key says so. */
  static OptionalInt switched(ConfigJson config, int absent) {
    return config.flag("use_sliding_window", false) ? read(config, absent) : OptionalInt.empty();
  }

  static OptionalInt where(boolean isSliding, OptionalInt window) {
    return isSliding ? window : OptionalInt.empty();
  }
}
