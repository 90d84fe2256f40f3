package io.proxytune.core.speculation;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Speculation;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.ModelPass;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drafts the tokens of texts that are decoded together and have read their prompts; texts may join
 * and leave between steps. What drafters remember of a text is the text's. For one thread at a
 * time.
 */
public final class Speculator implements AutoCloseable {
  private final List<Drafter> drafters;
  private final Set<DraftKind> kinds = EnumSet.noneOf(DraftKind.class);
  private final DraftPolicy policy;
  private final LongSupplier clock;
  private final Runnable atEnd;
  private final boolean learns;
  private int draftSteps;
  private long draftNanos;
  private @Nullable Ended ended;
  private boolean closed;

  /** A step that is over but for tokens that the application's code has yet to pick. */
  private record Ended(
      Supplier<List<StepReport.Outcome>> outcomes, int draftSteps, long draftNanos, Step step) {
    StepReport report() {
      return new StepReport(
          outcomes.get(), draftSteps, draftNanos, step.checkNanos, step.texts, step.drafted);
    }
  }

  /**
   * A step, whose texts may have several speculators.
   *
   * @param texts how many it was of
   * @param drafted how many tokens were drafted for all
   * @param checkNanos its time without that of drafting
   */
  public record Step(int texts, int drafted, long checkNanos) {}

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
   * What the options of texts ask for.
   *
   * @param ensemble the models
   * @param math what a step computes on logits
   * @param roles the models that are run
   * @param pairs the pairs that add to the logits
   * @param asked how to speculate
   * @param clock nanoseconds from any origin
   * @param learned where {@link Speculation.Mode#AUTO} begins, and what it leaves behind
   * @return a speculator; the caller closes it
   */
  public static Speculator of(
      Ensemble ensemble,
      LogitMath math,
      List<ModelRole> roles,
      List<SteeringPair> pairs,
      Speculation asked,
      LongSupplier clock,
      AtomicReference<AdaptivePolicy> learned) {
    if (ensemble.isAcrossTokenizers() || !drafts(asked, roles)) {
      return new Speculator(List.of(), new DraftPolicy.Fixed(1), clock, () -> {});
    }
    if (asked.mode() == Speculation.Mode.FIXED) {
      DraftPolicy fixed = new DraftPolicy.Fixed(asked.draftLength());
      return new Speculator(drafters(ensemble, math, pairs, asked, fixed), fixed, clock, () -> {});
    }
    AdaptivePolicy adaptive = learned.get().forNewText();
    return new Speculator(
        drafters(ensemble, math, pairs, asked, adaptive),
        adaptive,
        clock,
        () -> learned.updateAndGet(adaptive::after));
  }

  private static boolean drafts(Speculation asked, List<ModelRole> roles) {
    return switch (asked.mode()) {
      case OFF -> false;
      case FIXED -> true;
      case AUTO -> roles.stream().allMatch(role -> role.source().readsDrafts());
    };
  }

  private static List<Drafter> drafters(
      Ensemble ensemble,
      LogitMath math,
      List<SteeringPair> pairs,
      Speculation asked,
      DraftPolicy policy) {
    List<Drafter> drafters = new ArrayList<>();
    if (asked.promptLookup()) {
      drafters.add(new LookupDrafter(policy));
    }
    ExpertDrafter.choose(ensemble, pairs)
        .ifPresent(expert -> drafters.add(new ExpertDrafter(math, ensemble, expert)));
    return drafters;
  }

  /**
   * Whether drafts depend on what steps cost.
   *
   * @return whether times matter
   */
  public boolean learns() {
    return learns;
  }

  /**
   * Whether a step of so many texts, those of other speculators included, should be a plain one.
   *
   * @param together how many texts
   * @return whether no text should have a draft that depends on what steps cost
   */
  public boolean plainIsDue(int together) {
    learn();
    return !drafters.isEmpty() && policy.plainIsDue(together);
  }

  /**
   * Drafts for each text. Where drafts depend on what steps cost, there are none in a step that
   * does other things as well, whose time says nothing.
   *
   * @param texts the texts of the step, at least one
   * @param pass takes the rows of the expert, where it drafts
   * @param room what the step leaves to drafts
   * @return a draft of each, in order, which may be empty; an empty list where none was tried
   */
  public List<Draft> draft(List<? extends DraftedText> texts, ModelPass pass, DraftRoom room) {
    checkArgument(!texts.isEmpty(), "a step needs at least one text, got none");
    learn();
    draftSteps = 0;
    draftNanos = 0;
    boolean none = drafters.isEmpty() || room.tokens() == 0 || (learns && room.together() == 0);
    return none ? List.of() : filled(texts, pass, room);
  }

  private List<Draft> filled(List<? extends DraftedText> texts, ModelPass pass, DraftRoom room) {
    long start = clock.getAsLong();
    drafters.forEach(drafter -> drafter.follow(texts));
    List<Draft> drafts =
        texts.stream()
            .map(text -> new Draft(text, Math.min(text.draftRoom(), room.tokens())))
            .toList();
    DraftLengths lengths = policy.next(kinds, drafts.size(), room.together());
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
   * How long drafting for the last step took.
   *
   * @return nanoseconds; 0 where times do not matter
   */
  public long draftNanos() {
    return draftNanos;
  }

  /**
   * Takes note of the step that was drafted for last, which was of texts that go on alone. It is
   * learnt from before the next one: till then the application's code may pick some of its tokens.
   *
   * @param outcomes tells what came of each draft of this speculator
   * @param step the whole step
   */
  public void ended(Supplier<List<StepReport.Outcome>> outcomes, Step step) {
    if (learns) {
      ended = new Ended(outcomes, draftSteps, draftNanos, step);
    }
  }

  private void learn() {
    if (ended != null) {
      policy.learn(ended.report());
      ended = null;
    }
  }

  /** Keeps what was learnt. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      learn();
      atEnd.run();
    }
  }
}
