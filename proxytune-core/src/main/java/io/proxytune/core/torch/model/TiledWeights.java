package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A model's weights that tiles and vectors both can read, and which of the two do. Tiles are for
 * many rows: with few they gain little, and on a virtual machine they were seen to read a weight
 * two and a half times slower for minutes, while vectors stayed near the memory's speed. For the
 * compute thread.
 */
final class TiledWeights {
  /** The fewest rows of a pass that tiles multiply; 1: all passes use tiles. */
  static final int LEAST_ROWS = Integer.getInteger("proxytune.tileRows", 5);

  private final List<TiledWeight> weights = new ArrayList<>();
  private boolean vectors;

  /** Takes those of a layer in. */
  void add(Linear linear) {
    linear.tiled().ifPresent(weights::add);
  }

  /** Prepares for a pass of so many rows. */
  void prepare(long rows) {
    boolean few = rows < LEAST_ROWS;
    if (few != vectors) {
      vectors = few;
      weights.forEach(few ? TiledWeight::useVectors : TiledWeight::useTiles);
    }
  }
}
