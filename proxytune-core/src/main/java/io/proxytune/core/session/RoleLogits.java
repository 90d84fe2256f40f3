package io.proxytune.core.session;

import static java.util.Objects.requireNonNull;

import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.retokenizing.RetokenizedModel;
import io.proxytune.core.retokenizing.RowTranslator;
import io.proxytune.core.retokenizing.RowTranslator.Effort;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.ModelPass.Row;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The logits of each role for the same rows: row i of every role belongs to the same token to come.
 */
public final class RoleLogits implements AutoCloseable {
  private final LogitMath math;
  private final Map<ModelRole, Logits> byRole = new LinkedHashMap<>();
  private final List<Logits> owned = new ArrayList<>();
  private final List<Effort> effort = new ArrayList<>(); // of each row, if any is translated

  private RoleLogits(LogitMath math) {
    this.math = math;
  }

  /**
   * Sorts a pass's rows by role.
   *
   * @param math what takes rows out of logits
   * @param pass the pass; it stays open as long as the result is used
   * @param roles the roles, which all sequences run
   * @param sequences whose rows, in this order
   * @param counts how many of each sequence's last rows
   * @return the rows of each role; the caller closes them
   */
  public static RoleLogits of(
      LogitMath math,
      ModelPass pass,
      List<ModelRole> roles,
      List<RoleSessions> sequences,
      int[] counts) {
    RoleLogits logits = new RoleLogits(math);
    try {
      for (ModelRole role : roles) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
          rows.addAll(pass.last(sequences.get(i).of(role), counts[i]));
        }
        logits.byRole.put(
            role,
            role.source() instanceof RetokenizedModel model
                ? logits.translate(model, rows, roles.get(0))
                : logits.gather(rows));
      }
      return logits;
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, logits);
      throw e;
    }
  }

  /** The base's rows are there before all others. */
  private Logits translate(RetokenizedModel model, List<Row> rows, ModelRole base) {
    List<RowTranslator.Row> own =
        rows.stream().map(row -> new RowTranslator.Row(row.output(), row.index())).toList();
    RowTranslator.Translated translated = new RowTranslator(model).translate(own, of(base));
    List<Effort> more = translated.effort();
    for (int i = 0; i < more.size(); i++) {
      if (effort.size() <= i) {
        effort.add(more.get(i));
      } else {
        effort.set(i, effort.get(i).with(more.get(i)));
      }
    }
    return own(translated.logits());
  }

  /**
   * What translating a row took.
   *
   * @param row its index
   * @return what it took; nothing where no pair reads texts in tokens of its own
   */
  public Optional<Effort> effort(int row) {
    return effort.isEmpty() ? Optional.empty() : Optional.of(effort.get(row));
  }

  /** Where a role has its model to itself, its rows are the pass's as they are. */
  private Logits gather(List<Row> rows) {
    IdentityHashMap<Logits, Integer> starts = new IdentityHashMap<>();
    List<Logits> outputs = new ArrayList<>();
    int end = 0;
    for (Row row : rows) {
      if (starts.putIfAbsent(row.output(), end) == null) {
        outputs.add(row.output());
        end += row.output().rows();
      }
    }
    Logits all = outputs.size() == 1 ? outputs.get(0) : own(math.join(outputs));
    int[] indices =
        rows.stream()
            .mapToInt(row -> requireNonNull(starts.get(row.output())) + row.index())
            .toArray();
    return Arrays.equals(indices, IntStream.range(0, end).toArray())
        ? all
        : own(math.select(all, indices));
  }

  private Logits own(Logits made) {
    owned.add(made);
    return made;
  }

  /**
   * Takes some of the rows.
   *
   * @param rows their indices
   * @return these rows of each role; the caller closes them, before the others
   */
  public RoleLogits at(int[] rows) {
    RoleLogits some = new RoleLogits(math);
    try {
      byRole.forEach((role, logits) -> some.byRole.put(role, some.own(math.select(logits, rows))));
      Arrays.stream(rows).forEach(row -> effort(row).ifPresent(some.effort::add));
      return some;
    } catch (RuntimeException | Error e) {
      Closeables.quietly(e, some);
      throw e;
    }
  }

  /**
   * Whether a role has rows.
   *
   * @param role a role
   * @return false where it was not asked
   */
  public boolean has(ModelRole role) {
    return byRole.containsKey(role);
  }

  /**
   * Puts other rows in the place of a role's.
   *
   * @param role a role that was run
   * @param logits as many rows; they are closed with this
   */
  public void replace(ModelRole role, Logits logits) {
    byRole.put(role, own(logits));
  }

  /**
   * The rows of one role.
   *
   * @param role a role that was run
   * @return its rows; they are closed with all others
   */
  public Logits of(ModelRole role) {
    Logits logits = byRole.get(role);
    if (logits == null) {
      throw new AssertionError("the " + role.describe() + " was not run");
    }
    return logits;
  }

  /**
   * Measures what a role says by itself. Its rows are before its model's bound, if that has one;
   * what it says is behind it.
   *
   * @param role a role that was run
   * @param measure takes the rows, which are closed after it
   * @param <T> what it measures
   * @return what it measured
   */
  public <T> T byItself(ModelRole role, Function<Logits, T> measure) {
    Logits rows = of(role);
    OptionalDouble cap = role.source().logitCap();
    if (cap.isEmpty()) {
      return measure.apply(rows);
    }
    try (Logits bounded = math.fuse(rows, List.of(), IdRange.below(rows.width()), cap)) {
      return measure.apply(bounded);
    }
  }

  @Override
  public void close() {
    Closeables.all(owned);
  }
}
