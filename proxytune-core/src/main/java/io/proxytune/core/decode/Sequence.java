package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Sampler;
import io.proxytune.Token;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.session.SessionPlan;
import io.proxytune.core.speculation.DraftedText;
import io.proxytune.core.speculation.Speculator;
import io.proxytune.core.speculation.TextDrafts;
import io.proxytune.core.text.TextAssembler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One text that is generated: its sessions, its sampling state, what was picked for it, and what of
 * that its reader has taken. Its memory is allocated by {@link #open} and freed when it finishes.
 * For one thread at a time.
 */
public final class Sequence implements StepMember, DraftedText {
  private final SequenceRequest request;
  private final @Nullable Sequence promptReader;
  private final TextAssembler text;
  private final Timings timings;
  private final EndIds ends;
  private final int maxNewTokens;
  private final List<Token> tokens = new ArrayList<>();
  private final Queue<Picked> picked = new ArrayDeque<>();
  private final TextDrafts drafts = new TextDrafts();
  private final Tally tally = new Tally();
  private final boolean runsCode;
  private @Nullable RoleSessions sessions;
  private @Nullable SamplerState state;
  private @Nullable FinishReason finishReason;
  private @Nullable Speculator speculator;
  private Runnable onFree = () -> {};
  private boolean ownsSessions;
  private boolean hasReadPrompt;
  private boolean readsAgain; // by itself, what another read for it before
  private @Nullable RuntimeException fault; // why no token follows those that were picked

  /** Where the application's code picks, the rows that it picks from, and for what. */
  private @Nullable PickRows rows;

  private @Nullable Verification verification;

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
    this.runsCode =
        request.options().sampler() instanceof Sampler.Custom
            || !request.options().processors().isEmpty();
  }

  @Override
  public SessionPlan plan() {
    return request.plan();
  }

  @Override
  public boolean readsFor(StepMember other) {
    return !hasReadPrompt && sessions().readFor(other.plan());
  }

  @Override
  public void open(Runnable freed) {
    onFree = freed;
    if (sessions != null) {
      sessions.reopen(maxNewTokens);
      return;
    }
    speculator = request.steering().speculator(options().speculation()).join();
    state = request.steering().math().newState(request.samplingPlan(), basePrompt());
    ownsSessions = promptReader == null;
    sessions =
        promptReader == null ? RoleSessions.open(plan(), maxNewTokens) : promptReader.sessions();
  }

  @Override
  public boolean canPause() {
    return hasReadPrompt && sessions().canReadAgain();
  }

  /** What was picked, and what sampling and drafters remember, stays. */
  @Override
  public void pause() {
    hasReadPrompt = false;
    readsAgain = true;
    sessions().release();
    freed();
  }

  @Override
  public long cacheBytes() {
    return request.cacheBytes(promptReader != null && !readsAgain);
  }

  @Override
  public boolean hasReadPrompt() {
    return hasReadPrompt;
  }

  @Override
  public int unread() {
    return hasReadPrompt ? 0 : sessions().unread();
  }

  /** The prompt is read: the text goes its own way from the sequence that read it. */
  void part() {
    hasReadPrompt = true;
    if (!ownsSessions) {
      sessions = sessions().fork();
      ownsSessions = true;
    }
  }

  /** Adds a token behind those that were picked; one that was drafted is followed by others. */
  void add(Picked next) {
    picked.add(next);
    if (next.kept()) {
      append(next.id());
    }
  }

  /** No token can be picked behind those that were. */
  void fail(RuntimeException why) {
    fault = why;
  }

  boolean isFaulty() {
    return fault != null;
  }

  /** The application's code picks from these rows when its tokens are taken. */
  void pickLater(PickRows ownRows, Verification own) {
    own.startAt(0);
    rows = ownRows;
    verification = own;
  }

  @Override
  public boolean hasPicked() {
    return !picked.isEmpty() || fault != null || rows != null;
  }

  /**
   * Gives the reader the next token that was picked, or picked by the application's code now, and
   * with it the text that it released, and appends it to every model's sequence unless the text
   * ends.
   *
   * @throws io.proxytune.ModelException if no token can be picked
   */
  @Override
  public void take() {
    Picked next = nextPicked();
    tally.count(next);
    Optional<FinishReason> end = stop(next);
    emit(next);
    if (end.isPresent()) {
      finish(end.get());
    } else if (!next.kept()) {
      append(next.id());
    }
  }

  private Picked nextPicked() {
    if (picked.isEmpty() && rows != null && verification != null) {
      rows.pick(List.of(verification));
      if (!verification.goesOn()) {
        closeRows();
      }
    }
    if (picked.isEmpty() && fault != null) {
      throw fault;
    }
    return picked.remove();
  }

  private void closeRows() {
    PickRows old = rows;
    rows = null;
    verification = null;
    if (old != null) {
      old.close();
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
    return plan().basePrompt();
  }

  @Override
  public SamplingPlan draftPlan(int width) {
    return request.draftPlan(width);
  }

  /**
   * Takes the text of a picked token, and says why the text ends with it, if it does: by its id, a
   * stop string, the number of tokens, or a context that has no room for it.
   */
  private Optional<FinishReason> stop(Picked next) {
    int id = next.id();
    Optional<FinishReason> byId = ends.endBy(id);
    if (byId.isPresent()) {
      text.finishAt(id);
    } else {
      text.append(id);
    }
    Optional<FinishReason> end =
        byId.or(this::endByText)
            .or(this::endByCount)
            .or(() -> next.kept() ? Optional.empty() : endByRoom(id));
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
    return sessions().hasRoomFor(id) ? Optional.empty() : Optional.of(FinishReason.CONTEXT_FULL);
  }

  /** Gives a picked token to the reader, with the text that it released. */
  private void emit(Picked next) {
    timings.token();
    TokenReport told = next.report();
    tokens.add(
        new Token(next.id(), text.takeReleased(), tokens.size(), told.logprobs(), told.trace()));
  }

  /** Gives a picked token to the sampler and to every model, which read it in the next step. */
  private void append(int id) {
    state().append(id);
    sessions().append(id);
  }

  /**
   * Ends the text, unless it has ended; what is still held back of it belongs to the result only.
   *
   * @param reason why
   */
  @Override
  public void finish(FinishReason reason) {
    if (!isFinished()) {
      text.finish();
      finishReason = reason;
      timings.end();
      close();
    }
  }

  @Override
  public boolean isFinished() {
    return finishReason != null;
  }

  @Override
  public RoleSessions sessions() {
    return requireNonNull(sessions, "a sequence that was not opened");
  }

  @Override
  public TextDrafts drafts() {
    return drafts;
  }

  @Override
  public RequestControl control() {
    return request.control();
  }

  GenerationOptions options() {
    return request.options();
  }

  Steering steering() {
    return request.steering();
  }

  /** Whether every model is asked for every token, whatever steers it. */
  boolean asksAll() {
    return request.asksAll();
  }

  Speculator speculator() {
    return requireNonNull(speculator, "a sequence that was not opened");
  }

  @Override
  public boolean runsCode() {
    return runsCode;
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
    return new Generation(
        text.text(),
        tokens.stream().map(Token::id).toList(),
        requireNonNull(finishReason, "a sequence that goes on"),
        Arrays.stream(basePrompt()).boxed().toList(),
        request.seed(),
        tokens,
        timings.toStats(basePrompt().length, tokens.size(), tally));
  }

  /** Frees the memory, finished or not. Closing twice does nothing. */
  @Override
  public void close() {
    List<AutoCloseable> held = new ArrayList<>();
    held.add(this::closeRows);
    held.add(drafts);
    if (state != null) {
      held.add(state);
    }
    if (sessions != null && ownsSessions) {
      held.add(sessions);
    }
    if (speculator != null) {
      speculator = null;
      held.add(request.steering().speculator(options().speculation())::leave);
    }
    held.add(this::freed);
    picked.clear();
    Closeables.all(held);
  }

  private void freed() {
    Runnable memory = onFree;
    onFree = () -> {};
    memory.run();
  }
}
