package io.proxytune.core.decode;

import io.proxytune.TokenLogprobs;
import io.proxytune.TokenTrace;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a picked token.
 *
 * @param logprobs if they were asked for
 * @param trace if it was asked for; whether the token was drafted is not known yet
 * @param audit if it was not steered, and looked at
 */
record TokenReport(
    @Nullable TokenLogprobs logprobs, @Nullable TokenTrace trace, @Nullable Audit audit) {
  static final TokenReport NOTHING = new TokenReport(null, null, null);

  /** The same of a token that was looked at. */
  TokenReport audited(Audit found) {
    return new TokenReport(logprobs, trace, found);
  }

  /** The same of a token of which that is known. */
  TokenReport drafted(boolean drafted) {
    return trace == null || trace.drafted() == drafted
        ? this
        : new TokenReport(
            logprobs,
            new TokenTrace(
                trace.fused(),
                trace.roles(),
                trace.alphas(),
                trace.shift(),
                trace.divergence(),
                drafted),
            audit);
  }
}
