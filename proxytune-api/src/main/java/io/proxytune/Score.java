package io.proxytune;

import java.util.List;

/**
 * How likely a continuation is under the fused model: immutable. The distribution is the model's
 * own, over all its logits, those of ids without a token included; no penalty, bias, ban or
 * temperature of a request has a part in it.
 *
 * @param tokens the continuation's tokens. The first of them may begin inside the prompt; see
 *     {@link ProxyTuner#score}
 * @param total the sum of their natural log-probabilities
 */
public record Score(List<TokenScore> tokens, double total) {
  public Score {
    tokens = List.copyOf(tokens);
  }

  /**
   * The mean over the tokens, for comparing continuations of different lengths.
   *
   * @return the total divided by the number of tokens
   */
  public double perToken() {
    return total / tokens.size();
  }

  /**
   * One token of a continuation.
   *
   * @param id the token id
   * @param token the token as the vocabulary spells it
   * @param logprob its natural log-probability given all before it
   */
  public record TokenScore(int id, String token, double logprob) {}
}
