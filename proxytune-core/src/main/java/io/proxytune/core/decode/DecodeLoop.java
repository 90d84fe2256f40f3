package io.proxytune.core.decode;

import io.proxytune.FinishReason;
import io.proxytune.Logits;
import io.proxytune.ModelException;
import io.proxytune.Segment.Rows;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.sampling.LogitMath;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one or many sequences together, one token each a step. Sequences leave as they finish.
 * For one thread at a time.
 */
final class DecodeLoop implements AutoCloseable {
  private final Ensemble ensemble;
  private final LogitMath math;
  private final DecodeBatch batch;
  private List<Sequence> active;
  private boolean prefilled;

  DecodeLoop(Ensemble ensemble, LogitMath math, DecodeBatch batch) {
    this.ensemble = ensemble;
    this.math = math;
    this.batch = batch;
    this.active = batch.sequences();
  }

  boolean isFinished() {
    return active.isEmpty();
  }

  /** One decoding step of every unfinished sequence; the first one reads the prompts. */
  void step() {
    Optional<FinishReason> end = batch.control().end();
    if (end.isEmpty() && !prefilled) {
      end = prefill();
    }
    if (end.isPresent()) {
      finishAll(end.get());
    } else {
      decode();
    }
    active = active.stream().filter(sequence -> !sequence.isFinished()).toList();
  }

  private Optional<FinishReason> prefill() {
    active.forEach(sequence -> sequence.open(math));
    prefilled = true;
    return Prefill.run(lanes(), batch.prefillChunk(), batch.control());
  }

  private void finishAll(FinishReason reason) {
    active.forEach(sequence -> sequence.finish(reason));
  }

  /** Logits of each role → fuse → pick → stop rules → emit → append to every role. */
  private void decode() {
    List<LaneSet> laneSets = active.stream().map(Sequence::lanes).toList();
    try (ModelPass pass = ModelPass.run(lanes(), Integer.MAX_VALUE, Rows.LAST);
        RoleLogits roles = RoleLogits.of(math, pass, laneSets);
        Logits fused = roles.fuse(ensemble, batch.pairs())) {
      active.forEach(Sequence::part);
      for (Picked picked : pick(fused, roles, laneSets)) {
        picked.sequence.accept(picked.id, picked.logprobs);
      }
    }
  }

  /** The next token of a sequence. */
  private record Picked(Sequence sequence, int id, @Nullable TokenLogprobs logprobs) {}

  private List<Picked> pick(Logits fused, RoleLogits roles, List<LaneSet> laneSets) {
    try {
      int[] ids = math.pick(fused, active.stream().map(Sequence::state).toList());
      // Only now is it certain that the logits are there: a device computes asynchronously.
      active.forEach(sequence -> sequence.timings().logits());
      List<TokenLogprobs> logprobs = logprobs(fused, roles, ids);
      return IntStream.range(0, ids.length)
          .mapToObj(
              i -> new Picked(active.get(i), ids[i], logprobs.isEmpty() ? null : logprobs.get(i)))
          .toList();
    } catch (ModelException e) {
      throw new LogitFault(roles, fused, laneSets).explain(e);
    }
  }

  private List<TokenLogprobs> logprobs(Logits fused, RoleLogits roles, int[] ids) {
    return batch.options().logprobs()
        ? new LogprobReport(math, batch.options().topLogprobs())
            .of(roles, batch.roles(), fused, ids)
        : List.of();
  }

  /** Sequences share lanes until their common prompt is read. */
  private Collection<Lane> lanes() {
    Set<Lane> distinct = new LinkedHashSet<>();
    active.forEach(sequence -> distinct.addAll(sequence.lanes().lanes()));
    return distinct;
  }

  /** Frees every sequence, finished or not. */
  @Override
  public void close() {
    Closing.all(batch.sequences());
  }
}
