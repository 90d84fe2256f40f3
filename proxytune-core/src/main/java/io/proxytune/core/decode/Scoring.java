package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;

import io.proxytune.FinishReason;
import io.proxytune.ModelException;
import io.proxytune.OptionsNotShownException;
import io.proxytune.ProxyTuneException;
import io.proxytune.Score;
import io.proxytune.Score.TokenScore;
import io.proxytune.TokenLogprobs;
import io.proxytune.Tokenizer;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.ModelPass.Reading;
import io.proxytune.core.session.PartialRows;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.core.session.RoleSession;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.session.SessionPlan;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Log-probabilities of given continuations of a prompt under the fused distribution. The prompt is
 * read once; each continuation follows it in the same sessions, cut back in between. For one thread
 * at a time.
 */
public final class Scoring implements StepMember {
  /**
   * Rows of logits are wide, so that they are asked for in smaller chunks than prompts are read.
   */
  private static final int MAX_ROWS = 64;

  private final Steering steering;
  private final SessionPlan plan;
  private final List<int[]> continuations;
  private final RequestControl control;
  private final @Nullable LogprobReport report;
  private final List<List<Double>> logprobs = new ArrayList<>();
  private final List<TokenLogprobs> reports = new ArrayList<>();
  private @Nullable RoleSessions sessions;
  private @Nullable Runnable onFree;
  private @Nullable FinishReason end;
  private int[] starts = new int[0];
  private boolean hasReadPrompt;
  private int current;
  private int rows;

  /**
   * Prepares scoring.
   *
   * @param report what is said of each token beside its score, if anything is; the plan runs all
   *     roles then
   */
  Scoring(
      Steering steering,
      SessionPlan plan,
      List<int[]> continuations,
      @Nullable LogprobReport report,
      RequestControl control) {
    this.steering = steering;
    this.plan = plan;
    this.continuations = continuations;
    this.report = report;
    this.control = control;
  }

  @Override
  public RequestControl control() {
    return control;
  }

  @Override
  public SessionPlan plan() {
    return plan;
  }

  @Override
  public boolean readsFor(StepMember other) {
    return !hasReadPrompt && sessions().readFor(other.plan());
  }

  @Override
  public void open(Runnable freed) {
    onFree = freed;
    sessions = RoleSessions.open(plan, longest());
  }

  /** Nobody takes anything of it before its end. */
  @Override
  public boolean canPause() {
    return false;
  }

  @Override
  public void pause() {
    throw new IllegalStateException("a score is not paused");
  }

  private int longest() {
    return continuations.stream().mapToInt(ids -> ids.length).max().orElseThrow();
  }

  @Override
  public long cacheBytes() {
    return plan.cacheBytes(longest());
  }

  private RoleSessions sessions() {
    return requireNonNull(sessions, "a score that was not opened");
  }

  /** It reads what it was given to its end. */
  @Override
  public boolean hasReadPrompt() {
    return false;
  }

  @Override
  public int unread() {
    return hasReadPrompt ? Math.min(MAX_ROWS, left()) : sessions().unread();
  }

  /** Each token but the last is read, and its row scores the token after it. */
  private int left() {
    return continuations.get(current).length - logprobs.get(current).size();
  }

  /**
   * What its models read in a step.
   *
   * @param tokens the most tokens of each
   */
  List<Reading> readings(int tokens) {
    if (hasReadPrompt) {
      int[] ids = continuations.get(current);
      int from = logprobs.get(current).size() - 1;
      rows = Math.min(tokens, unread());
      int[] next = Arrays.copyOfRange(ids, from, from + rows);
      sessions().all().forEach(session -> session.append(next));
      return readings(sessions().all().stream(), Integer.MAX_VALUE, Rows.ALL);
    }
    if (Prefill.isLast(sessions().all(), tokens)) {
      rows = 1;
      return readings(sessions().all().stream(), Integer.MAX_VALUE, Rows.LAST);
    }
    rows = 0;
    return readings(Prefill.due(sessions().all(), tokens).stream(), tokens, Rows.NONE);
  }

  private static List<Reading> readings(Stream<RoleSession> sessions, int tokens, Rows rows) {
    return sessions.map(session -> new Reading(session, tokens, rows)).toList();
  }

  /** Scores what was read in a step. */
  void score(ModelPass pass) {
    if (rows == 0) {
      return;
    }
    Optional<PartialRows> shown =
        pass.hasPartial()
            ? PartialRows.find(pass, sessions(), steering.roles(), rows)
            : Optional.empty();
    if (shown.isPresent() && !comparesTokens()) {
      throw PartialPick.needsWholeRows(steering, "scores");
    }
    try (RoleLogits roles = steering.rows(pass, List.of(sessions()), new int[] {rows})) {
      shown.ifPresent(known -> roles.replace(steering.base(), known.known()));
      score(roles);
    }
    shown.ifPresent(this::requireOneShown);
    goOn();
  }

  private void score(RoleLogits roles) {
    try (Logits fused =
        steering.fusion().fuse(roles, steering.fusion().strengths(roles, positions()))) {
      if (hasReadPrompt) {
        List<Double> scored = logprobs.get(current);
        int[] ids = continuations.get(current);
        add(scored, roles, fused, Arrays.copyOfRange(ids, scored.size(), scored.size() + rows));
      } else {
        begin(roles, fused);
      }
    }
  }

  /** Whether it is asked which of several tokens is the best: that needs no others. */
  private boolean comparesTokens() {
    return report == null
        && continuations.size() > 1
        && continuations.stream().allMatch(ids -> ids.length == 1);
  }

  private void requireOneShown(PartialRows shown) {
    if (logprobs.stream().allMatch(first -> first.get(0) == Double.NEGATIVE_INFINITY)) {
      shown.dropped(rows - 1);
      throw new OptionsNotShownException(
          "none of the "
              + continuations.size()
              + " options is among the tokens that the "
              + steering.base().describe()
              + " shows: let it show more, or leave this question out");
    }
  }

  /** How many tokens of the continuation come before each row's. */
  private int[] positions() {
    int first = hasReadPrompt ? logprobs.get(current).size() : 0;
    return IntStream.range(first, first + rows).toArray();
  }

  /** The row after the prompt scores the first token of each. */
  private void begin(RoleLogits roles, Logits fused) {
    for (int[] continuation : continuations) {
      List<Double> first = new ArrayList<>();
      add(first, roles, fused, Arrays.copyOf(continuation, 1));
      logprobs.add(first);
    }
    starts = sessions().all().stream().mapToInt(RoleSession::position).toArray();
    hasReadPrompt = true;
  }

  private void add(List<Double> to, RoleLogits roles, Logits fused, int[] ids) {
    try {
      Arrays.stream(steering.math().logprobs(fused, ids)).forEach(to::add);
      if (report != null) {
        reports.addAll(report.of(roles, plan.roles(), fused, ids));
      }
    } catch (ModelException e) {
      throw new LogitFault(roles, fused, List.of(sessions())).explain(e);
    }
  }

  private void goOn() {
    while (current < continuations.size() && left() == 0) {
      for (int i = 0; i < starts.length; i++) {
        sessions().all().get(i).truncate(starts[i]);
      }
      current++;
    }
    if (current == continuations.size()) {
      finish(FinishReason.END_OF_TEXT);
    }
  }

  @Override
  public boolean hasPicked() {
    return false;
  }

  @Override
  public void take() {
    throw new IllegalStateException("a score has no tokens to take");
  }

  @Override
  public boolean runsCode() {
    return false;
  }

  @Override
  public boolean isFinished() {
    return end != null;
  }

  @Override
  public void finish(FinishReason reason) {
    if (!isFinished()) {
      end = reason;
      close();
    }
  }

  /**
   * The scores, when all is read.
   *
   * @return one for each continuation
   * @throws ProxyTuneException if it was ended before
   */
  public List<Score> scores() {
    checkComplete();
    List<Score> scores = new ArrayList<>();
    for (int i = 0; i < continuations.size(); i++) {
      scores.add(toScore(continuations.get(i), logprobs.get(i)));
    }
    return scores;
  }

  /**
   * What was to be said of each token, when all is read.
   *
   * @return a report for each, in the order of the continuations
   * @throws ProxyTuneException if it was ended before
   */
  public List<TokenLogprobs> reports() {
    checkComplete();
    return List.copyOf(reports);
  }

  private void checkComplete() {
    if (current < continuations.size()) {
      throw new ProxyTuneException("scoring ended early, since its thread was interrupted");
    }
  }

  private Score toScore(int[] ids, List<Double> of) {
    Tokenizer tokenizer = steering.base().requireTokenizer();
    List<TokenScore> tokens = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      tokens.add(new TokenScore(ids[i], tokenizer.token(ids[i]).orElse(""), of.get(i)));
    }
    return new Score(tokens, of.stream().mapToDouble(Double::doubleValue).sum());
  }

  @Override
  public void close() {
    List<AutoCloseable> held = new ArrayList<>();
    if (sessions != null) {
      held.add(sessions);
    }
    if (onFree != null) {
      held.add(onFree::run);
      onFree = null;
    }
    Closeables.all(held);
  }
}
