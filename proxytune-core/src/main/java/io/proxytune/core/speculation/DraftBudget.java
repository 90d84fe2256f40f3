package io.proxytune.core.speculation;

/**
 * What a text may lose by drafting, in plain steps: something to begin with, a small part of each
 * plain step, and what drafts have gained. For one thread at a time.
 */
final class DraftBudget {
  /** At the beginning of a text. */
  private static final double FIRST = 2.5;

  /** So that what was gained in an easy part of a text is not all lost in a hard one. */
  private static final double MOST = 8;

  /** Losses beyond are forgiven, so that one very slow step does not end drafting for good. */
  private static final double LEAST = 0;

  private static final double INCOME = 0.0075;

  /** The income of so many plain steps that any draft may follow. */
  private static final double ENOUGH = 320 * INCOME;

  /** The share that one draft may lose: whatever it loses, a shorter one can follow. */
  private static final double RISK = 0.5;

  private final double atStart;
  private double balance;
  private double income;

  /** With what may be lost to learn at all. */
  DraftBudget() {
    this(FIRST, 0);
  }

  private DraftBudget(double balance, double income) {
    this.atStart = balance;
    this.balance = balance;
    this.income = income;
  }

  /** For a new text, which does not spend what another has gained. */
  DraftBudget forNewText() {
    return new DraftBudget(Math.min(FIRST, balance), income);
  }

  /** The same, after what another has gained or lost since it began. */
  DraftBudget after(DraftBudget other) {
    DraftBudget next = new DraftBudget(balance, other.income);
    next.add(other.balance - other.atStart);
    return next;
  }

  void addPlainStep() {
    add(INCOME);
    income += INCOME;
  }

  /**
   * A step with drafts.
   *
   * @param gain its tokens, less its cost in plain steps
   */
  void addDrafted(double gain) {
    add(gain);
    income = 0;
  }

  private void add(double steps) {
    balance = Math.max(LEAST, Math.min(MOST, balance + steps));
  }

  /** Whether a draft may be made that loses this if none of its tokens is right. */
  boolean covers(double loss) {
    return loss <= RISK * balance;
  }

  /**
   * Whether plain steps since the last draft pay for one that is expected to lose. After many of
   * them one is made in any case: what is expected was measured long ago.
   */
  boolean hasEarned(double loss) {
    return income >= ENOUGH || (loss <= income && covers(loss));
  }
}
