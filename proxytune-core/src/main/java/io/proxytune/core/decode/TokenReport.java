package io.proxytune.core.decode;

import io.proxytune.TokenLogprobs;
import io.proxytune.TokenTrace;
import io.proxytune.core.retokenizing.RowTranslator.Effort;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a picked token.
 *
 * @param logprobs if they were asked for
 * @param trace if it was asked for; whether the token was drafted is not known yet
 * @param audit if it was not steered, and looked at
 * @param effort what translating its row took, if it was translated
 */
record TokenReport(
    @Nullable TokenLogprobs logprobs,
    @Nullable TokenTrace trace,
    @Nullable Audit audit,
    @Nullable Effort effort) {
  static final TokenReport NOTHING = new TokenReport(null, null);

  /** What was asked for. */
  TokenReport(@Nullable TokenLogprobs logprobs, @Nullable TokenTrace trace) {
    this(logprobs, trace, null, null);
  }

  /** The same of a token that was looked at. */
  TokenReport audited(Audit found) {
    return new TokenReport(logprobs, trace, found, effort);
  }

  /** The same of a token whose row was translated. */
  TokenReport translated(Effort took) {
    return new TokenReport(logprobs, trace, audit, took);
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
            audit,
            effort);
  }
}
