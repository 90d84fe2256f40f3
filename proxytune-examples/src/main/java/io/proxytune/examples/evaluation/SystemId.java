package io.proxytune.examples.evaluation;

import java.util.Locale;

/** What answers: a model alone or proxy-tuning. */
public enum SystemId {
  BASE("base", "base"),
  EXPERT("expert", "expert"),
  PROXY("proxy-tuned", "proxy"),
  PROXY_LORA("proxy-tuned, LoRA expert", "LoRA"),
  DIRECT("directly tuned", "direct");

  private final String title;
  private final String abbreviation;

  SystemId(String title, String abbreviation) {
    this.title = title;
    this.abbreviation = abbreviation;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** For the head of a column. */
  public String abbreviation() {
    return abbreviation;
  }

  /** For programs. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
