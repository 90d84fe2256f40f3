package io.proxytune.core.decode;

import io.proxytune.GenerationStats;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When things happened to one sequence, measured from the request. For one thread at a time. */
final class Timings {
  private final RequestControl control;
  private @Nullable Duration prefill;
  private @Nullable Duration firstToken;
  private Duration end = Duration.ZERO;

  /** Begins with what is known from an earlier part of the text. */
  Timings(RequestControl control, Optional<GenerationStats> before) {
    this.control = control;
    this.prefill = before.map(GenerationStats::prefill).orElse(null);
    this.firstToken = before.map(GenerationStats::timeToFirstToken).orElse(null);
  }

  /** The logits of the next token are there; the first time, that is the end of prefill. */
  void logits() {
    if (prefill == null) {
      prefill = control.elapsed();
    }
  }

  /** A token is there. */
  void token() {
    if (firstToken == null) {
      firstToken = control.elapsed();
    }
  }

  void end() {
    end = control.elapsed();
  }

  GenerationStats toStats(int promptTokens, int generatedTokens, Tally tally) {
    Duration read = prefill == null ? end : prefill;
    Duration first = firstToken == null ? Duration.ZERO : firstToken;
    return new GenerationStats(
        promptTokens,
        generatedTokens,
        read,
        first,
        end.minus(read),
        tally.draftRounds(),
        tally.draftedTokens(),
        tally.acceptedTokens(),
        tally.gate(),
        tally.translation());
  }
}
