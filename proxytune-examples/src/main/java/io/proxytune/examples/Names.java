package io.proxytune.examples;

import io.proxytune.FinishReason;
import io.proxytune.Role;
import java.util.Locale;

/** How enum constants are spelled in output. */
final class Names {
  private Names() {}

  static String of(FinishReason reason) {
    return lowerCase(reason);
  }

  static String of(Role role) {
    return lowerCase(role);
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
