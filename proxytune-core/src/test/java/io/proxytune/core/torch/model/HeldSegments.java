package io.proxytune.core.torch.model;

import io.proxytune.model.Segment;
import java.util.AbstractList;

/**
 * The segments of a pass that does something in its midst: once, when a segment is read while its
 * session is already in use by the pass.
 */
final class HeldSegments extends AbstractList<Segment> {
  private final Segment segment;
  private final Runnable inTheMidst;
  private boolean done;

  HeldSegments(Segment segment, Runnable inTheMidst) {
    this.segment = segment;
    this.inTheMidst = inTheMidst;
  }

  @Override
  public Segment get(int index) {
    if (!done && isInUse()) {
      done = true;
      inTheMidst.run();
    }
    return segment;
  }

  private boolean isInUse() {
    TorchSession session = (TorchSession) segment.session();
    try {
      session.lifetime().enterAlone();
    } catch (IllegalStateException e) {
      return true;
    }
    session.lifetime().leave();
    return false;
  }

  @Override
  public int size() {
    return 1;
  }
}
