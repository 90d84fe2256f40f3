package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.primitives.Ints;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.core.constraint.Constraints;
import io.proxytune.core.constraint.VocabularyConstraint;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.prompt.ContinuationEncoder;
import io.proxytune.core.prompt.PromptEncoder;
import io.proxytune.core.prompt.ToolPlace;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.Seeds;
import io.proxytune.core.session.RoleSession;
import io.proxytune.core.session.SessionPlan;
import io.proxytune.core.speculation.AdaptivePolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Turns a tuner's prompts into sequences. Nothing is allocated on a device yet. Safe for use by
 * several threads.
 */
public final class SequenceFactory {
  private final Steering.Tuning tuning;
  private final Map<Object, Steering> steerings = new ConcurrentHashMap<>();
  private final Supplier<Constraints> constraints;

  /**
   * Prepares sequences.
   *
   * @param ensemble the models
   * @param math what a step computes on logits
   * @param clock nanoseconds from any origin
   */
  public SequenceFactory(Ensemble ensemble, LogitMath math, LongSupplier clock) {
    AtomicReference<AdaptivePolicy> learned = new AtomicReference<>(new AdaptivePolicy());
    this.tuning = new Steering.Tuning(ensemble, math, clock, learned);
    ModelRole base = ensemble.base();
    this.constraints =
        Suppliers.memoize(
            () ->
                new Constraints(
                    base.requireTokenizer(),
                    base.source().width(),
                    ensemble.emittable()::contains));
  }

  /**
   * One text.
   *
   * @param prompt the prompt
   * @param options what the application asked for
   * @param control what can end it from outside
   * @return a sequence
   */
  public Sequence one(Prompt prompt, GenerationOptions options, RequestControl control) {
    return many(prompt, 1, options, control).get(0);
  }

  /**
   * Several texts of one prompt, which the first reads for all: they take part in the same steps
   * until it is read.
   *
   * @param prompt the prompt
   * @param count how many, at least 1
   * @param options what the application asked for
   * @param control what can end all from outside
   * @return the sequences
   */
  public List<Sequence> many(
      Prompt prompt, int count, GenerationOptions options, RequestControl control) {
    long first = Seeds.givenOrDrawn(options.seed());
    long[] seeds = IntStream.range(0, count).mapToLong(i -> Seeds.derive(first, i)).toArray();
    return ofOnePrompt(plan(prompt, options), Stage.WHOLE, options, seeds, control);
  }

  private List<Sequence> ofOnePrompt(
      SessionPlan plan,
      Stage stage,
      GenerationOptions options,
      long[] seeds,
      RequestControl control) {
    List<Sequence> made = new ArrayList<>();
    for (long seed : seeds) {
      SequenceRequest request = request(plan, stage, options, seed, control);
      made.add(new Sequence(request, made.isEmpty() ? null : made.get(0)));
    }
    return made;
  }

  /**
   * Stretches of texts that go on behind the same tokens, which the first reads for all. Every
   * model is asked for every token.
   *
   * @param prompt the prompt
   * @param before the same text up to there, if it was begun; it ended with {@link
   *     io.proxytune.FinishReason#MAX_NEW_TOKENS}
   * @param end the most tokens of each text, {@code before} included
   * @param options what the application asked for, with log-probabilities
   * @param seeds the seed of each
   * @param control what can end all from outside
   * @return the sequences
   */
  public List<Sequence> stretches(
      Prompt prompt,
      Optional<Generation> before,
      int end,
      GenerationOptions options,
      long[] seeds,
      RequestControl control) {
    Stage stage = new Stage(before, end, true);
    PromptEncoder encoder = new PromptEncoder(tuning.ensemble().steered());
    SessionPlan plan =
        SessionPlan.of(
            tuning.ensemble(),
            role -> Ints.concat(encoder.encode(prompt, role), spelled(stage.givenIds(), role)),
            true);
    return ofOnePrompt(plan, stage, options, seeds, control);
  }

  private int[] spelled(int[] ids, ModelRole role) {
    return Arrays.stream(ids)
        .flatMap(id -> Arrays.stream(RoleSession.spelled(id, role, tuning.ensemble().base())))
        .toArray();
  }

  /**
   * A text for each prompt.
   *
   * @param prompts the prompts
   * @param options what the application asked for
   * @param control what can end all from outside
   * @return a sequence for each
   */
  public List<Sequence> all(
      List<Prompt> prompts, GenerationOptions options, RequestControl control) {
    List<Sequence> made = new ArrayList<>();
    for (Prompt prompt : prompts) {
      long seed = Seeds.givenOrDrawn(options.seed());
      SessionPlan plan = plan(prompt, options);
      made.add(new Sequence(request(plan, Stage.WHOLE, options, seed, control), null));
    }
    return made;
  }

  /**
   * Scores of texts that could follow a prompt.
   *
   * @param prompt the prompt
   * @param continuations the texts, none empty
   * @param control what can end it from outside
   * @return what computes them
   * @throws io.proxytune.ContextLengthException if a model's context has no room for one
   */
  public Scoring scoring(Prompt prompt, List<String> continuations, RequestControl control) {
    requirePlaceForTools(prompt);
    ContinuationEncoder.Encoded encoded =
        new ContinuationEncoder(tuning.ensemble(), prompt).encode(continuations);
    SessionPlan plan =
        SessionPlan.of(
            tuning.ensemble(),
            role -> PromptEncoder.checked(requireNonNull(encoded.prompts().get(role)), role),
            false);
    encoded.continuations().forEach(continuation -> check(continuation, plan));
    return new Scoring(steering(plan), plan, encoded.continuations(), null, control);
  }

  /**
   * Reports on ids that follow a prompt.
   *
   * @param prompt the prompt
   * @param ids the ids after it, at least one
   * @param count the number of alternatives to report
   * @param control what can end it from outside
   * @return what makes them
   * @throws io.proxytune.ContextLengthException if a model's context has no room for them
   */
  public Scoring reporting(Prompt prompt, int[] ids, int count, RequestControl control) {
    requirePlaceForTools(prompt);
    SessionPlan plan = SessionPlan.of(tuning.ensemble(), prompt, true);
    check(ids, plan);
    Steering steering = steering(plan);
    LogprobReport report = new LogprobReport(steering.math(), count);
    return new Scoring(steering, plan, List.of(ids), report, control);
  }

  private static void check(int[] continuation, SessionPlan plan) {
    for (SessionPlan.SessionSpec session : plan.sessions()) {
      PromptEncoder.checkIds(continuation, session.role(), "the continuation");
      PromptEncoder.checkRoom(session.promptIds().length, continuation.length, session.role());
    }
  }

  private Steering steering(SessionPlan plan) {
    return steerings.computeIfAbsent(
        Steering.key(plan), key -> new Steering(tuning, plan.roles(), plan.pairs()));
  }

  private void requirePlaceForTools(Prompt prompt) {
    Ensemble ensemble = tuning.ensemble();
    ToolPlace.require(prompt, ensemble);
  }

  private SessionPlan plan(Prompt prompt, GenerationOptions options) {
    boolean reports = options.logprobs() || options.trace();
    requirePlaceForTools(prompt);
    return SessionPlan.of(tuning.ensemble(), prompt, reports);
  }

  private SequenceRequest request(
      SessionPlan plan, Stage stage, GenerationOptions options, long seed, RequestControl control) {
    Steering steering = steering(plan);
    EndIds ends = EndIds.of(steering.base(), plan, options);
    VocabularyConstraint constraint =
        options
            .constraint()
            .map(form -> constraints.get().of(form, ends.all(), options.bannedIds()))
            .orElse(null);
    return new SequenceRequest(steering, plan, options, ends, stage, constraint, seed, control);
  }
}
