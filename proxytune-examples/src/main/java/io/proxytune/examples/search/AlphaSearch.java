package io.proxytune.examples.search;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.examples.search.SearchResult.Confirmation;
import io.proxytune.examples.search.SearchResult.Tried;
import io.proxytune.examples.search.SearchResult.Verdict;
import io.proxytune.examples.statistics.MeanScore;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Looks for the strengths that score best, with few calls: successive halving over candidates, on
 * growing subsets of one half of the items. The best of many flatters itself on the items that it
 * was chosen on; so the other half, which the search does not see, says what it gains over no
 * steering (all α = 0), over the paper's strength (all α = 1) and over the runner-up. Where a gain
 * is not clear, the simplest is recommended. Immutable; the same for the same seed.
 */
public final class AlphaSearch {
  private final List<Strengths> candidates;
  private final SearchPlan plan;
  private final List<Integer> searched;
  private final List<Integer> kept;
  private final Strengths none;
  private final Strengths usual;
  private final long fullGrid;

  /**
   * Prepares a search.
   *
   * @param candidates at least one, of as many pairs each; all α = 0 and all α = 1 take part too
   * @param items how many items there are
   * @param calls the most scores that may be asked for
   * @param seed shuffles the items
   * @throws IllegalArgumentException if items or calls are too few
   */
  public AlphaSearch(List<Strengths> candidates, int items, long calls, long seed) {
    checkArgument(!candidates.isEmpty(), "a search needs at least one candidate, got none");
    int pairs = candidates.get(0).alphas().size();
    this.none = Strengths.ofAll(pairs, 0);
    this.usual = Strengths.ofAll(pairs, 1);
    this.candidates =
        Stream.concat(candidates.stream(), Stream.of(none, usual)).distinct().toList();
    this.plan = SearchPlan.of(this.candidates.size(), items, calls);
    List<Integer> shuffled = new ArrayList<>(IntStream.range(0, items).boxed().toList());
    Collections.shuffle(shuffled, new Random(seed));
    this.searched = shuffled.subList(0, plan.searched());
    this.kept = shuffled.subList(plan.searched(), plan.searched() + plan.confirmed());
    this.fullGrid = (long) this.candidates.size() * items;
  }

  /** The most scores that it asks for. */
  public long mostCalls() {
    return plan.calls();
  }

  /** Searches. */
  public SearchResult run(StrengthMeasure measure) {
    Ledger ledger = new Ledger(measure);
    List<Tried> tried = halve(ledger);
    Strengths winner = tried.get(0).strengths();
    Strengths runnerUp = tried.get(1).strengths();
    Confirmation confirmation = confirm(ledger, winner, runnerUp);
    Verdict verdict = verdict(winner, confirmation);
    Strengths recommended =
        switch (verdict) {
          case GAIN, HELPS -> winner;
          case USUAL -> usual;
          case NOISE -> none;
        };
    return new SearchResult(
        tried, winner, runnerUp, confirmation, verdict, recommended, ledger.calls(), fullGrid);
  }

  /** All candidates, best first: those that stayed longer are before those that left. */
  private List<Tried> halve(Ledger ledger) {
    List<Tried> left = new ArrayList<>();
    List<Strengths> staying = candidates;
    for (SearchPlan.Round round : plan.rounds()) {
      List<Tried> ranked = ranked(ledger, staying, searched.subList(0, round.items()));
      left.subList(0, Math.min(left.size(), staying.size())).clear(); // with fewer items
      left.addAll(0, ranked);
      int half = (staying.size() + 1) / 2;
      staying = ranked.stream().limit(half).map(Tried::strengths).toList();
    }
    return left;
  }

  private static List<Tried> ranked(
      Ledger ledger, List<Strengths> candidates, List<Integer> items) {
    return candidates.stream()
        .map(each -> new Tried(each, ledger.mean(each, items)))
        .sorted(
            Comparator.comparingDouble((Tried each) -> -each.mean().value())
                .thenComparing(Tried::strengths, Strengths.SIMPLEST_FIRST))
        .toList();
  }

  private Confirmation confirm(Ledger ledger, Strengths winner, Strengths runnerUp) {
    Map<Strengths, List<Double>> scores = new HashMap<>();
    for (Strengths each : List.of(winner, runnerUp, none, usual)) {
      scores.put(each, ledger.scores(each, kept));
    }
    List<Double> best = scores.get(winner);
    return new Confirmation(
        MeanScore.of(best),
        MeanScore.of(scores.get(none)),
        MeanScore.of(scores.get(usual)),
        PairedDifference.of(best, scores.get(none)),
        PairedDifference.of(best, scores.get(usual)),
        PairedDifference.of(best, scores.get(runnerUp)),
        PairedDifference.of(scores.get(usual), scores.get(none)));
  }

  private Verdict verdict(Strengths winner, Confirmation confirmation) {
    boolean helps = confirmation.overNone().isClearGain();
    if (helps && !winner.equals(usual) && confirmation.overUsual().isClearGain()) {
      return Verdict.GAIN;
    }
    if (confirmation.usualOverNone().isClearGain()) {
      return Verdict.USUAL;
    }
    return helps ? Verdict.HELPS : Verdict.NOISE;
  }
}
