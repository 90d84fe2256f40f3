package io.proxytune.core.decode;

import io.proxytune.FinishReason;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.RoleSession;
import io.proxytune.model.Segment.Rows;
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

  /** Whether the step read the prompts, so that its time says nothing about others. */
  private boolean readsPrompts;

  public DecodeLoop(Ensemble ensemble, LogitMath math, DecodeBatch batch, Speculator speculator) {
    this.ensemble = ensemble;
    this.math = math;
    this.batch = batch;
    this.speculator = speculator;
    this.active = batch.sequences();
  }

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

  private Optional<FinishReason> prefill() {
    active.forEach(sequence -> sequence.open(math));
    prefilled = true;
    readsPrompts = true;
    return Prefill.run(sessions(), batch.prefillChunk(), batch.control());
  }

  private void finishAll(FinishReason reason) {
    active.forEach(sequence -> sequence.finish(reason));
  }

  /** Draft → logits of each role → fuse, then token by token: pick → stop rules → emit → append. */
  private void decode() {
    LongSupplier clock = speculator.clock();
    long start = clock.getAsLong();
    DecodeStep current = step == null ? nextStep() : step;
    step = current;
    current.next();
    stepNanos += clock.getAsLong() - start;
    if (current.isOver()) {
      endStep(current);
    }
  }

  private DecodeStep nextStep() {
    stepNanos = 0;
    ModelPass pass = new ModelPass();
    try {
      List<Draft> drafts =
          readsPrompts
              ? active.stream().map(sequence -> new Draft(sequence, 0)).toList()
              : speculator.draft(active, pass);
      drafts.forEach(draft -> draft.sequence().sessions().draft(draft.ids()));
      boolean plain = drafts.stream().allMatch(Draft::isEmpty);
      pass.read(sessions(), Integer.MAX_VALUE, plain ? Rows.LAST : Rows.ALL);
      return new DecodeStep(ensemble, math, batch, pass, drafts);
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, pass);
      throw e;
    }
  }

  private void endStep(DecodeStep over) {
    step = null;
    over.close();
    if (!readsPrompts) {
      speculator.learn(over.outcomes(), stepNanos);
    }
    readsPrompts = false;
  }

  /** Sequences share sessions until their common prompt is read. */
  private Collection<RoleSession> sessions() {
    Set<RoleSession> unread = new LinkedHashSet<>();
    active.forEach(
        sequence ->
            sequence.sessions().all().stream().filter(RoleSession::hasUnread).forEach(unread::add));
    return unread;
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
