package io.proxytune.spi;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import io.proxytune.ExpertPair;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The settings of one tuner: immutable.
 *
 * @param base the model that is steered
 * @param pairs the expert pairs that steer it, in the order given; empty for plain decoding
 * @param defaults the options of a request that gives none
 * @param tokenizer the tokenizer to use in place of the base's own, if any
 * @param prefillChunk the largest number of prompt tokens in one forward pass of a sequence, at
 *     least 1
 * @param asyncThreads the number of threads that serve asynchronous requests, at least 1
 * @param threads the number of CPU threads of an operation, at least 1, if it is not the process's
 */
public record TunerSpec(
    LogitSource base,
    List<ExpertPair> pairs,
    GenerationOptions defaults,
    Optional<Tokenizer> tokenizer,
    int prefillChunk,
    int asyncThreads,
    OptionalInt threads) {

  public TunerSpec {
    requireNonNull(base, "base");
    pairs = List.copyOf(pairs);
    requireNonNull(defaults, "defaults");
    requireNonNull(tokenizer, "tokenizer");
    checkArgument(prefillChunk >= 1, "prefillChunk must be >= 1, got %s", prefillChunk);
    checkArgument(asyncThreads >= 1, "asyncThreads must be >= 1, got %s", asyncThreads);
    checkArgument(threads.orElse(1) >= 1, "threads must be >= 1, got %s", threads);
  }
}
