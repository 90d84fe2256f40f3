package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;

import io.proxytune.FinishReason;
import io.proxytune.ModelException;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuneException;
import io.proxytune.Score;
import io.proxytune.Score.TokenScore;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.prompt.ContinuationEncoder;
import io.proxytune.core.prompt.PromptEncoder;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.session.SessionPlan;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Log-probabilities of given continuations of a prompt under the fused distribution. The prompt is
 * read once; each continuation follows it in the same sessions, cut back in between. For one
 * request.
 */
public final class Scorer {
  /**
   * Rows of logits are wide, so that they are asked for in smaller chunks than prompts are read.
   */
  private static final int MAX_ROWS = 64;

  private final Ensemble ensemble;
  private final LogitMath math;
  private final RequestControl control;
  private final int prefillChunk;

  /**
   * Prepares scoring.
   *
   * @param ensemble the models
   * @param math what is computed on logits
   * @param control what can end the request from outside
   * @param prefillChunk the most prompt tokens of a sequence in a pass
   */
  public Scorer(Ensemble ensemble, LogitMath math, RequestControl control, int prefillChunk) {
    this.ensemble = ensemble;
    this.math = math;
    this.control = control;
    this.prefillChunk = prefillChunk;
  }

  /**
   * Scores texts that could follow a prompt.
   *
   * @param prompt the prompt
   * @param continuations the texts, none empty
   * @return a score for each
   * @throws io.proxytune.ContextLengthException if a model's context has no room for one
   */
  public List<Score> score(Prompt prompt, List<String> continuations) {
    ContinuationEncoder.Encoded encoded =
        new ContinuationEncoder(ensemble, prompt).encode(continuations);
    SessionPlan plan =
        SessionPlan.of(
            ensemble,
            role -> PromptEncoder.checked(requireNonNull(encoded.prompts().get(role)), role),
            false);
    List<int[]> ids = encoded.continuations();
    ids.forEach(continuation -> check(continuation, plan));
    int longest = ids.stream().mapToInt(continuation -> continuation.length).max().orElseThrow();
    try (RoleSessions sessions = RoleSessions.open(plan, longest)) {
      goOnUnless(Prefill.run(sessions.all(), prefillChunk, control));
      return scoreAll(sessions, ids);
    }
  }

  private static void check(int[] continuation, SessionPlan plan) {
    for (SessionPlan.SessionSpec session : plan.sessions()) {
      PromptEncoder.checkIds(continuation, session.role(), "the continuation");
      PromptEncoder.checkRoom(session.promptIds().length, continuation.length, session.role());
    }
  }

  private List<Score> scoreAll(RoleSessions sessions, List<int[]> continuations) {
    int[] starts = new int[sessions.all().size()];
    try (ModelPass pass = ModelPass.run(sessions.all(), Integer.MAX_VALUE, Rows.LAST);
        RoleLogits roles = RoleLogits.of(math, pass, List.of(sessions), new int[] {1});
        Logits afterPrompt = roles.fuse(ensemble, sessions.plan().pairs())) {
      Arrays.setAll(starts, i -> sessions.all().get(i).position());
      List<Score> scores = new ArrayList<>();
      for (int[] continuation : continuations) {
        List<Double> logprobs = new ArrayList<>();
        collect(logprobs, roles, afterPrompt, Arrays.copyOf(continuation, 1), sessions);
        scoreRest(sessions, continuation, logprobs);
        scores.add(toScore(continuation, logprobs));
        cutBack(sessions, starts);
      }
      return scores;
    }
  }

  /** Each token but the last is read, and its row scores the token after it. */
  private void scoreRest(RoleSessions sessions, int[] continuation, List<Double> logprobs) {
    int chunk = Math.min(prefillChunk, MAX_ROWS);
    for (int from = 0; from < continuation.length - 1; from += chunk) {
      goOnUnless(control.end());
      int to = Math.min(from + chunk, continuation.length - 1);
      int[] tokens = Arrays.copyOfRange(continuation, from, to);
      sessions.all().forEach(session -> session.append(tokens));
      try (ModelPass pass = ModelPass.run(sessions.all(), Integer.MAX_VALUE, Rows.ALL);
          RoleLogits roles =
              RoleLogits.of(math, pass, List.of(sessions), new int[] {tokens.length});
          Logits fused = roles.fuse(ensemble, sessions.plan().pairs())) {
        int[] next = Arrays.copyOfRange(continuation, from + 1, to + 1);
        collect(logprobs, roles, fused, next, sessions);
      }
    }
  }

  private void collect(
      List<Double> logprobs, RoleLogits roles, Logits fused, int[] ids, RoleSessions sessions) {
    try {
      Arrays.stream(math.logprobs(fused, ids)).forEach(logprobs::add);
    } catch (ModelException e) {
      throw new LogitFault(roles, fused, List.of(sessions)).explain(e);
    }
  }

  private static void cutBack(RoleSessions sessions, int[] starts) {
    for (int i = 0; i < starts.length; i++) {
      sessions.all().get(i).truncate(starts[i]);
    }
  }

  private Score toScore(int[] ids, List<Double> logprobs) {
    Tokenizer tokenizer = ensemble.base().requireTokenizer();
    List<TokenScore> tokens = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      tokens.add(new TokenScore(ids[i], tokenizer.token(ids[i]).orElse(""), logprobs.get(i)));
    }
    return new Score(tokens, logprobs.stream().mapToDouble(Double::doubleValue).sum());
  }

  private static void goOnUnless(Optional<FinishReason> end) {
    if (end.isPresent()) {
      throw new ProxyTuneException("scoring ended early, since its thread was interrupted");
    }
  }
}
