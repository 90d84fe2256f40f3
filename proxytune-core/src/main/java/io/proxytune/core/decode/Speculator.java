package io.proxytune.core.decode;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Speculation;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.speculation.AdaptivePolicy;
import io.proxytune.core.speculation.DraftKind;
import io.proxytune.core.speculation.DraftLengths;
import io.proxytune.core.speculation.DraftPolicy;
import io.proxytune.core.speculation.StepReport;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** Drafts the tokens of each step of one batch. For one thread at a time. */
public final class Speculator implements AutoCloseable {
  private final List<Drafter> drafters;
  private final Set<DraftKind> kinds = EnumSet.noneOf(DraftKind.class);
  private final DraftPolicy policy;
  private final LongSupplier clock;
  private final Runnable atEnd;
  private int draftSteps;
  private long draftNanos;
  private boolean closed;

  private Speculator(
      List<Drafter> drafters, DraftPolicy policy, LongSupplier clock, Runnable atEnd) {
    this.drafters = drafters;
    this.atEnd = atEnd;
    drafters.forEach(drafter -> kinds.addAll(drafter.kinds()));
    this.policy = policy;
    this.clock = policy.needsTimes() ? clock : () -> 0;
  }

  /**
   * What the options of a batch ask for.
   *
   * @param learned where {@link Speculation.Mode#AUTO} begins, and what it leaves behind
   */
  public static Speculator of(
      Ensemble ensemble,
      LogitMath math,
      DecodeBatch batch,
      AtomicReference<AdaptivePolicy> learned) {
    Speculation asked = batch.options().speculation();
    LongSupplier clock = batch.control()::nanos;
    if (asked.mode() != Speculation.Mode.AUTO || !drafts(asked, batch)) {
      DraftPolicy fixed = new DraftPolicy.Fixed(Math.max(1, asked.draftLength()));
      return new Speculator(drafters(ensemble, math, batch, fixed), fixed, clock, () -> {});
    }
    AdaptivePolicy policy = learned.get().forNewText();
    return new Speculator(
        drafters(ensemble, math, batch, policy),
        policy,
        clock,
        () -> learned.updateAndGet(policy::after));
  }

  private static boolean drafts(Speculation asked, DecodeBatch batch) {
    return switch (asked.mode()) {
      case OFF -> false;
      case FIXED -> true;
      case AUTO -> allReadDrafts(batch);
    };
  }

  private static List<Drafter> drafters(
      Ensemble ensemble, LogitMath math, DecodeBatch batch, DraftPolicy policy) {
    Speculation asked = batch.options().speculation();
    List<Drafter> drafters = new ArrayList<>();
    if (!drafts(asked, batch)) {
      return drafters;
    }
    if (asked.promptLookup()) {
      drafters.add(new LookupDrafter(policy));
    }
    ExpertDrafter.choose(ensemble, batch.pairs())
        .ifPresent(expert -> drafters.add(new ExpertDrafter(math, ensemble, expert)));
    return drafters;
  }

  private static boolean allReadDrafts(DecodeBatch batch) {
    return batch.plan().sessions().stream()
        .allMatch(session -> session.role().source().readsDrafts());
  }

  /**
   * Drafts for each sequence.
   *
   * @param pass takes the rows of the expert, where it drafts
   * @return a draft of each, in order; empty ones where nothing was drafted
   */
  List<Draft> draft(List<Sequence> sequences, ModelPass pass) {
    checkArgument(!sequences.isEmpty(), "a step needs at least one sequence, got none");
    long start = clock.getAsLong();
    drafters.forEach(drafter -> drafter.follow(sequences));
    List<Draft> drafts = sequences.stream().map(s -> new Draft(s, s.draftRoom())).toList();
    DraftLengths lengths =
        drafters.isEmpty() ? DraftLengths.NONE : policy.next(kinds, sequences.size());
    draftSteps = 0;
    if (!lengths.isNone()) {
      for (Drafter drafter : drafters) {
        draftSteps += drafter.fill(drafts, lengths, pass);
      }
    }
    draftNanos = clock.getAsLong() - start;
    return drafts;
  }

  /** The clock, if times matter; else always 0. */
  LongSupplier clock() {
    return clock;
  }

  /**
   * Learns from the step that was drafted for last.
   *
   * @param nanos its time, with that of drafting
   */
  void learn(List<StepReport.Outcome> outcomes, long nanos) {
    policy.learn(new StepReport(outcomes, draftSteps, draftNanos, nanos - draftNanos));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      atEnd.run();
      Closeables.all(drafters);
    }
  }
}
