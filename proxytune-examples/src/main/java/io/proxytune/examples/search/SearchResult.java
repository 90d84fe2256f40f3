package io.proxytune.examples.search;

import io.proxytune.examples.statistics.MeanScore;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.List;

/**
 * What a search found: immutable.
 *
 * @param tried every candidate, best first, with its mean on the items that it was scored on in the
 *     search
 * @param winner the best of the search
 * @param runnerUp the second
 * @param confirmation the winner and others on items that the search did not see
 * @param verdict what that says
 * @param recommended the strengths to use
 * @param calls how many scores were asked for
 * @param fullGrid how many all candidates on all items would have been
 */
public record SearchResult(
    List<Tried> tried,
    Strengths winner,
    Strengths runnerUp,
    Confirmation confirmation,
    Verdict verdict,
    Strengths recommended,
    long calls,
    long fullGrid) {
  /** A candidate in the search. */
  public record Tried(Strengths strengths, MeanScore mean) {}

  /**
   * What was found, on items that the search did not see.
   *
   * @param winner the winner's mean
   * @param none that of all α = 0
   * @param usual that of all α = 1
   * @param overNone the winner minus all α = 0
   * @param overUsual the winner minus all α = 1
   * @param overRunnerUp the winner minus the runner-up
   * @param usualOverNone all α = 1 minus all α = 0
   */
  public record Confirmation(
      MeanScore winner,
      MeanScore none,
      MeanScore usual,
      PairedDifference overNone,
      PairedDifference overUsual,
      PairedDifference overRunnerUp,
      PairedDifference usualOverNone) {}

  /** What the confirmation says. */
  public enum Verdict {
    /** The winner clearly beats both. */
    GAIN("it is clearly better than \u03b1 = 1 and than no steering"),

    /** The winner clearly beats no steering, and α = 1 does not. */
    HELPS(
        "it is clearly better than no steering, which \u03b1 = 1 is not; between the two the"
            + " difference may be noise"),

    /** Steering helps, and α = 1 is as good as can be told. */
    USUAL("steering clearly helps; what another \u03b1 gains over \u03b1 = 1 may be noise"),

    /** Nothing is clearly better than the base alone. */
    NOISE("no strength is clearly better than no steering: the gain may be noise");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    /** For people. */
    public String words() {
      return words;
    }
  }

  public SearchResult {
    tried = List.copyOf(tried);
  }
}
