package io.proxytune.core.speculation;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Drafts as much as pays, from what was measured.
 *
 * <p>With acceptance {@code p} a token and a draft of {@code k}, a step is expected to give {@code
 * 1 + p + … + p^k} tokens; it costs k steps of the expert and a check of k tokens. The expert's
 * length is that with the most tokens in the time of a plain step, if it beats plain decoding.
 * Prompt lookup goes ahead where it gives more than the expert in the same time; how often it is
 * right is known without drafting.
 *
 * <p>Measurements can be wrong, so losses are limited by a {@link DraftBudget}: a draft is made
 * only when the budget covers the loss of all its tokens. Where drafts don't pay, a short one is
 * made now and then to see whether that has changed.
 *
 * <p>It reads no clock. For one thread at a time.
 */
public final class AdaptivePolicy implements DraftPolicy {
  /** The longest draft. */
  static final int LONGEST = 16;

  private static final int MOST_ROWS = 256;
  private static final double LEAST_GAIN = 1.03;
  private static final int PROBE_LENGTHS = 2;

  private final Map<Integer, StepCosts> costs = new HashMap<>();
  private final AcceptanceRates acceptance;
  private final DraftBudget budget;
  private int probes;

  /** Knows nothing yet. */
  public AdaptivePolicy() {
    this(new AcceptanceRates(), new DraftBudget());
  }

  private AdaptivePolicy(AcceptanceRates acceptance, DraftBudget budget) {
    this.acceptance = acceptance;
    this.budget = budget;
  }

  /** For a new text: knows the same, but learns faster how well drafts of this one do. */
  AdaptivePolicy forNewText() {
    AdaptivePolicy next = new AdaptivePolicy(acceptance.forNewText(), budget.forNewText());
    costs.forEach((size, known) -> next.costs.put(size, known.copy()));
    next.probes = probes;
    return next;
  }

  /**
   * What later texts begin with: this one's knowledge.
   *
   * @param latest what they would begin with now; other texts may have ended since this one began
   */
  AdaptivePolicy after(AdaptivePolicy latest) {
    AdaptivePolicy next = new AdaptivePolicy(acceptance, latest.budget.after(budget));
    next.costs.putAll(latest.costs);
    next.costs.putAll(costs);
    next.probes = probes;
    return next;
  }

  @Override
  public boolean learns() {
    return true;
  }

  @Override
  public DraftLengths next(Set<DraftKind> kinds, int sequences, int together) {
    StepCosts known = costsOf(together);
    if (kinds.isEmpty() || known.plainIsDue()) {
      return DraftLengths.NONE;
    }
    int longest = Math.min(known.longestToTry(), MOST_ROWS / together - 1);
    Prices prices = new Prices(known, (double) sequences / together);
    DraftLengths best = best(prices, kinds, longest);
    return best.isNone() ? probe(prices, kinds, longest) : best;
  }

  @Override
  public boolean plainIsDue(int together) {
    return costsOf(together).plainIsDue();
  }

  /** What drafts of a part of a step's sequences cost the step, and give it, a sequence. */
  private final class Prices {
    private final StepCosts known;
    private final double part;

    private Prices(StepCosts known, double part) {
      this.known = known;
      this.part = part;
    }

    private double cost(DraftKind kind, int drafted) {
      return known.cost(kind, drafted, part);
    }

    private double tokens(DraftKind kind, int drafted) {
      return 1 + part * (acceptance.tokens(kind, drafted) - 1);
    }

    /** Tokens in the time of a plain step. */
    private double rate(DraftKind kind, int drafted) {
      return tokens(kind, drafted) / cost(kind, drafted);
    }
  }

  /** A step with twice as many sequences is another kind of step. */
  private StepCosts costsOf(int sequences) {
    int sizeClass = Integer.SIZE - Integer.numberOfLeadingZeros(sequences - 1);
    return costs.computeIfAbsent(sizeClass, size -> new StepCosts(LONGEST));
  }

  private DraftLengths best(Prices prices, Set<DraftKind> kinds, int longest) {
    Map<DraftKind, Integer> lengths = new EnumMap<>(DraftKind.class);
    double expertRate = 1;
    if (kinds.contains(DraftKind.EXPERT)) {
      int length = expertLength(prices, longest);
      putIfAny(lengths, DraftKind.EXPERT, length);
      expertRate = length == 0 ? 1 : prices.rate(DraftKind.EXPERT, length);
    }
    for (DraftKind kind : kinds) {
      if (kind != DraftKind.EXPERT) {
        putIfAny(lengths, kind, lookupLength(prices, kind, longest, expertRate));
      }
    }
    return new DraftLengths(lengths);
  }

  private static void putIfAny(Map<DraftKind, Integer> lengths, DraftKind kind, int length) {
    if (length > 0) {
      lengths.put(kind, length);
    }
  }

  /** The length with the best rate, or 0 where plain decoding is as good. */
  private int expertLength(Prices prices, int longest) {
    int best = 0;
    double bestRate = LEAST_GAIN;
    for (int k = 1; k <= longest; k++) {
      double rate = prices.rate(DraftKind.EXPERT, k);
      if (rate > bestRate && budget.covers(prices.cost(DraftKind.EXPERT, k) - 1)) {
        best = k;
        bestRate = rate;
      }
    }
    return best;
  }

  /**
   * The length that gives the most tokens beyond those that its time would give otherwise, or 0
   * where there are hardly any.
   */
  private int lookupLength(Prices prices, DraftKind kind, int longest, double otherRate) {
    int best = 0;
    double most = 0;
    for (int k = 1; k <= longest; k++) {
      double cost = prices.cost(kind, k);
      double gain = prices.tokens(kind, k) - LEAST_GAIN * otherRate * cost;
      if (gain > most && budget.covers(cost - 1)) {
        best = k;
        most = gain;
      }
    }
    return best;
  }

  /** Only the expert's acceptance is not known without drafting. */
  private DraftLengths probe(Prices prices, Set<DraftKind> kinds, int longest) {
    int k = 1 + probes % PROBE_LENGTHS;
    if (!kinds.contains(DraftKind.EXPERT)
        || k > longest
        || !budget.hasEarned(prices.cost(DraftKind.EXPERT, k) - 1)) {
      return DraftLengths.NONE;
    }
    probes++;
    return new DraftLengths(Map.of(DraftKind.EXPERT, k));
  }

  @Override
  public void observe(DraftKind kind, boolean right) {
    acceptance.add(kind, right);
  }

  @Override
  public void learn(StepReport report) {
    if (report.isOwn()) {
      double cost = costsOf(report.together()).add(report);
      budget.addDrafted(report.emittedEach() - cost);
    } else {
      if (report.isPlain()) {
        costsOf(report.together()).add(report);
      }
      budget.addPlainStep();
    }
    report.outcomes().forEach(this::learn);
  }

  private void learn(StepReport.Outcome outcome) {
    if (outcome.kind() == DraftKind.EXPERT) {
      for (int i = 0; i < outcome.accepted(); i++) {
        acceptance.add(DraftKind.EXPERT, true);
      }
      if (outcome.rejected()) {
        acceptance.add(DraftKind.EXPERT, false);
      }
    }
  }
}
