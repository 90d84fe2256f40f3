package io.proxytune.core.speculation;

import com.google.common.primitives.ImmutableIntArray;
import org.jspecify.annotations.Nullable;

/** The tokens that are drafted for one text in one step. For one thread at a time. */
public final class Draft {
  private final DraftedText text;
  private final int room;
  private final ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
  private int size;
  private @Nullable DraftKind kind;

  /**
   * Begins with no token.
   *
   * @param room the most tokens
   */
  Draft(DraftedText text, int room) {
    this.text = text;
    this.room = room;
  }

  DraftedText text() {
    return text;
  }

  int room() {
    return room - size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /**
   * Who drafted.
   *
   * @return the kind of the draft; null for an empty one
   */
  public @Nullable DraftKind kind() {
    return kind;
  }

  /**
   * What was drafted.
   *
   * @return the ids in order; a copy
   */
  public int[] ids() {
    return ids.build().toArray();
  }

  /**
   * Adds a token where one can follow: there is room, every model has the id, and it does not end
   * the text. The check of a draft gives an end without it.
   *
   * @return whether it was added
   */
  boolean offer(int id, DraftKind by) {
    if (room() <= 0 || text.isEnd(id) || !text.sessions().allHave(id)) {
      return false;
    }
    ids.add(id);
    size++;
    kind = by;
    return true;
  }
}
