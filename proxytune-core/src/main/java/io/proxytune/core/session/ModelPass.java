package io.proxytune.core.session;

import io.proxytune.ModelException;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SourceCheck;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.model.LogitModel;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Forward calls of models, adapters beside them included, over the unread tokens of their sessions:
 * one call of each model, or more where a session is read token by token first. For one thread at a
 * time.
 */
public final class ModelPass implements AutoCloseable {
  private final List<Logits> outputs = new ArrayList<>();
  private final Map<RoleSession, List<Row>> bySession = new HashMap<>();

  /** Begins with nothing read. */
  public ModelPass() {}

  /**
   * Runs the models one after the other.
   *
   * @param sessions the sessions, each with unread tokens, none twice
   * @param chunk the most tokens of a session to read
   * @param rows which rows to return
   * @return their logits; the caller closes them
   */
  public static ModelPass run(Collection<RoleSession> sessions, int chunk, Rows rows) {
    ModelPass pass = new ModelPass();
    try {
      pass.read(sessions, chunk, rows);
      return pass;
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, pass);
      throw e;
    }
  }

  /**
   * Runs models, one after the other; their rows come after those that were read before.
   *
   * @param sessions the sessions, each with unread tokens, none twice
   * @param chunk the most tokens of a session to read
   * @param rows which rows to return
   */
  public void read(Collection<RoleSession> sessions, int chunk, Rows rows) {
    byHost(sessions).forEach(group -> runModel(group, chunk, rows));
  }

  private static Collection<List<RoleSession>> byHost(Collection<RoleSession> sessions) {
    Map<Identity, List<RoleSession>> groups = new LinkedHashMap<>();
    for (RoleSession session : sessions) {
      groups
          .computeIfAbsent(new Identity(session.source().host()), s -> new ArrayList<>())
          .add(session);
    }
    return groups.values();
  }

  /** A key that keeps an application's own {@code equals} out of it. */
  private record Identity(LogitModel source) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Identity identity && identity.source == source;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(source);
    }
  }

  private void runModel(List<RoleSession> sessions, int chunk, Rows rows) {
    List<Segment> segments = sessions.stream().map(session -> session.next(chunk, rows)).toList();
    ModelRole role = sessions.get(0).role();
    Logits output = SourceCheck.made(role.source().host().forward(segments), role, "forward(...)");
    outputs.add(output);
    int row = 0;
    for (int i = 0; i < sessions.size(); i++) {
      List<Row> own = bySession.computeIfAbsent(sessions.get(i), session -> new ArrayList<>());
      for (int end = row + segments.get(i).rowCount(); row < end; row++) {
        own.add(new Row(output, row));
      }
    }
    checkShape(output, row, role);
    sessions.forEach(RoleSession::afterPass);
  }

  private static void checkShape(Logits output, int rows, ModelRole role) {
    if (output.rows() != rows || output.width() != role.source().width()) {
      throw new ModelException(
          String.format(
              "the %s returned logits [%d, %d], expected [%d, %d]",
              role.describe(), output.rows(), output.width(), rows, role.source().width()));
    }
  }

  /** A session's last rows, in the order of its tokens. */
  List<Row> last(RoleSession session, int count) {
    List<Row> rows = bySession.getOrDefault(session, List.of());
    if (rows.size() < count) {
      throw new AssertionError(
          "a session with " + rows.size() + " rows in this pass, not " + count);
    }
    return rows.subList(rows.size() - count, rows.size());
  }

  /**
   * What the latest call returned, which was of one model.
   *
   * @return its rows; they are closed with the pass
   */
  public Logits latest() {
    return outputs.get(outputs.size() - 1);
  }

  @Override
  public void close() {
    Closeables.all(outputs);
  }

  /**
   * Where a row is.
   *
   * @param output all rows of a call
   * @param index which of them
   */
  record Row(Logits output, int index) {}
}
