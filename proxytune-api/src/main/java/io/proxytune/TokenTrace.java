package io.proxytune;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What steering did at one generated token: immutable. All distributions are the models' own, as
 * those of {@link TokenLogprobs}: before bias, penalties, bans, processors, temperature and
 * filters. Logarithms are natural, so entropies and divergences are in nats.
 *
 * <p>A token is {@linkplain #steered() steered} where the base by itself would have put another
 * token first than all models together (the paper's section 6 counts such tokens).
 *
 * @param fused the distribution that the token was picked from
 * @param roles what each model says: the base first, then expert and anti-expert of each pair; the
 *     base alone where no other was asked ({@link Strength.Gated})
 * @param alphas the strength of each pair that ran at this token, in the order of the pairs
 * @param shift by how much steering made the picked token likelier, p<sub>fused</sub> −
 *     p<sub>base</sub>, in [−1, 1] (Δ<sub>t</sub> of the paper)
 * @param divergence KL(fused ‖ base), at least 0 but for rounding; infinite where the base rules
 *     out what the fused distribution does not
 * @param drafted whether the token was drafted, and only checked by the models
 */
public record TokenTrace(
    View fused,
    List<OfRole> roles,
    List<Double> alphas,
    double shift,
    double divergence,
    boolean drafted) {
  public TokenTrace {
    requireNonNull(fused, "fused");
    roles = List.copyOf(roles);
    alphas = List.copyOf(alphas);
  }

  /**
   * What one distribution says of the picked token and of all.
   *
   * @param logit of the picked token; −∞ where there is no such id
   * @param logprob its log-probability; −∞ where there is no such id
   * @param rank how many ids come before the picked one, those of an equal logit by their number; 0
   *     is the likeliest. Where there is no such id, the number of ids
   * @param choice the likeliest id, the lowest of those that are equal
   * @param entropy −Σ p · log p over all ids
   */
  public record View(double logit, double logprob, int rank, int choice, double entropy) {}

  /**
   * One model's view.
   *
   * @param role what the model is for
   * @param pair the index of its expert pair; 0 for the base
   * @param view what it says by itself
   */
  public record OfRole(Role role, int pair, View view) {
    public OfRole {
      requireNonNull(role, "role");
      requireNonNull(view, "view");
    }
  }

  /**
   * What the base says by itself.
   *
   * @return its view
   */
  public View base() {
    return roles.get(0).view();
  }

  /**
   * Whether steering changed which token comes first.
   *
   * @return whether the base's choice is another than that of the fused distribution
   */
  public boolean steered() {
    return base().choice() != fused.choice();
  }
}
