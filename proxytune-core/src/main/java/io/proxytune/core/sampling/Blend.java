package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion.Space;
import io.proxytune.model.Logits;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Rows of several models and how they are fused, as {@link io.proxytune.Fusion} says it.
 *
 * @param base the base's rows
 * @param terms what is added to them; their rows are as many as the base's, of any width
 * @param space what of the rows is added
 * @param candidates the ids that keep a probability
 * @param ids the base's ids that may have one
 */
public record Blend(
    Source base, List<Term> terms, Space space, CandidateSet candidates, IdRange ids) {

  /**
   * A model's rows.
   *
   * @param rows before the bound
   * @param cap the model's bound of them, above 0, or none
   */
  public record Source(Logits rows, OptionalDouble cap) {}

  /**
   * What is added.
   *
   * @param source the rows
   * @param against what is subtracted from them, if anything is
   * @param weight the factor, finite; a term with weight 0 takes no part
   * @param sharedIds the ids that the base and the term's models all have
   */
  public record Term(Source source, Optional<Source> against, double weight, IdRange sharedIds) {
    public Term {
      checkArgument(Double.isFinite(weight), "weight must be a finite number, got %s", weight);
    }

    private int end(int width) {
      int end = Math.min(width, Math.min(source.rows.width(), sharedIds.end()));
      return Math.min(end, against.map(each -> each.rows.width()).orElse(end));
    }
  }

  public Blend {
    terms = List.copyOf(terms);
    int count = base.rows.rows();
    for (Term term : terms) {
      requireRows(term.source, count);
      term.against.ifPresent(against -> requireRows(against, count));
    }
  }

  private static void requireRows(Source source, int count) {
    checkArgument(
        source.rows.rows() == count,
        "a term has %s rows, the base has %s",
        source.rows.rows(),
        count);
  }

  /**
   * The ids from 0 of a term that the base has, too.
   *
   * @param term one of the terms
   * @return one more than the last
   */
  public int end(Term term) {
    return term.end(base.rows.width());
  }

  /**
   * Checks that there is a strength for each row.
   *
   * @param strengths a finite number a row
   */
  public void requireOnePerRow(double[] strengths) {
    checkArgument(
        strengths.length == base.rows.rows(),
        "%s strengths for %s rows",
        strengths.length,
        base.rows.rows());
    for (double strength : strengths) {
      checkArgument(
          Double.isFinite(strength), "a strength must be a finite number, got %s", strength);
    }
  }
}
