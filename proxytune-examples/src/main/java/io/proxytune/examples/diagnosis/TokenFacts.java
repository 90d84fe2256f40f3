package io.proxytune.examples.diagnosis;

import static java.util.Objects.requireNonNull;

import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenTrace;
import java.util.List;
import java.util.Optional;

/**
 * What a trace says of one generated token, as far as it is judged: immutable.
 *
 * @param steered whether the base alone would have put another token first
 * @param end whether it ended the text
 * @param baseTop the probability of the base's likeliest token
 * @param fall by how much the token is less likely to the base than its own choice, in nats
 * @param gain by how much the token is likelier than the base's choice to the models that the pairs
 *     steer to, in nats. Where the base's choice is not among their likeliest tokens, it counts as
 *     the last of these, so that the gain is at least this. NaN where one of them lacks the token
 * @param shortfall by how much the token is less likely than the likeliest, in nats, to that of the
 *     base and the models that the pairs steer to to which it is the least so; NaN where one of
 *     these lacks it
 * @param favoured the token's log-probability under these models; NaN as before
 * @param offset log p(expert) − log p(anti-expert) of the token without sign, of the pair of which
 *     it is largest: what the pair adds to it, less what it adds to all. NaN where no pair has it
 * @param noise the standard deviation of rounding in that difference
 * @param complete whether every expert and anti-expert has the token
 */
record TokenFacts(
    boolean steered,
    boolean end,
    double baseTop,
    double fall,
    double gain,
    double shortfall,
    double favoured,
    double offset,
    double noise,
    boolean complete) {

  /** Reads a token that has a trace and log-probabilities with alternatives. */
  static TokenFacts of(Token token, boolean end, Pairs pairs) {
    TokenTrace trace = requireNonNull(token.trace(), "trace");
    TokenLogprobs logprobs = requireNonNull(token.logprobs(), "logprobs");
    Offset largest = Offset.NONE;
    boolean complete = true;
    for (int pair = 0; pair < pairs.count(); pair++) {
      Offset offset = Offset.of(trace, pair, pairs.precision());
      complete &= offset.isKnown();
      largest = offset.size > largest.size || !largest.isKnown() ? offset : largest;
    }
    double top = likeliest(logprobs, Role.BASE, 0).get(0).logprob();
    int choice = trace.base().choice();
    return new TokenFacts(
        trace.steered(),
        end,
        Math.exp(top),
        top - trace.base().logprob(),
        pairs.favoured(
            (role, pair) ->
                logprob(trace, role, pair) - atMost(likeliest(logprobs, role, pair), choice)),
        shortfall(trace, logprobs, pairs),
        pairs.favoured((role, pair) -> logprob(trace, role, pair)),
        largest.size,
        largest.noise,
        complete);
  }

  private static double shortfall(TokenTrace trace, TokenLogprobs logprobs, Pairs pairs) {
    double least = shortfall(trace, logprobs, Role.BASE, 0);
    for (int pair = 0; pair < pairs.count(); pair++) {
      double alpha = pairs.alphas().get(pair);
      if (alpha != 0) {
        Role role = alpha > 0 ? Role.EXPERT : Role.ANTI_EXPERT;
        least = Math.min(least, shortfall(trace, logprobs, role, pair));
      }
    }
    return least;
  }

  private static double shortfall(TokenTrace trace, TokenLogprobs logprobs, Role role, int pair) {
    List<TokenLogprobs.Alternative> top = likeliest(logprobs, role, pair);
    return top.isEmpty() ? Double.NaN : top.get(0).logprob() - logprob(trace, role, pair);
  }

  private static List<TokenLogprobs.Alternative> likeliest(
      TokenLogprobs logprobs, Role role, int pair) {
    return logprobs.roles().stream()
        .filter(it -> it.role() == role && it.pair() == pair)
        .map(TokenLogprobs.OfRole::top)
        .findFirst()
        .orElse(List.of());
  }

  /** A token's log-probability, or the least of the list; NaN where there is no list. */
  private static double atMost(List<TokenLogprobs.Alternative> likeliest, int id) {
    return likeliest.stream()
        .filter(it -> it.id() == id)
        .findFirst()
        .or(() -> last(likeliest))
        .map(TokenLogprobs.Alternative::logprob)
        .orElse(Double.NaN);
  }

  private static <T> Optional<T> last(List<T> list) {
    return list.isEmpty() ? Optional.empty() : Optional.of(list.get(list.size() - 1));
  }

  private static double logprob(TokenTrace trace, Role role, int pair) {
    return view(trace, role, pair).map(TokenTrace.View::logprob).orElse(Double.NaN);
  }

  /** What a model says; nothing where it did not run, or lacks the token. */
  private static Optional<TokenTrace.View> view(TokenTrace trace, Role role, int pair) {
    return trace.roles().stream()
        .filter(it -> it.role() == role && it.pair() == pair)
        .map(TokenTrace.OfRole::view)
        .filter(view -> Double.isFinite(view.logit()))
        .findFirst();
  }

  /** What one pair adds to a token. */
  private record Offset(double size, double noise) {
    private static final Offset NONE = new Offset(Double.NaN, Double.NaN);

    static Offset of(TokenTrace trace, int pair, Precision precision) {
      return view(trace, Role.EXPERT, pair)
          .flatMap(
              expert -> view(trace, Role.ANTI_EXPERT, pair).map(it -> of(expert, it, precision)))
          .orElse(NONE);
    }

    private static Offset of(
        TokenTrace.View expert, TokenTrace.View antiExpert, Precision precision) {
      return new Offset(
          Math.abs(expert.logprob() - antiExpert.logprob()),
          precision.noise(expert.logit(), antiExpert.logit()));
    }

    boolean isKnown() {
      return !Double.isNaN(size);
    }
  }
}
