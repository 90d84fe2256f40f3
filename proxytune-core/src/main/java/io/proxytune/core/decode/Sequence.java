package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.speculation.DraftedText;
import io.proxytune.core.text.TextAssembler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One text that is generated: its sessions, its sampling state, and what came out. Its memory is
 * allocated by {@link #open} and freed when it finishes. For one thread at a time.
 */
public final class Sequence implements AutoCloseable, DraftedText {
  private final SequenceRequest request;
  private final @Nullable Sequence promptReader;
  private final TextAssembler text;
  private final Timings timings;
  private final EndIds ends;
  private final int maxNewTokens;
  private final List<Token> tokens = new ArrayList<>();
  private @Nullable RoleSessions sessions;
  private @Nullable SamplerState state;
  private @Nullable FinishReason finishReason;
  private boolean ownsSessions;
  private int draftRounds;
  private int draftedTokens;
  private int acceptedTokens;

  /**
   * Describes a sequence.
   *
   * @param request what to generate
   * @param promptReader another sequence with the same prompt, opened before, that reads it for
   *     this one; null to read it itself
   */
  Sequence(SequenceRequest request, @Nullable Sequence promptReader) {
    this.request = request;
    this.promptReader = promptReader;
    this.text =
        new TextAssembler(
            request.base().textTokenizer(), basePrompt(), request.options().stopStrings());
    this.timings = new Timings(request.control());
    this.ends = request.ends();
    this.maxNewTokens = request.maxNewTokens();
  }

  /** Allocates the sessions and the sampling state. */
  void open(LogitMath math) {
    state = math.newState(request.samplingPlan(), request.plan().basePrompt());
    ownsSessions = promptReader == null;
    sessions =
        promptReader == null
            ? RoleSessions.open(request.plan(), maxNewTokens)
            : promptReader.sessions();
  }

  /** Goes its own way from the sequence that read the prompt. */
  void part() {
    if (!ownsSessions) {
      sessions = sessions().fork();
      ownsSessions = true;
    }
  }

  @Override
  public int draftRoom() {
    int wanted = maxNewTokens - tokens.size() - 1;
    return Math.max(0, Math.min(wanted, sessions().room()));
  }

  @Override
  public boolean isEnd(int id) {
    return ends.endBy(id).isPresent();
  }

  @Override
  public int[] basePrompt() {
    return request.plan().basePrompt();
  }

  @Override
  public SamplingPlan draftPlan(int width) {
    return request.draftPlan(width);
  }

  /** Counts a draft that is checked, or a token of it that became part of the text. */
  void countDraft(int drafted, int accepted) {
    draftRounds += drafted > 0 ? 1 : 0;
    draftedTokens += drafted;
    acceptedTokens += accepted;
  }

  /**
   * Takes the text of a picked token, and says why the text ends with it, if it does: by its id, a
   * stop string, the number of tokens, or a context that has no room for it.
   */
  Optional<FinishReason> stop(int id) {
    Optional<FinishReason> byId = ends.endBy(id);
    if (byId.isPresent()) {
      text.finishAt(id);
    } else {
      text.append(id);
    }
    Optional<FinishReason> end =
        byId.or(this::endByText).or(this::endByCount).or(() -> endByRoom(id));
    if (end.isPresent()) {
      text.finish();
    }
    return end.isPresent() ? endByText().or(() -> end) : end;
  }

  private Optional<FinishReason> endByText() {
    return text.stopped() ? Optional.of(FinishReason.STOP_STRING) : Optional.empty();
  }

  private Optional<FinishReason> endByCount() {
    boolean full = tokens.size() + 1 >= maxNewTokens;
    return full ? Optional.of(FinishReason.MAX_NEW_TOKENS) : Optional.empty();
  }

  private Optional<FinishReason> endByRoom(int id) {
    boolean fits = sessions().hasRoomFor(id);
    return fits ? Optional.empty() : Optional.of(FinishReason.CONTEXT_FULL);
  }

  /** Gives a picked token to the reader, with the text that it released. */
  void emit(int id, @Nullable TokenLogprobs logprobs) {
    timings.token();
    tokens.add(new Token(id, text.takeReleased(), tokens.size(), logprobs));
  }

  /** Gives a picked token to the sampler and to every model, which read it in the next step. */
  void append(int id) {
    state().append(id);
    sessions().append(id);
  }

  /** Ends the text; what is still held back of it belongs to the result only. */
  void finish(FinishReason reason) {
    if (!isFinished()) {
      text.finish();
      finishReason = reason;
      timings.end();
      close();
    }
  }

  /**
   * Whether the text has ended.
   *
   * @return whether no token follows
   */
  public boolean isFinished() {
    return finishReason != null;
  }

  @Override
  public RoleSessions sessions() {
    return requireNonNull(sessions, "a sequence that was not opened");
  }

  SamplerState state() {
    return requireNonNull(state, "a sequence that was not opened");
  }

  @Override
  public List<Token> tokens() {
    return tokens;
  }

  Timings timings() {
    return timings;
  }

  /**
   * What became of the sequence, which is finished.
   *
   * @return the text with all that is known of it
   */
  public Generation toGeneration() {
    int[] prompt = request.plan().basePrompt();
    return new Generation(
        text.text(),
        tokens.stream().map(Token::id).toList(),
        requireNonNull(finishReason, "a sequence that goes on"),
        Arrays.stream(prompt).boxed().toList(),
        request.seed(),
        tokens,
        timings.toStats(prompt.length, tokens.size(), draftRounds, draftedTokens, acceptedTokens));
  }

  /** Frees the memory, finished or not. */
  @Override
  public void close() {
    List<AutoCloseable> held = new ArrayList<>();
    if (state != null) {
      held.add(state);
    }
    if (sessions != null && ownsSessions) {
      held.add(sessions);
    }
    Closeables.all(held);
  }
}
