package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationStats;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
  private final int end;
  private final List<Token> tokens = new ArrayList<>();
  private final PickQueue picked = new PickQueue();
  private final TextDrafts drafts = new TextDrafts();
  private final Tally tally;
  private final boolean runsCode;
  private @Nullable RoleSessions sessions;
  private @Nullable SamplerState state;
  private @Nullable FinishReason finishReason;
  private @Nullable Speculator speculator;
  private Runnable onFree = () -> {};
  private boolean ownsSessions;
  private boolean hasReadPrompt;
  private boolean readsAgain; // by itself, what another read for it before

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
            request.base().textTokenizer(),
            basePrompt(),
            request.options().stopStrings(),
            request.options().writtenSpecialTokens());
    Optional<GenerationStats> before = request.stage().before().map(Generation::stats);
    this.timings = new Timings(request.control(), before);
    this.tally = new Tally(before);
    this.ends = request.ends();
    this.maxNewTokens = request.maxNewTokens();
    this.end = request.end();
    this.runsCode =
        request.options().sampler() instanceof Sampler.Custom
            || !request.options().processors().isEmpty();
    request.stage().given().forEach(this::replay);
  }

  /** Takes a token that the text has from an earlier stage. */
  private void replay(Token given) {
    text.append(given.id());
    add(given.id(), new TokenReport(given.logprobs(), given.trace()));
  }

  private void add(int id, TokenReport told) {
    String released = text.takeReleased();
    tokens.add(new Token(id, released, tokens.size(), told.logprobs(), told.trace()));
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
      sessions.reopen(request.newTokens());
      return;
    }
    speculator = request.steering().speculator(options().speculation()).join();
    SamplerState begun = request.steering().math().newState(request.samplingPlan(), basePrompt());
    state = begun;
    request.stage().given().forEach(token -> begun.append(token.id()));
    ownsSessions = promptReader == null;
    sessions =
        promptReader == null
            ? RoleSessions.open(plan(), request.newTokens())
            : promptReader.sessions();
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
    picked.fail(why);
  }

  /** No token is certain to be the next one, and the text is to end there. */
  void stopUncertified() {
    picked.stop();
  }

  boolean isFaulty() {
    return picked.isFaulty();
  }

  /** The application's code picks from these rows when its tokens are taken. */
  void pickLater(PickRows ownRows, Verification own) {
    picked.pickLater(ownRows, own);
  }

  @Override
  public boolean hasPicked() {
    return picked.hasNext();
  }

  /**
   * Gives the reader the next token that was picked, or picked by the application's code now, and
   * with it the text that it released, and appends it to every model's sequence unless the text
   * ends. A text that ends before a token gets none.
   *
   * @throws io.proxytune.ModelException if no token can be picked
   */
  @Override
  public void take() {
    if (picked.endsHere()) {
      finish(FinishReason.UNCERTIFIED);
      return;
    }
    Picked next = picked.next();
    tally.count(next);
    Optional<FinishReason> end = stop(next);
    emit(next);
    if (end.isPresent()) {
      finish(end.get());
    } else if (!next.kept()) {
      append(next.id());
    }
  }

  @Override
  public int draftRoom() {
    int wanted = end - tokens.size() - 1;
    return Math.max(0, Math.min(wanted, sessions().room()));
  }

  @Override
  public boolean isEnd(int id) {
    return ends.endBy(id).isPresent();
  }

  @Override
  public int[] basePrompt() {
    return request.basePrompt();
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
            .or(() -> endAt(maxNewTokens))
            .or(() -> next.kept() ? Optional.empty() : endByRoom(id))
            .or(() -> endAt(this.end)); // another stage may follow
    if (end.isPresent()) {
      text.finish();
    }
    return end.isPresent() ? endByText().or(() -> end) : end;
  }

  private Optional<FinishReason> endByText() {
    return text.stopped() ? Optional.of(FinishReason.STOP_STRING) : Optional.empty();
  }

  private Optional<FinishReason> endAt(int count) {
    boolean full = tokens.size() + 1 >= count;
    return full ? Optional.of(FinishReason.MAX_NEW_TOKENS) : Optional.empty();
  }

  private Optional<FinishReason> endByRoom(int id) {
    return sessions().hasRoomFor(id) ? Optional.empty() : Optional.of(FinishReason.CONTEXT_FULL);
  }

  /** Gives a picked token to the reader, with the text that it released. */
  private void emit(Picked next) {
    timings.token();
    add(next.id(), next.report());
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

  /** What draws the tokens that are audited: the same of a text with drafts or without. */
  long auditSeed() {
    return request.seed() + Arrays.hashCode(basePrompt());
  }

  /** Whether every model is asked for every token, whatever steers it. */
  boolean asksAll() {
    return request.stage().asksAll();
  }

  Speculator speculator() {
    return requireNonNull(speculator, "a sequence that was not opened");
  }

  @Override
  public boolean runsCode() {
    return runsCode;
  }

  @Override
  public SamplerState state() {
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
    held.add(picked);
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
    Closeables.all(held);
  }

  private void freed() {
    Runnable memory = onFree;
    onFree = () -> {};
    memory.run();
  }
}
