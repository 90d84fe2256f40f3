package io.proxytune.examples.diagnosis;

import java.util.Locale;

/** A way in which proxy-tuning is known to fail. */
public enum Signature {
  TOO_STRONG("guidance too strong"),
  TOO_SMALL("difference too small"),
  MISFIT("pair does not fit the base"),
  VOCABULARY("vocabularies in doubt"),
  BOTTLENECK("sequential bottleneck");

  private final String title;

  Signature(String title) {
    this.title = title;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** For programs. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
