package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkState;

import io.proxytune.model.PartialLogits;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Rows of which the likeliest ids are known. Safe for use by several threads. */
final class ShownLogits implements PartialLogits {
  private final ServerModel model;
  private final List<Asked> rows;
  private volatile boolean closed;

  /** A row, and how to ask for it again. */
  @SuppressWarnings("ArrayRecordComponent") // compared by no one, and never changed
  record Asked(RemoteSession session, int[] ids, Row row) {}

  ShownLogits(ServerModel model, List<Asked> rows) {
    this.model = model;
    this.rows = List.copyOf(rows);
  }

  @Override
  public int rows() {
    return rows.size();
  }

  @Override
  public int width() {
    return model.width();
  }

  private Asked asked(int row) {
    checkState(!closed, "these logits are closed");
    return rows.get(checkElementIndex(row, rows.size(), "row"));
  }

  @Override
  public float[] row(int index) {
    return asked(index).row.bounded();
  }

  @Override
  public boolean isKnown(int row, int id) {
    return !Float.isNaN(asked(row).row.values()[checkElementIndex(id, width(), "id")]);
  }

  @Override
  public double missing(int row) {
    return asked(row).row.bound().missing();
  }

  @Override
  public Optional<PartialLogits> withMore(int row, BooleanSupplier givenUp) {
    Asked asked = asked(row);
    int count = asked.row.count();
    int more = model.shown().after(count, width());
    if (more <= count) {
      return Optional.empty();
    }
    Row larger = model.ask(asked.session, asked.ids, more, givenUp);
    Asked again = new Asked(asked.session, asked.ids, larger);
    return Optional.of(new ShownLogits(model, List.of(again)));
  }

  @Override
  public Uncertified uncertified() {
    return model.shown().uncertified();
  }

  @Override
  public void picked(int row, boolean certified) {
    model.counters().picked(certified);
  }

  @Override
  public void dropped(int row) {
    model.counters().dropped();
  }

  @Override
  public void close() {
    closed = true;
  }
}
