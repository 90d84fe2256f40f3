package io.proxytune.core.session;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.Ints;
import io.proxytune.ModelException;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SourceCheck;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.core.retokenizing.RetokenizedModel;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One model's copy of a sequence: a session, the tokens that it has yet to read, and how many of
 * all these are a draft, which is not yet part of the text. For one thread at a time.
 */
public final class RoleSession implements AutoCloseable {
  private final ModelRole role;
  private ReadPrompt readPrompt;

  /** Nothing while it is released. */
  private @Nullable LogitSession session;

  private int[] unread;
  private int drafted;

  private RoleSession(ModelRole role, ReadPrompt readPrompt, LogitSession session, int[] unread) {
    this.role = role;
    this.readPrompt = readPrompt;
    this.session = session;
    this.unread = unread;
  }

  /**
   * Opens a session with room for the prompt and some new tokens, or as many as the model holds. It
   * has read what is kept of the prompt.
   */
  static RoleSession open(SessionPlan.SessionSpec spec, int newTokens, PrefixCache prefixes) {
    LogitModel source = spec.role().source();
    int[] prompt = spec.promptIds();
    int capacity = capacity(spec, newTokens);
    ReadPrompt readPrompt = new ReadPrompt(source, prefixes, prompt);
    LogitSession session = begun(spec.role(), readPrompt, capacity);
    int[] unread = Arrays.copyOfRange(prompt, session.position(), prompt.length);
    return new RoleSession(spec.role(), readPrompt, session, unread);
  }

  private static LogitSession begun(ModelRole role, ReadPrompt readPrompt, int capacity) {
    return readPrompt
        .find(capacity)
        .orElseGet(
            () ->
                SourceCheck.made(
                    role.source().newSession(capacity), role, "newSession(" + capacity + ")"));
  }

  static int capacity(SessionPlan.SessionSpec spec, int newTokens) {
    long wanted = (long) spec.promptIds().length + newTokens;
    return (int) Math.min(spec.role().source().contextLength(), wanted);
  }

  RoleSession fork() {
    int capacity = session().capacity();
    LogitSession fork =
        SourceCheck.made(session().fork(capacity), role, "its session's fork(" + capacity + ")");
    return new RoleSession(role, readPrompt, fork, unread);
  }

  private LogitSession copied(int capacity) {
    return SourceCheck.made(
        session().copy(read(), capacity),
        role,
        "its session's copy(" + read() + ", " + capacity + ")");
  }

  private LogitSession session() {
    return requireNonNull(session, "a session that was released");
  }

  /** How many tokens the session has, those of a draft included. */
  private int read() {
    return session == null ? 0 : session.position();
  }

  /** Whether the logits do not depend on how what is there is cut into passes. */
  boolean canReadAgain() {
    return read() + unread.length <= source().draftableLength();
  }

  /**
   * Frees the cache.
   *
   * @param tokens all that was read or is unread
   */
  void release(int[] tokens) {
    session().close();
    session = null;
    unread = tokens;
  }

  /** Opens a session in the place of the one that was released. */
  void reopen(int capacity, PrefixCache prefixes) {
    readPrompt = new ReadPrompt(source(), prefixes, unread);
    session = begun(role, readPrompt, Math.max(capacity, unread.length));
    unread = Arrays.copyOfRange(unread, read(), unread.length);
  }

  ModelRole role() {
    return role;
  }

  LogitModel source() {
    return role.source();
  }

  /**
   * How much of the text was read; a draft that was read does not count.
   *
   * @return the number of tokens
   */
  public int position() {
    return read() - Math.max(0, drafted - unread.length);
  }

  /**
   * Whether the next pass has something to read.
   *
   * @return whether there are unread tokens
   */
  public boolean hasUnread() {
    return unread.length > 0;
  }

  /**
   * How much is left to read.
   *
   * @return the number of tokens
   */
  public int unread() {
    return unread.length;
  }

  /**
   * Whether what is unread may wait for more: whether the logits are the same then.
   *
   * @return false near the length from where they depend on how tokens are cut into passes
   */
  public boolean canWait() {
    return read() + unread.length < source().draftableLength();
  }

  /** How many tokens fit behind what is there without another session. */
  int room() {
    int end = Math.min(session().capacity(), source().draftableLength());
    return end - read() - unread.length;
  }

  /**
   * Gives this model a draft to read, beginning with what it was given of it before.
   *
   * @param draft the ids, which are the model's
   */
  public void draft(int[] draft) {
    int[] more = Arrays.copyOf(unread, unread.length + draft.length - drafted);
    System.arraycopy(draft, drafted, more, unread.length, draft.length - drafted);
    unread = more;
    drafted = draft.length;
  }

  /** The first token of the draft became part of the text. */
  void keepDrafted() {
    drafted--;
  }

  /**
   * How many passes read what is unread.
   *
   * @param chunk the most tokens of a pass
   * @return how many
   */
  public int passes(int chunk) {
    return (unread.length - 1) / chunk + 1;
  }

  /** A segment of the next unread tokens; they count as read. */
  Segment next(int chunk, Segment.Rows rows) {
    int count = Math.min(chunk, unread.length);
    int[] tokens = count == unread.length ? unread : Arrays.copyOf(unread, count);
    unread = Arrays.copyOfRange(unread, count, unread.length);
    return new Segment(session(), tokens, rows);
  }

  /** Whether this one is reading what another session will need, which waits for it if it can. */
  boolean readsFor(SessionPlan.SessionSpec other) {
    return source() == other.role().source() && readPrompt.awaitedBy(other.promptIds());
  }

  /** A pass has read the latest segment. */
  void afterPass() {
    readPrompt.offer(session());
  }

  /** Whether a picked token, which this model may spell with several, fits. */
  boolean hasRoomFor(int[] tokens) {
    int end = read() + unread.length - drafted;
    return end + tokens.length <= source().contextLength()
        && (session == null
            || !(source() instanceof RetokenizedModel)
            || RetokenizedModel.hasRoomFor(session, unread, tokens));
  }

  /**
   * Gives this model tokens of the text to read in the next pass; what is left of a draft goes.
   *
   * @param tokens the ids, which are the model's; not changed by anyone
   */
  public void append(int[] tokens) {
    forgetDraft();
    unread = Ints.concat(unread, tokens);
    int needed = read() + unread.length;
    if (session != null && needed > session.capacity()) {
      LogitSession larger = copied(Math.min(source().contextLength(), needed + needed / 2));
      session.close();
      session = larger;
    }
  }

  private void forgetDraft() {
    if (drafted > unread.length) {
      truncate(position());
    }
    unread = Arrays.copyOf(unread, unread.length - drafted);
    drafted = 0;
  }

  /** A picked token as this model reads it. */
  int[] spell(int id, ModelRole base) {
    return spelled(id, role, base);
  }

  /**
   * A picked token as a model reads it.
   *
   * @param id the base's id of the token
   * @param role the model in its place
   * @param base the base in its place
   * @return the same id, or where the model has no such id, the token's text in its own tokens
   * @throws ModelException if it can't spell the token
   */
  public static int[] spelled(int id, ModelRole role, ModelRole base) {
    if (role.reads(id)) {
      return new int[] {id};
    }
    Optional<Tokenizer> tokenizer = role.vocabulary();
    int[] spelled =
        tokenizer
            .map(own -> own.encode(base.requireTokenizer().decode(new int[] {id}, false), false))
            .map(ids -> Arrays.stream(ids).filter(role::reads).toArray())
            .orElse(new int[0]);
    if (spelled.length == 0) {
      throw new ModelException(
          String.format(
              "token id %d was picked, which the %s lacks and can't spell. Ban the id with"
                  + " GenerationOptions.withBannedIds(...)",
              id, role.describe()));
    }
    return spelled;
  }

  /**
   * Forgets what was read after a position, and what is unread.
   *
   * @param position the number of tokens to keep
   */
  public void truncate(int position) {
    session().truncate(position);
    unread = new int[0];
    drafted = 0;
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }
}
