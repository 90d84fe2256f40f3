package io.proxytune.core.speculation;

import java.util.ArrayList;
import java.util.List;

/**
 * What steps cost, in plain steps, from the times that they took. What was not measured is taken to
 * be cheap, so that it is tried; what was measured once and seems dear is doubted, since the first
 * time is often slow. For one thread at a time.
 */
final class StepCosts {
  private static final double GUESSED_DRAFT = 0.12;

  /** What one more token adds to a check. */
  private static final double GUESSED_GROWTH = 0.03;

  /** A single time counts for this much above the guess at most. */
  private static final double DOUBT = 0.25;

  /** More than so many times the expected cost is the machine's doing, and not the draft's. */
  private static final double SURPRISE = 1.5;

  /** After so many plain steps, what drafts took before is forgotten. */
  private static final int LONG_AGO = 32;

  private static final int FEWEST_DRAFTS_TO_A_PLAIN_STEP = 8;
  private static final int MOST_DRAFTS_TO_A_PLAIN_STEP = 64;

  /** The times of checks, by drafted tokens; those of none are plain steps. */
  private final List<RecentMedian> checks = new ArrayList<>();

  private final RecentMedian draft;
  private int sincePlain;
  private int sinceDraft;
  private boolean surprised;

  /** Begins with nothing measured, for checks of up to so many drafted tokens. */
  StepCosts(int longest) {
    for (int i = 0; i <= longest; i++) {
      checks.add(new RecentMedian());
    }
    draft = new RecentMedian();
  }

  private StepCosts(StepCosts other) {
    other.checks.forEach(check -> checks.add(check.copy()));
    draft = other.draft.copy();
    sincePlain = other.sincePlain;
    sinceDraft = other.sinceDraft;
    surprised = other.surprised;
  }

  StepCosts copy() {
    return new StepCosts(this);
  }

  /**
   * Whether a plain step should be measured: there is none, the last was long ago, or a step was
   * slower than expected and the machine may be too.
   */
  boolean plainIsDue() {
    int measured = checks.get(0).count();
    return measured == 0 || surprised || sincePlain >= draftsToAPlainStep(measured);
  }

  /** Twice as many each time: the first steps are the least typical. */
  private static int draftsToAPlainStep(int measured) {
    int doublings = Math.min(measured - 1, Integer.SIZE / 2);
    return Math.min(FEWEST_DRAFTS_TO_A_PLAIN_STEP << doublings, MOST_DRAFTS_TO_A_PLAIN_STEP);
  }

  /** The longest draft to try: one token first, then longer than what is known well. */
  int longestToTry() {
    int known = checks.size() - 1;
    while (known > 0 && !isSettled(known)) {
      known--;
    }
    int next = known == 0 ? 1 : Math.max(4, 2 * known);
    return Math.min(next, checks.size() - 1);
  }

  /** The cost of a step in which this part of the sequences gets drafts of this length. */
  double cost(DraftKind kind, int drafted, double part) {
    double drafting = kind == DraftKind.EXPERT ? drafted * draft() : 0;
    return drafting + check((int) Math.ceil(drafted * part));
  }

  /**
   * Learns from a step.
   *
   * @return what the step cost, without what seems to be the machine's doing, and without what the
   *     drafts of others did
   */
  double add(StepReport report) {
    return report.isPlain() ? addPlain(report) : addDrafted(report);
  }

  private double addPlain(StepReport report) {
    addTime(checks.get(0), (double) report.checkNanos());
    sincePlain = 0;
    sinceDraft++;
    surprised = false;
    return 1;
  }

  private double addDrafted(StepReport report) {
    int drafted = Math.min(report.draftedEach(), checks.size() - 1);
    double part = report.partOfDrafts();
    double expected = report.draftSteps() * draft() + own(check(drafted), part);
    boolean known = isSettled(drafted) && (report.draftSteps() == 0 || draft.count() > 1);
    if (report.draftSteps() > 0) {
      addNewTime(draft, (double) report.draftNanos() / report.draftSteps());
    }
    if (drafted > 0) {
      addNewTime(checks.get(drafted), (double) report.checkNanos());
    }
    double spent = report.draftNanos() / plain() + own(report.checkNanos() / plain(), part);
    surprised = known && spent > SURPRISE * expected;
    sincePlain++;
    sinceDraft = 0;
    return Math.min(spent, known ? SURPRISE * expected : expected + 1);
  }

  /** What a check costs that is in part of others' drafts. */
  private static double own(double check, double part) {
    return check - (1 - part) * Math.max(0, check - 1);
  }

  /** What was dear long ago, when another program had the cores, may be cheap now. */
  private void addNewTime(RecentMedian times, double nanos) {
    if (sinceDraft >= LONG_AGO && times.count() > 1) {
      times.restart(Math.max(1, nanos));
    } else {
      addTime(times, nanos);
    }
  }

  /** A coarse clock may show none at all. */
  private static void addTime(RecentMedian times, double nanos) {
    times.add(Math.max(1, nanos));
  }

  /** In nanoseconds; a single time is not believed to be above that of a check. */
  private double plain() {
    double typical = checks.get(0).value();
    return checks.get(0).count() > 1
        ? typical
        : checks.stream()
            .filter(c -> c.count() > 0)
            .mapToDouble(RecentMedian::value)
            .min()
            .orElse(typical);
  }

  /** One step of the expert. */
  private double draft() {
    return believed(draft, GUESSED_DRAFT);
  }

  /** A pass that checks so many drafted tokens. */
  private double check(int drafted) {
    if (drafted == 0) {
      return 1;
    }
    if (checks.get(drafted).count() > 0) {
      return Math.max(1, believed(checks.get(drafted), likely(drafted)));
    }
    int above = drafted;
    while (above < checks.size() && checks.get(above).count() == 0) {
      above++;
    }
    return above == checks.size() ? fromBelow(drafted) : between(drafted, above);
  }

  /** No more than what checks of more tokens cost again and again. */
  private double likely(int drafted) {
    double plain = plain();
    return checks.stream()
        .skip(drafted + 1L)
        .filter(check -> check.count() > 1)
        .mapToDouble(check -> check.value() / plain - DOUBT)
        .reduce(fromBelow(drafted), Math::min);
  }

  private double between(int drafted, int above) {
    int below = below(drafted);
    double share = (double) (drafted - below) / (above - below);
    return check(below) + share * (check(above) - check(below));
  }

  private double fromBelow(int drafted) {
    int below = below(drafted);
    return check(below) + GUESSED_GROWTH * (drafted - below);
  }

  /** The next smaller number of drafted tokens whose check was measured. */
  private int below(int drafted) {
    int below = drafted - 1;
    while (below > 0 && checks.get(below).count() == 0) {
      below--;
    }
    return below;
  }

  private double believed(RecentMedian times, double guess) {
    return switch (times.count()) {
      case 0 -> guess;
      case 1 -> Math.min(times.value() / plain(), guess + DOUBT);
      default -> times.value() / plain();
    };
  }

  /**
   * Whether a check was measured, and again if the first time seemed dear. A plain step, which all
   * others are compared with, has none to seem dear beside.
   */
  private boolean isSettled(int drafted) {
    RecentMedian times = checks.get(drafted);
    return times.count() > 1 || (times.count() == 1 && drafted > 0 && !seemsDear(drafted));
  }

  private boolean seemsDear(int drafted) {
    return checks.get(drafted).value() / plain() > fromBelow(drafted) + DOUBT;
  }
}
