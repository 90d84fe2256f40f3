package io.proxytune.core.session;

import io.proxytune.ModelException;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.session.ModelPass.Row;
import io.proxytune.model.Logits;
import io.proxytune.model.PartialLogits;
import io.proxytune.model.PartialLogits.Uncertified;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The base's rows of one text where it shows only some ids. For one thread at a time. */
public final class PartialRows {
  private final ModelPass pass;
  private final List<Row> rows;

  private PartialRows(ModelPass pass, List<Row> rows) {
    this.pass = pass;
    this.rows = rows;
  }

  /**
   * Finds those of a text.
   *
   * @param pass the pass that read it
   * @param sessions its sessions
   * @param roles the models that run, the base first
   * @param count how many of its last rows
   * @return the base's rows, if one of them is partly known
   * @throws ModelException if another model's is
   */
  public static Optional<PartialRows> find(
      ModelPass pass, RoleSessions sessions, List<ModelRole> roles, int count) {
    for (ModelRole role : roles.subList(1, roles.size())) {
      if (isPartial(pass.last(sessions.of(role), count))) {
        throw new ModelException(
            "the "
                + role.describe()
                + " shows its likeliest tokens only, which is enough for a base alone: what experts"
                + " and anti-experts add has to be known for all tokens");
      }
    }
    List<Row> rows = pass.last(sessions.of(roles.get(0)), count);
    return isPartial(rows) ? Optional.of(new PartialRows(pass, rows)) : Optional.empty();
  }

  private static boolean isPartial(List<Row> rows) {
    return rows.stream().anyMatch(row -> row.output() instanceof PartialLogits);
  }

  private Optional<PartialLogits> partial(int row) {
    return rows.get(row).output() instanceof PartialLogits found
        ? Optional.of(found)
        : Optional.empty();
  }

  /**
   * Whether a row tells the logit of an id.
   *
   * @param row which of the text's rows
   * @param id the id
   * @return whether it does
   */
  public boolean isKnown(int row, int id) {
    return partial(row).map(p -> p.isKnown(rows.get(row).index(), id)).orElse(true);
  }

  /**
   * Asks for more of a row, which then takes its place.
   *
   * @param row which of the text's rows
   * @param givenUp whether nobody waits for it any more
   * @return whether there was more
   */
  public boolean askForMore(int row, BooleanSupplier givenUp) {
    Optional<PartialLogits> more =
        partial(row).flatMap(p -> p.withMore(rows.get(row).index(), givenUp));
    more.ifPresent(found -> rows.set(row, pass.kept(found)));
    return more.isPresent();
  }

  /**
   * Tells the model how a token was picked.
   *
   * @param row which of the text's rows
   * @param certified whether it is certain to be the best
   */
  public void picked(int row, boolean certified) {
    partial(row).ifPresent(p -> p.picked(rows.get(row).index(), certified));
  }

  /**
   * Tells the model that none of the options of a multiple choice is known.
   *
   * @param row which of the text's rows
   */
  public void dropped(int row) {
    partial(row).ifPresent(p -> p.dropped(rows.get(row).index()));
  }

  /**
   * What happens where no token is certain to be the best.
   *
   * @param row which of the text's rows
   * @return what the model says
   */
  public Uncertified uncertified(int row) {
    return partial(row).map(PartialLogits::uncertified).orElse(Uncertified.GO_ON);
  }

  /**
   * The rows with −∞ for what is unknown.
   *
   * @return new rows; the caller closes them
   */
  public Logits known() {
    float[][] values = new float[rows.size()][];
    for (int row = 0; row < values.length; row++) {
      values[row] = rows.get(row).output().row(rows.get(row).index());
      for (int id = 0; id < values[row].length; id++) {
        values[row][id] = isKnown(row, id) ? values[row][id] : Float.NEGATIVE_INFINITY;
      }
    }
    return Logits.of(values[0].length, values);
  }
}
