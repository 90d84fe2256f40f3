package io.proxytune.core.remote;

/**
 * What was asked of a server: immutable.
 *
 * @param rows the rows of log-probabilities that it gave, those that were asked for again with more
 *     tokens included
 * @param requests the requests for rows that were sent, repeated ones included
 * @param repeated those of them that repeated one which had failed
 * @param tokens the prompt tokens of all requests for rows that were answered; those that the
 *     server kept from before count again
 * @param bytes the bytes of all answers to them, uncompressed
 * @param shown the tokens whose log-probability was in these rows
 * @param missing the probability of all other tokens, summed over the rows; a row that shows all
 *     adds nothing
 * @param unmapped the tokens in these rows of which it is not known which id they are, where a
 *     server writes them as texts
 * @param certified the tokens that were picked greedily and are certain to be the best of all, see
 *     {@link io.proxytune.model.PartialLogits}; only where not all tokens are shown
 * @param uncertified the tokens that were to be picked greedily and are not
 * @param dropped the multiple choices that failed because none of their options was shown
 */
public record ServerStats(
    long rows,
    long requests,
    long repeated,
    long tokens,
    long bytes,
    long shown,
    double missing,
    long unmapped,
    long certified,
    long uncertified,
    long dropped) {
  /**
   * How many tokens a row showed.
   *
   * @return the mean; 0 where there were no rows
   */
  public double meanShown() {
    return rows == 0 ? 0 : (double) shown / rows;
  }

  /**
   * How much of a row's distribution was not shown.
   *
   * @return the mean, from 0 to 1; 0 where there were no rows
   */
  public double meanMissing() {
    return rows == 0 ? 0 : missing / rows;
  }

  /**
   * The share of the greedily picked tokens that are certified.
   *
   * @return from 0 to 1; 1 where there were none to certify
   */
  public double certifiedShare() {
    long all = certified + uncertified;
    return all == 0 ? 1 : (double) certified / all;
  }
}
