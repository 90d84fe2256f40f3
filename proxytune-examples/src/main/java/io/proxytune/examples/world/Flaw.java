package io.proxytune.examples.world;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What may be wrong with a thing that is brought to the workshop, in the order of repair. */
enum Flaw {
  SHABBY(Craft.REPAIR),
  DIRTY(Craft.CLEAN),
  DULL(Craft.DECORATE),
  TENDER(Craft.PROTECT);

  private final Craft craft;

  Flaw(Craft craft) {
    this.craft = craft;
  }

  /** What mends it. */
  Craft craft() {
    return craft;
  }

  /** How specifications name it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The flaw that a craft mends, if any. */
  static Optional<Flaw> of(Craft craft) {
    return Arrays.stream(values()).filter(flaw -> flaw.craft == craft).findFirst();
  }
}
