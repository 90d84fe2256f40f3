package io.proxytune;

import java.util.List;

/**
 * Natural log-probabilities at one generated token: immutable. The distributions are the models'
 * own, over all their logits, those of ids without a token included, which are never picked; before
 * bias, penalties, bans, processors, temperature and filters.
 *
 * @param logprob of the token under the fused distribution
 * @param top the likeliest tokens of the fused distribution, likeliest first
 * @param roles the same of each model: the base first, then expert and anti-expert of each pair;
 *     the base alone where no other was asked ({@link Strength.Gated})
 */
public record TokenLogprobs(double logprob, List<Alternative> top, List<OfRole> roles) {
  public TokenLogprobs {
    top = List.copyOf(top);
    roles = List.copyOf(roles);
  }

  /**
   * A token that could have been picked.
   *
   * @param id the token id
   * @param logprob its log-probability
   */
  public record Alternative(int id, double logprob) {}

  /**
   * One model's view.
   *
   * @param role what the model is for
   * @param pair the index of its expert pair; 0 for the base
   * @param logprob of the picked token; −∞ where the model has no such id
   * @param top the model's likeliest tokens, likeliest first; where the model has its tokens at
   *     other ids than the base, those that the base lacks have ids at or above the base's width
   */
  public record OfRole(Role role, int pair, double logprob, List<Alternative> top) {
    public OfRole {
      top = List.copyOf(top);
    }
  }
}
