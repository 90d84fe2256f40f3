package io.proxytune.core.session;

import static java.util.Objects.requireNonNull;

import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.lifetime.Closeables;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The open sessions of one sequence. For one thread at a time. */
public final class RoleSessions implements AutoCloseable {
  private final SessionPlan plan;
  private final List<RoleSession> sessions;
  private int[] draft = new int[0];
  private int kept;

  private RoleSessions(SessionPlan plan, List<RoleSession> sessions) {
    this.plan = plan;
    this.sessions = sessions;
  }

  /** Opens sessions with room for the prompt and some new tokens. */
  public static RoleSessions open(SessionPlan plan, int newTokens) {
    RoleSessions set = new RoleSessions(plan, new ArrayList<>());
    set.fill(plan.sessions().stream().map(spec -> () -> RoleSession.open(spec, newTokens)));
    return set;
  }

  /** The same tokens in sessions of their own. */
  public RoleSessions fork() {
    RoleSessions set = new RoleSessions(plan, new ArrayList<>());
    set.fill(sessions.stream().map(session -> session::fork));
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

  public SessionPlan plan() {
    return plan;
  }

  public List<RoleSession> all() {
    return sessions;
  }

  public RoleSession of(ModelRole role) {
    Integer session = requireNonNull(plan.sessionOf().get(role), "a role that is not run");
    return sessions.get(session);
  }

  /** How many tokens can be drafted. */
  public int room() {
    return sessions.stream().mapToInt(RoleSession::room).min().orElse(0);
  }

  /** Whether every model has this id, and so reads it as it is. */
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
   * Gives every model a picked token to read, or where it is the next one of the draft, lets them
   * keep what they have read. Any other token ends the draft, which is forgotten.
   *
   * @return false, with nothing given to any, if a model's context is full
   */
  public boolean append(int id, ModelRole base) {
    if (kept < draft.length && draft[kept] == id) {
      kept++;
      sessions.forEach(RoleSession::keepDrafted);
      return true;
    }
    draft = new int[0];
    kept = 0;
    List<int[]> spelled = sessions.stream().map(session -> session.spell(id, base)).toList();
    for (int i = 0; i < sessions.size(); i++) {
      if (!sessions.get(i).hasRoomFor(spelled.get(i))) {
        return false;
      }
    }
    for (int i = 0; i < sessions.size(); i++) {
      sessions.get(i).append(spelled.get(i));
    }
    return true;
  }

  @Override
  public void close() {
    Closeables.all(sessions);
  }
}
