package io.proxytune.core.decode;

import io.proxytune.FinishReason;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.speculation.Speculator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one or many sequences together, step by step; {@link DecodeStep} shows one. Sequences
 * leave as they finish. For one thread at a time.
 */
public final class DecodeLoop implements AutoCloseable {
  private final Ensemble ensemble;
  private final LogitMath math;
  private final DecodeBatch batch;
  private final Speculator speculator;
  private List<Sequence> active;
  private boolean prefilled;
  private @Nullable DecodeStep step;

  /** The time of the step so far, without what readers took between its tokens. */
  private long stepNanos;

  /**
   * Prepares decoding. Nothing is allocated on a device yet.
   *
   * @param ensemble the models
   * @param math what a step computes on logits
   * @param batch the sequences; closed with the loop
   * @param speculator drafts for them; closed with the loop
   */
  public DecodeLoop(Ensemble ensemble, LogitMath math, DecodeBatch batch, Speculator speculator) {
    this.ensemble = ensemble;
    this.math = math;
    this.batch = batch;
    this.speculator = speculator;
    this.active = batch.sequences();
  }

  /**
   * Whether every text has ended.
   *
   * @return whether there is nothing left to decode
   */
  public boolean isFinished() {
    return active.isEmpty();
  }

  /**
   * Decodes the next token of every unfinished sequence or, where drafts are still right for some,
   * of those. The first call reads the prompts.
   */
  public void next() {
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

  /** Reads the prompts but for their ends, which the first step reads. */
  private Optional<FinishReason> prefill() {
    active.forEach(sequence -> sequence.open(math));
    prefilled = true;
    return Prefill.run(
        RoleSessions.unread(active.stream().map(Sequence::sessions).toList()),
        batch.prefillChunk(),
        batch.control());
  }

  private void finishAll(FinishReason reason) {
    active.forEach(sequence -> sequence.finish(reason));
  }

  private void decode() {
    LongSupplier clock = speculator.clock();
    long start = clock.getAsLong();
    DecodeStep current = step == null ? begin() : step;
    current.next();
    stepNanos += clock.getAsLong() - start;
    if (current.isOver()) {
      end(current);
    }
  }

  private DecodeStep begin() {
    stepNanos = 0;
    step = new DecodeStep(ensemble, math, batch, active, speculator);
    return step;
  }

  private void end(DecodeStep over) {
    step = null;
    over.close();
    speculator.learn(over::outcomes, stepNanos);
  }

  private void free() {
    List<AutoCloseable> held = new ArrayList<>();
    if (step != null) {
      held.add(step);
      step = null;
    }
    held.add(speculator);
    Closeables.all(held);
  }

  /** Frees every sequence, finished or not. */
  @Override
  public void close() {
    List<AutoCloseable> held = new ArrayList<>(batch.sequences());
    held.add(this::free);
    Closeables.all(held);
  }
}
