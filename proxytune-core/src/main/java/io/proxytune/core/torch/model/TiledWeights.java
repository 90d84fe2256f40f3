package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A model's weights that tiles and vectors both can read, and which of the two do. Tiles are for
 * many rows: of few they have nothing to gain, and on cores that are shared they were two and a
 * half times slower to read a weight, while vectors stayed near the memory's speed. For the compute
 * thread.
 */
final class TiledWeights {
  /** The fewest rows that are multiplied by tiles. */
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
