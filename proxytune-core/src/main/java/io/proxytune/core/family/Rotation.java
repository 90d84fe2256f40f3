package io.proxytune.core.family;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.RotarySpec;
import java.util.Optional;

/** What families change in the rotation of positions. */
final class Rotation {
  private Rotation() {}

  static AttentionSpec ofNeighbours(AttentionSpec attention) {
    return attention.withRotary(attention.rotary().map(RotarySpec::ofNeighbours));
  }

  /** Positions count in some layers alone. */
  static AttentionSpec where(boolean rotates, AttentionSpec attention) {
    return rotates ? attention : attention.withRotary(Optional.empty());
  }
}
