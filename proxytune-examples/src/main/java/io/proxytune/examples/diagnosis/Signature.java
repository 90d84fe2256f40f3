package io.proxytune.examples.diagnosis;

import java.util.Locale;

/** A way in which proxy-tuning is known to fail. */
public enum Signature {
  TOO_STRONG(
      "guidance too strong",
      "By how much what was written is less likely to the base than its own choice at each place,"
          + " and likelier to the expert, in nats; the share of tokens that both find implausible;"
          + " and the share of 4-grams that a text had before, less that of the base's own text."),
  TOO_SMALL(
      "difference too small",
      "How many tokens the base alone would not have put first, and what the pair adds to a token"
          + " beside what rounding adds."),
  MISFIT(
      "pair does not fit the base",
      "How many tokens, ends of texts aside, replace a choice of which the base was confident."),
  CANDIDATES(
      "candidates leave out what is wanted",
      "Of the tokens that all models together would put first and the base alone would not, those"
          + " that are no candidates; and the texts of which the end was left out so."),
  VOCABULARY(
      "vocabularies in doubt", "Whether the models mean the same by an id, as their files tell."),
  BOTTLENECK(
      "sequential bottleneck",
      "The median of passes of one token, model by model; and of short texts, a token.");

  private final String title;
  private final String question;

  Signature(String title, String question) {
    this.title = title;
    this.question = question;
  }

  /** What its figures are, for people. */
  String question() {
    return question;
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
