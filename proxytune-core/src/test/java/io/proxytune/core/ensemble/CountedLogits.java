package io.proxytune.core.ensemble;

import io.proxytune.model.Logits;
import java.util.concurrent.atomic.AtomicInteger;

/** Logits that count how many of them are open. */
public final class CountedLogits implements Logits {
  private final Logits inner;
  private final AtomicInteger open;
  private boolean closed;

  public CountedLogits(Logits inner, AtomicInteger open) {
    this.inner = inner;
    this.open = open;
    open.incrementAndGet();
  }

  public Logits inner() {
    return inner;
  }

  @Override
  public int rows() {
    return inner.rows();
  }

  @Override
  public int width() {
    return inner.width();
  }

  @Override
  public float[] row(int index) {
    return inner.row(index);
  }

  @Override
  public void close() {
    inner.close();
    if (!closed) {
      closed = true;
      open.decrementAndGet();
    }
  }
}
