package io.proxytune.core.speculation;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Speculation;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.SessionPlan;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Drafts the tokens of each step of one batch. Its first step, which reads the prompts, has no
 * drafts, and its time says nothing about others. For one thread at a time.
 */
public final class Speculator implements AutoCloseable {
  private final List<Drafter> drafters;
  private final Set<DraftKind> kinds = EnumSet.noneOf(DraftKind.class);
  private final DraftPolicy policy;
  private final LongSupplier clock;
  private final Runnable atEnd;
  private final boolean learns;
  private boolean readPrompts;
  private int draftSteps;
  private long draftNanos;
  private boolean closed;

  private Speculator(
      List<Drafter> drafters, DraftPolicy policy, LongSupplier clock, Runnable atEnd) {
    this.drafters = drafters;
    this.atEnd = atEnd;
    drafters.forEach(drafter -> kinds.addAll(drafter.kinds()));
    this.policy = policy;
    this.learns = policy.learns();
    this.clock = learns ? clock : () -> 0;
  }

  /**
   * What the options of a batch ask for.
   *
   * @param ensemble the models
   * @param math what a step computes on logits
   * @param plan the models that are run, and the pairs that add to the logits
   * @param asked how to speculate
   * @param clock nanoseconds from any origin
   * @param learned where {@link Speculation.Mode#AUTO} begins, and what it leaves behind
   * @return a speculator; the caller closes it
   */
  public static Speculator of(
      Ensemble ensemble,
      LogitMath math,
      SessionPlan plan,
      Speculation asked,
      LongSupplier clock,
      AtomicReference<AdaptivePolicy> learned) {
    if (!drafts(asked, plan)) {
      return new Speculator(List.of(), new DraftPolicy.Fixed(1), clock, () -> {});
    }
    if (asked.mode() == Speculation.Mode.FIXED) {
      DraftPolicy fixed = new DraftPolicy.Fixed(asked.draftLength());
      return new Speculator(drafters(ensemble, math, plan, asked, fixed), fixed, clock, () -> {});
    }
    AdaptivePolicy adaptive = learned.get().forNewText();
    return new Speculator(
        drafters(ensemble, math, plan, asked, adaptive),
        adaptive,
        clock,
        () -> learned.updateAndGet(adaptive::after));
  }

  private static boolean drafts(Speculation asked, SessionPlan plan) {
    return switch (asked.mode()) {
      case OFF -> false;
      case FIXED -> true;
      case AUTO ->
          plan.sessions().stream().allMatch(session -> session.role().source().readsDrafts());
    };
  }

  private static List<Drafter> drafters(
      Ensemble ensemble, LogitMath math, SessionPlan plan, Speculation asked, DraftPolicy policy) {
    List<Drafter> drafters = new ArrayList<>();
    if (asked.promptLookup()) {
      drafters.add(new LookupDrafter(policy));
    }
    ExpertDrafter.choose(ensemble, plan.pairs())
        .ifPresent(expert -> drafters.add(new ExpertDrafter(math, ensemble, expert)));
    return drafters;
  }

  /**
   * Drafts for each text.
   *
   * @param texts the texts of the step, at least one
   * @param pass takes the rows of the expert, where it drafts
   * @return a draft of each, in order, which may be empty; an empty list where none was tried
   */
  public List<Draft> draft(List<? extends DraftedText> texts, ModelPass pass) {
    checkArgument(!texts.isEmpty(), "a step needs at least one text, got none");
    draftSteps = 0;
    draftNanos = 0;
    return readPrompts && !drafters.isEmpty() ? filled(texts, pass) : List.of();
  }

  private List<Draft> filled(List<? extends DraftedText> texts, ModelPass pass) {
    long start = clock.getAsLong();
    drafters.forEach(drafter -> drafter.follow(texts));
    List<Draft> drafts = texts.stream().map(text -> new Draft(text, text.draftRoom())).toList();
    DraftLengths lengths = policy.next(kinds, drafts.size());
    if (!lengths.isNone()) {
      for (Drafter drafter : drafters) {
        draftSteps += drafter.fill(drafts, lengths, pass);
      }
    }
    draftNanos = clock.getAsLong() - start;
    return drafts;
  }

  /**
   * The clock, if times matter.
   *
   * @return nanoseconds from any origin; else always 0
   */
  public LongSupplier clock() {
    return clock;
  }

  /**
   * Learns from the step that was drafted for last.
   *
   * @param outcomes tells what came of each draft
   * @param nanos the step's time, with that of drafting
   */
  public void learn(Supplier<List<StepReport.Outcome>> outcomes, long nanos) {
    if (readPrompts && learns) {
      policy.learn(new StepReport(outcomes.get(), draftSteps, draftNanos, nanos - draftNanos));
    }
    readPrompts = true;
  }

  /** Keeps what was learnt, and frees what drafters hold. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      atEnd.run();
      Closeables.all(drafters);
    }
  }
}
