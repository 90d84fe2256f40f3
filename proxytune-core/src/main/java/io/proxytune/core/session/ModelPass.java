package io.proxytune.core.session;

import io.proxytune.ModelException;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SourceCheck;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.paired.PairedModel;
import io.proxytune.model.LogitModel;
import io.proxytune.model.Logits;
import io.proxytune.model.PartialLogits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;

/**
 * Forward calls of models, adapters beside them included, over the unread tokens of their sessions:
 * one call of each model, or more where a session is read token by token first. For one thread at a
 * time.
 */
public final class ModelPass implements AutoCloseable {
  private final List<Logits> outputs = new ArrayList<>();
  private final Map<RoleSession, List<Row>> bySession = new HashMap<>();
  private boolean hasPartial;

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
    List<Reading> all = sessions.stream().map(each -> new Reading(each, chunk, rows)).toList();
    for (RuntimeException failure : read(Map.of(this, all), pass -> false).values()) {
      throw failure;
    }
  }

  /**
   * What a session is to read.
   *
   * @param session a session with unread tokens
   * @param tokens the most tokens to read of them
   * @param rows which rows to return
   */
  public record Reading(RoleSession session, int tokens, Rows rows) {}

  /** A reading with its segment, and who asked for it. */
  private record Asked<T>(T request, RoleSession session, Segment segment) {}

  /**
   * Runs models for several requests: those that run elsewhere are begun, the others run one after
   * the other, and the rows from elsewhere are waited for last. Where a call fails that reads for
   * several, it is repeated for each alone, so that none fails because of another.
   *
   * @param requests what is read for each, no session twice
   * @param givenUp whether nobody waits for a request any more, asked while its rows are elsewhere
   * @param <T> a request, compared by identity
   * @return what went wrong for those that failed; a {@link
   *     java.util.concurrent.CancellationException} where one was given up
   */
  public <T> Map<T, RuntimeException> read(
      Map<T, List<Reading>> requests, Predicate<? super T> givenUp) {
    Map<Identity, List<Asked<T>>> byHost = new LinkedHashMap<>();
    requests.forEach(
        (request, readings) ->
            readings.forEach(
                reading ->
                    byHost
                        .computeIfAbsent(
                            new Identity(reading.session.source().host()), s -> new ArrayList<>())
                        .add(asked(request, reading))));
    IdentityHashMap<T, RuntimeException> failures = new IdentityHashMap<>();
    List<Elsewhere<T>> begun = new ArrayList<>();
    try {
      for (List<Asked<T>> group : byHost.values()) {
        if (host(group).runsElsewhere()) {
          begin(group, begun, failures);
        }
      }
      runHere(List.copyOf(byHost.values()), begun, failures);
      begun.forEach(each -> await(each, givenUp, failures));
      return failures;
    } finally {
      Closeables.all(begun.stream().map(Elsewhere::logits).toList());
    }
  }

  /** Runs models one after the other, or two that go together at once. */
  private <T> void runHere(
      List<List<Asked<T>>> groups,
      List<Elsewhere<T>> begun,
      IdentityHashMap<T, RuntimeException> failures) {
    List<List<Asked<T>>> here =
        groups.stream().filter(group -> !host(group).runsElsewhere()).toList();
    for (int i = 0; i < here.size(); i++) {
      if (i + 1 < here.size() && failures.isEmpty() && pairs(here.get(i), here.get(i + 1))) {
        runBoth(here.get(i), here.get(i + 1), begun);
        i++;
      } else {
        runModel(here.get(i), failures);
      }
    }
  }

  private static <T> LogitModel host(List<Asked<T>> group) {
    return group.get(0).session.source().host();
  }

  private static <T> boolean pairs(List<Asked<T>> group, List<Asked<T>> other) {
    return host(group) instanceof PairedModel model && model.pairsWith(host(other));
  }

  private <T> void runBoth(List<Asked<T>> group, List<Asked<T>> other, List<Elsewhere<T>> begun) {
    PairedModel model = (PairedModel) host(group);
    List<PendingLogits> both = model.forwardBoth(segments(group), host(other), segments(other));
    begun.add(new Elsewhere<>(group, both.get(0)));
    begun.add(new Elsewhere<>(other, both.get(1)));
  }

  /** A call that is under way somewhere else, or over. */
  private record Elsewhere<T>(List<Asked<T>> asked, PendingLogits logits) {}

  private <T> void begin(
      List<Asked<T>> group,
      List<Elsewhere<T>> begun,
      IdentityHashMap<T, RuntimeException> failures) {
    ModelRole role = group.get(0).session.role();
    try {
      PendingLogits pending = role.source().host().begin(segments(group));
      begun.add(new Elsewhere<>(group, SourceCheck.made(pending, role, "begin(...)")));
    } catch (RuntimeException e) {
      repeatAlone(group, e, failures);
    }
  }

  /** Where one of several requests is left, the others' rows are still waited for. */
  private <T> void await(
      Elsewhere<T> begun,
      Predicate<? super T> givenUp,
      IdentityHashMap<T, RuntimeException> failures) {
    List<Asked<T>> asked = begun.asked;
    if (asked.stream().allMatch(each -> failures.containsKey(each.request))) {
      return;
    }
    try {
      take(asked, begun.logits.await(() -> asked.stream().allMatch(a -> givenUp.test(a.request))));
    } catch (CancellationException e) {
      asked.forEach(each -> failures.put(each.request, e));
    } catch (RuntimeException e) {
      repeatAlone(asked, e, failures);
    }
  }

  private static <T> Asked<T> asked(T request, Reading reading) {
    Segment segment = reading.session.next(reading.tokens, reading.rows);
    return new Asked<>(request, reading.session, segment);
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

  private <T> void runModel(List<Asked<T>> group, IdentityHashMap<T, RuntimeException> failures) {
    List<Asked<T>> asked =
        failures.isEmpty()
            ? group
            : group.stream().filter(each -> !failures.containsKey(each.request)).toList();
    if (asked.isEmpty()) {
      return;
    }
    try {
      ModelRole role = asked.get(0).session.role();
      take(asked, role.source().host().forward(segments(asked)));
    } catch (RuntimeException e) {
      repeatAlone(asked, e, failures);
    }
  }

  private <T> void repeatAlone(
      List<Asked<T>> asked, RuntimeException e, IdentityHashMap<T, RuntimeException> failures) {
    IdentityHashMap<T, List<Asked<T>>> byRequest = new IdentityHashMap<>();
    asked.forEach(
        each -> byRequest.computeIfAbsent(each.request, r -> new ArrayList<>()).add(each));
    if (byRequest.size() == 1) {
      failures.put(asked.get(0).request, e);
    } else {
      byRequest.values().forEach(alone -> runModel(alone, failures));
    }
  }

  private static <T> List<Segment> segments(List<Asked<T>> asked) {
    return asked.stream().map(Asked::segment).toList();
  }

  private <T> void take(List<Asked<T>> asked, Logits made) {
    ModelRole role = asked.get(0).session.role();
    Logits output = SourceCheck.made(made, role, "forward(...)");
    outputs.add(output);
    hasPartial |= output instanceof PartialLogits;
    checkShape(output, asked.stream().mapToInt(each -> each.segment.rowCount()).sum(), role);
    int row = 0;
    for (Asked<T> each : asked) {
      List<Row> own = bySession.computeIfAbsent(each.session, session -> new ArrayList<>());
      for (int end = row + each.segment.rowCount(); row < end; row++) {
        own.add(new Row(output, row));
      }
      each.session.afterPass();
    }
  }

  private static void checkShape(Logits output, int rows, ModelRole role) {
    if (output.rows() != rows || output.width() != role.source().width()) {
      throw new ModelException(
          String.format(
              "the %s returned logits [%d, %d], expected [%d, %d]",
              role.describe(), output.rows(), output.width(), rows, role.source().width()));
    }
  }

  /**
   * Whether a model showed only some ids.
   *
   * @return whether some rows may be partly known
   */
  public boolean hasPartial() {
    return hasPartial;
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

  /** Keeps a row that takes the place of another; it is closed with the pass. */
  Row kept(Logits output) {
    outputs.add(output);
    return new Row(output, 0);
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
