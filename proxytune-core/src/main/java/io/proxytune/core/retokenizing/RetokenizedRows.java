package io.proxytune.core.retokenizing;

import io.proxytune.core.retokenizing.RetokenizedSession.Place;
import io.proxytune.model.Logits;
import java.util.List;

/**
 * Rows of a {@link RetokenizedModel}, of what the model's own vocabulary has: log-probabilities, a
 * very low one for ids that nothing maps. Safe for use by several threads.
 */
final class RetokenizedRows implements Logits {
  private final RetokenizedModel model;
  private final List<Place> places;

  RetokenizedRows(RetokenizedModel model, List<Place> places) {
    this.model = model;
    this.places = places;
  }

  Place place(int index) {
    return places.get(index);
  }

  @Override
  public int rows() {
    return places.size();
  }

  @Override
  public int width() {
    return model.width();
  }

  @Override
  public float[] row(int index) {
    return new Translation(model, places.get(index)).row();
  }

  /** They are the heap's. */
  @Override
  public void close() {}
}
