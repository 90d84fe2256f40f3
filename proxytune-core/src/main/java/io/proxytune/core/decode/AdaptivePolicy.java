package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;

import io.proxytune.core.decode.RoundReport.Outcome;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Drafts as much as pays, from what was measured.
 *
 * <p>With acceptance {@code p} a token and a draft of {@code k}, a round is expected to give {@code
 * 1 + p + … + p^k} tokens; it costs k steps of the drafting model and a check of k tokens. The
 * length with the most tokens in the time of a plain step is taken, if it beats plain decoding.
 *
 * <p>Measurements can be wrong, so losses are limited by an account in units of plain steps: a
 * round adds what it gained or lost against plain decoding, a plain step adds a hundredth, and a
 * draft is made only when the account covers the loss of all its tokens. So the account begins with
 * what may be lost to learn at all, and afterwards at most 1 % is spent. Where drafts don't pay, a
 * short one is made now and then to see whether that has changed.
 *
 * <p>It reads no clock. For one thread at a time.
 */
final class AdaptivePolicy implements DraftPolicy {
  /** The longest draft. */
  static final int LONGEST = 8;

  private static final int MOST_ROWS = 256;
  private static final double LEAST_GAIN = 1.03;
  private static final double FIRST_BALANCE = 2;
  private static final double LARGEST_BALANCE = 4;
  private static final double SHARE_TO_PROBE = 0.01;
  private static final int DRAFTED_ROUNDS_TO_A_PLAIN_ONE = 64;

  /** So many times the expected time is a pause of the machine, and says nothing of a draft. */
  private static final double PAUSE = 2;

  private static final double ACCEPTANCE_GUESS = 0.7;
  private static final int GUESS_WEIGHT = 4;
  private static final double ACCEPTANCE_RATE = 1.0 / 16;

  private final Map<Integer, StepCosts> costs = new HashMap<>();
  private final Map<DraftKind, Average> acceptance = new EnumMap<>(DraftKind.class);
  private double balance = FIRST_BALANCE;
  private int sincePlain;
  private int sinceDraft;
  private int probes;

  /** Knows nothing yet. */
  AdaptivePolicy() {
    for (DraftKind kind : DraftKind.values()) {
      acceptance.put(kind, new Average(ACCEPTANCE_GUESS, GUESS_WEIGHT, ACCEPTANCE_RATE));
    }
  }

  /** For a new text: knows the same, but learns faster how well drafts of this one do. */
  AdaptivePolicy forNewText() {
    AdaptivePolicy copy = new AdaptivePolicy();
    costs.forEach((size, known) -> copy.costs.put(size, known.copy()));
    acceptance.forEach((kind, known) -> copy.acceptance.put(kind, known.recalled(GUESS_WEIGHT)));
    copy.balance = balance;
    copy.sinceDraft = sinceDraft;
    copy.probes = probes;
    return copy;
  }

  @Override
  public boolean needsTimes() {
    return true;
  }

  @Override
  public DraftLengths next(Set<DraftKind> kinds, int sequences) {
    StepCosts known = costsOf(sequences);
    int longest = Math.min(LONGEST, MOST_ROWS / sequences - 1);
    if (kinds.isEmpty() || !known.knowsPlain() || sincePlain >= DRAFTED_ROUNDS_TO_A_PLAIN_ONE) {
      return DraftLengths.NONE;
    }
    DraftLengths best = best(known, kinds, Math.min(longest, known.longestToTry()));
    return best.isNone() ? probe(known, kinds, longest) : best;
  }

  /** A step with twice as many sequences is another kind of step. */
  private StepCosts costsOf(int sequences) {
    int sizeClass = Integer.SIZE - Integer.numberOfLeadingZeros(sequences - 1);
    return costs.computeIfAbsent(sizeClass, size -> new StepCosts(LONGEST));
  }

  /** Prompt lookup is ahead of the expert where it is expected to be faster. */
  private DraftLengths best(StepCosts known, Set<DraftKind> kinds, int longest) {
    Map<DraftKind, Integer> lengths = new EnumMap<>(DraftKind.class);
    kinds.forEach(kind -> putBest(lengths, kind, known, longest));
    double expert = rate(known, DraftKind.EXPERT, lengths.getOrDefault(DraftKind.EXPERT, 0));
    lengths.entrySet().removeIf(e -> rate(known, e.getKey(), e.getValue()) < expert);
    return new DraftLengths(lengths);
  }

  private void putBest(
      Map<DraftKind, Integer> lengths, DraftKind kind, StepCosts known, int longest) {
    double best = LEAST_GAIN;
    for (int k = 1; k <= longest; k++) {
      double rate = rate(known, kind, k);
      if (rate > best && loss(known, kind, k) <= balance) {
        best = rate;
        lengths.put(kind, k);
      }
    }
  }

  /** Tokens in the time of a plain step. */
  private double rate(StepCosts known, DraftKind kind, int k) {
    double p = acceptanceOf(kind);
    double tokens = 1;
    double share = 1;
    for (int i = 0; i < k; i++) {
      share *= p;
      tokens += share;
    }
    return tokens / (1 + loss(known, kind, k));
  }

  private double acceptanceOf(DraftKind kind) {
    return requireNonNull(acceptance.get(kind)).value();
  }

  /** What a round costs beyond a plain step, in plain steps. */
  private static double loss(StepCosts known, DraftKind kind, int k) {
    double draft = kind == DraftKind.EXPERT ? k * known.draft() : 0;
    return (draft + known.check(k)) / known.plain() - 1;
  }

  private DraftLengths probe(StepCosts known, Set<DraftKind> kinds, int longest) {
    List<DraftKind> inTurn = kinds.stream().sorted().toList();
    DraftKind kind = inTurn.get(probes % inTurn.size());
    int k = 1 + probes / inTurn.size() % 2;
    double loss = loss(known, kind, k);
    boolean affordable = loss <= balance && loss <= SHARE_TO_PROBE * sinceDraft;
    if (k > longest || !affordable) {
      return DraftLengths.NONE;
    }
    probes++;
    return new DraftLengths(Map.of(kind, k));
  }

  @Override
  public void learn(RoundReport report) {
    StepCosts known = costsOf(report.outcomes().size());
    report.outcomes().forEach(this::learn);
    if (report.drafted() == 0 && report.draftSteps() == 0) {
      known.addCheck(0, report.checkNanos());
      credit(SHARE_TO_PROBE);
      sincePlain = 0;
      sinceDraft++;
    } else {
      learnDrafted(known, report);
    }
  }

  private void learnDrafted(StepCosts known, RoundReport report) {
    if (known.knowsPlain()) {
      credit(report.emittedEach() - spent(known, report) / known.plain());
    }
    if (report.draftSteps() > 0) {
      known.addDraft((double) report.draftNanos() / report.draftSteps());
    }
    if (report.drafted() > 0) {
      known.addCheck(report.draftedEach(), report.checkNanos());
    }
    sincePlain++;
    sinceDraft = 0;
  }

  /** The time of a round, without a pause of the machine where one shows. */
  private static double spent(StepCosts known, RoundReport report) {
    double spent = (double) report.draftNanos() + report.checkNanos();
    double expected = report.draftSteps() * known.draft() + known.check(report.draftedEach());
    return known.knows(report.draftedEach(), report.draftSteps() > 0)
        ? Math.min(spent, PAUSE * expected)
        : spent;
  }

  private void credit(double steps) {
    balance = Math.max(-FIRST_BALANCE, Math.min(LARGEST_BALANCE, balance + steps));
  }

  private void learn(Outcome outcome) {
    Average known = outcome.kind() == null ? null : acceptance.get(outcome.kind());
    if (known != null) {
      for (int i = 0; i < outcome.accepted(); i++) {
        known.add(1);
      }
      if (outcome.rejected()) {
        known.add(0);
      }
    }
  }
}
