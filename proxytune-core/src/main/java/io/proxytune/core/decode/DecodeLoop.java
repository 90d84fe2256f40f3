package io.proxytune.core.decode;

import io.proxytune.FinishReason;
import io.proxytune.Segment.Rows;
import io.proxytune.core.sampling.LogitMath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one or many sequences together. Sequences leave as they finish. For one thread at a time.
 */
final class DecodeLoop implements AutoCloseable {
  private final Ensemble ensemble;
  private final LogitMath math;
  private final DecodeBatch batch;
  private final Speculator speculator;
  private List<Sequence> active;
  private boolean prefilled;
  private @Nullable Round round;

  /** The time of the round so far, without what readers took between its steps. */
  private long roundNanos;

  /** Whether the round read the prompts, so that its time says nothing about others. */
  private boolean readsPrompts;

  DecodeLoop(Ensemble ensemble, LogitMath math, DecodeBatch batch, Speculator speculator) {
    this.ensemble = ensemble;
    this.math = math;
    this.batch = batch;
    this.speculator = speculator;
    this.active = batch.sequences();
  }

  boolean isFinished() {
    return active.isEmpty();
  }

  /**
   * One decoding step: a token of every unfinished sequence or, where drafts are still right for
   * some, of those. The first step reads the prompts.
   */
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
    if (active.isEmpty()) {
      free();
    }
  }

  private Optional<FinishReason> prefill() {
    active.forEach(sequence -> sequence.open(math));
    prefilled = true;
    readsPrompts = true;
    return Prefill.run(lanes(), batch.prefillChunk(), batch.control());
  }

  private void finishAll(FinishReason reason) {
    active.forEach(sequence -> sequence.finish(reason));
  }

  /** Draft → logits of each role → fuse, then token by token: pick → stop rules → emit → append. */
  private void decode() {
    LongSupplier clock = speculator.clock();
    long start = clock.getAsLong();
    Round current = round == null ? nextRound() : round;
    round = current;
    current.step();
    roundNanos += clock.getAsLong() - start;
    if (current.isOver()) {
      endRound(current);
    }
  }

  private Round nextRound() {
    roundNanos = 0;
    ModelPass pass = new ModelPass();
    try {
      List<Draft> drafts =
          readsPrompts
              ? active.stream().map(sequence -> new Draft(sequence, 0)).toList()
              : speculator.draft(active, pass);
      drafts.forEach(draft -> draft.sequence().lanes().draft(draft.ids()));
      boolean plain = drafts.stream().allMatch(Draft::isEmpty);
      pass.read(lanes(), Integer.MAX_VALUE, plain ? Rows.LAST : Rows.ALL);
      return new Round(ensemble, math, batch, pass, drafts);
    } catch (RuntimeException | Error e) {
      Closing.quietly(e, pass);
      throw e;
    }
  }

  private void endRound(Round over) {
    round = null;
    over.close();
    if (!readsPrompts) {
      speculator.learn(over.outcomes(), roundNanos);
    }
    readsPrompts = false;
  }

  /** Sequences share lanes until their common prompt is read. */
  private Collection<Lane> lanes() {
    Set<Lane> unread = new LinkedHashSet<>();
    active.forEach(
        sequence -> sequence.lanes().lanes().stream().filter(Lane::hasUnread).forEach(unread::add));
    return unread;
  }

  private void free() {
    List<AutoCloseable> held = new ArrayList<>();
    if (round != null) {
      held.add(round);
      round = null;
    }
    held.add(speculator);
    Closing.all(held);
  }

  /** Frees every sequence, finished or not. */
  @Override
  public void close() {
    List<AutoCloseable> held = new ArrayList<>(batch.sequences());
    held.add(this::free);
    Closing.all(held);
  }
}
