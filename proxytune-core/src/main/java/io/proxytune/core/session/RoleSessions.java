package io.proxytune.core.session;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.Ints;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.lifetime.Closeables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The open sessions of one sequence. For one thread at a time. */
public final class RoleSessions implements AutoCloseable {
  private final SessionPlan plan;
  private final List<RoleSession> sessions;
  private int[] draft = new int[0];
  private int kept;

  /** The base's ids of the tokens behind the prompt. */
  private final List<Integer> appended = new ArrayList<>();

  private RoleSessions(SessionPlan plan, List<RoleSession> sessions) {
    this.plan = plan;
    this.sessions = sessions;
  }

  /**
   * Opens sessions with room for the prompt and some new tokens.
   *
   * @param plan which sessions
   * @param newTokens how many tokens may follow the prompt
   * @return the sessions; the caller closes them
   */
  public static RoleSessions open(SessionPlan plan, int newTokens) {
    RoleSessions set = new RoleSessions(plan, new ArrayList<>());
    set.fill(
        plan.sessions().stream()
            .map(spec -> () -> RoleSession.open(spec, newTokens, plan.prefixes())));
    return set;
  }

  /**
   * The same tokens in sessions of their own.
   *
   * @return the copies; the caller closes them
   */
  public RoleSessions fork() {
    RoleSessions set = new RoleSessions(plan, new ArrayList<>());
    set.fill(sessions.stream().map(session -> session::fork));
    set.appended.addAll(appended);
    return set;
  }

  private void fill(Stream<Supplier<RoleSession>> makers) {
    try {
      makers.forEach(maker -> sessions.add(maker.get()));
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, this);
      throw e;
    }
  }

  /**
   * Whether these are reading the first tokens of another's prompts, so that it does well to wait
   * until they have, and to go on from there.
   *
   * @param other the plan of sessions that were not opened yet
   * @return whether some of what both read is yet to be read
   */
  public boolean readFor(SessionPlan other) {
    if (plan.prefixes() != other.prefixes()) {
      return false;
    }
    boolean any = false;
    for (RoleSession session : sessions) {
      for (SessionPlan.SessionSpec spec : other.sessions()) {
        any |= session.readsFor(spec);
      }
    }
    return any;
  }

  /**
   * Whether {@link #release} changes no logits: whether these depend on nothing but the tokens.
   *
   * @return whether they do
   */
  public boolean canReadAgain() {
    return sessions.stream().allMatch(RoleSession::canReadAgain);
  }

  /** Frees the caches: all tokens are unread, until these are opened again. */
  public void release() {
    int[] rest = Arrays.copyOfRange(draft, kept, draft.length);
    for (int i = 0; i < sessions.size(); i++) {
      RoleSession session = sessions.get(i);
      int[] text =
          appended.stream()
              .flatMapToInt(id -> Arrays.stream(session.spell(id, plan.base())))
              .toArray();
      session.release(Ints.concat(plan.sessions().get(i).promptIds(), text, rest));
    }
  }

  /**
   * Opens sessions in the place of those that were released.
   *
   * @param newTokens how many tokens may follow the prompt
   */
  public void reopen(int newTokens) {
    for (int i = 0; i < sessions.size(); i++) {
      SessionPlan.SessionSpec spec = plan.sessions().get(i);
      sessions.get(i).reopen(RoleSession.capacity(spec, newTokens), plan.prefixes());
    }
  }

  /**
   * What was opened.
   *
   * @return the plan
   */
  public SessionPlan plan() {
    return plan;
  }

  /**
   * The sessions.
   *
   * @return the sessions in the plan's order, the base's first
   */
  public List<RoleSession> all() {
    return sessions;
  }

  /**
   * The sessions of other models, or of the base with other prompts.
   *
   * @return all but the base's own
   */
  public List<RoleSession> others() {
    return sessions.subList(1, sessions.size());
  }

  /**
   * The session of one role.
   *
   * @param role a role that is run
   * @return its session, which other roles may share
   */
  public RoleSession of(ModelRole role) {
    Integer session = requireNonNull(plan.sessionOf().get(role), "a role that is not run");
    return sessions.get(session);
  }

  /**
   * How much is left to read.
   *
   * @return the number of tokens of the session that has the most
   */
  public int unread() {
    return sessions.stream().mapToInt(RoleSession::unread).max().orElse(0);
  }

  /**
   * How many tokens can be drafted.
   *
   * @return the room of the session that has the least
   */
  public int room() {
    return sessions.stream().mapToInt(RoleSession::room).min().orElse(0);
  }

  /**
   * Whether every model has an id, and so reads it as it is.
   *
   * @param id a token id
   * @return whether all have it
   */
  public boolean allHave(int id) {
    return sessions.stream().allMatch(session -> session.role().reads(id));
  }

  /**
   * Gives every model a draft to read in the next pass.
   *
   * @param ids ids that every model has, at most {@link #room()}; they begin with what a session
   *     was given before
   */
  public void draft(int[] ids) {
    sessions.forEach(session -> session.draft(ids));
    draft = ids;
    kept = 0;
  }

  /**
   * Whether a picked token, which a model may spell with several, fits in every model's context.
   *
   * @param id the base's id of the token
   * @return whether it does; the next token of the draft always does
   * @throws io.proxytune.ModelException if a model can't spell it
   */
  public boolean hasRoomFor(int id) {
    if (isNextOfDraft(id)) {
      return true;
    }
    List<int[]> spelled = sessions.stream().map(session -> session.spell(id, plan.base())).toList();
    return IntStream.range(0, sessions.size())
        .allMatch(i -> sessions.get(i).hasRoomFor(spelled.get(i)));
  }

  /**
   * Gives every model a picked token to read, or where it is the next one of the draft, lets them
   * keep what they have read. Any other token ends the draft, which is forgotten.
   *
   * @param id the base's id of the token, for which there is room
   */
  public void append(int id) {
    appended.add(id);
    if (isNextOfDraft(id)) {
      kept++;
      sessions.forEach(RoleSession::keepDrafted);
    } else {
      draft = new int[0];
      kept = 0;
      sessions.forEach(session -> session.append(session.spell(id, plan.base())));
    }
  }

  private boolean isNextOfDraft(int id) {
    return kept < draft.length && draft[kept] == id;
  }

  @Override
  public void close() {
    Closeables.all(sessions);
  }
}
