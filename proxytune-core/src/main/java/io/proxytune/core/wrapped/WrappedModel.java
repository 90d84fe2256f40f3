package io.proxytune.core.wrapped;

import io.proxytune.ModelException;
import io.proxytune.PublishedDefaults;
import io.proxytune.model.LogitModel;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A model that stands before another, whose ids are not its own: all that has nothing to do with
 * ids is the other's. Closing it closes the other.
 */
public abstract class WrappedModel implements LogitModel {
  private final LogitModel own;

  /**
   * Wraps a model.
   *
   * @param own the model
   */
  protected WrappedModel(LogitModel own) {
    this.own = own;
  }

  /**
   * The model that is wrapped.
   *
   * @return the model
   */
  public final LogitModel own() {
    return own;
  }

  @Override
  public String name() {
    return own.name();
  }

  @Override
  public int contextLength() {
    return own.contextLength();
  }

  /** None: they hold ids of the model's own, and nobody asks for them here. */
  @Override
  public PublishedDefaults publishedDefaults() {
    return PublishedDefaults.NONE;
  }

  @Override
  public boolean sharesPasses() {
    return own.sharesPasses();
  }

  @Override
  public long sessionBytes(int capacity) {
    return own.sessionBytes(capacity);
  }

  @Override
  public OptionalLong freeBytes() {
    return own.freeBytes();
  }

  @Override
  public long forkBytes(int tokens, int capacity) {
    return own.forkBytes(tokens, capacity);
  }

  @Override
  public int draftableLength() {
    return own.draftableLength();
  }

  /**
   * What a pass of the wrapped model gave, which may be an application's own and break its
   * contract.
   *
   * @param logits what it gave; closed if it is refused
   * @param segments what it read
   * @return the logits
   * @throws ModelException if they are not as many as they have to be
   */
  protected final Logits checked(@Nullable Logits logits, List<Segment> segments) {
    int rows = segments.stream().mapToInt(Segment::rowCount).sum();
    if (logits != null && logits.width() == own.width() && logits.rows() == rows) {
      return logits;
    }
    String got = "null";
    if (logits != null) {
      got = String.format("[%d, %d]", logits.rows(), logits.width());
      logits.close();
    }
    throw new ModelException(
        String.format(
            "the model '%s' returned logits %s from forward(...), expected [%d, %d]",
            name(), got, rows, own.width()));
  }

  @Override
  public void close() {
    own.close();
  }
}
