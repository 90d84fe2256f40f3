package io.proxytune.core.decode;

import com.google.common.primitives.ImmutableIntArray;
import io.proxytune.core.speculation.DraftKind;
import org.jspecify.annotations.Nullable;

/** The tokens that are drafted for one sequence in one step. For one thread at a time. */
final class Draft {
  private final Sequence sequence;
  private final int room;
  private final ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
  private int size;
  private @Nullable DraftKind kind;

  /**
   * Begins with no token.
   *
   * @param room the most tokens
   */
  Draft(Sequence sequence, int room) {
    this.sequence = sequence;
    this.room = room;
  }

  Sequence sequence() {
    return sequence;
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

  /** Who drafted; null for an empty draft. */
  @Nullable DraftKind kind() {
    return kind;
  }

  int[] ids() {
    return ids.build().toArray();
  }

  /**
   * Adds a token where one can follow: there is room, every model has the id, and it does not end
   * the text. The check of a draft gives an end without it.
   *
   * @return whether it was added
   */
  boolean offer(int id, DraftKind by) {
    if (room() <= 0 || sequence.isEnd(id) || !sequence.sessions().allHave(id)) {
      return false;
    }
    ids.add(id);
    size++;
    kind = by;
    return true;
  }
}
