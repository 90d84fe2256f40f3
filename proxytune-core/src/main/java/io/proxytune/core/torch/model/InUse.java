package io.proxytune.core.torch.model;

import io.proxytune.core.lifetime.Lifetime;
import java.util.ArrayDeque;
import java.util.Deque;

/** What one pass holds open. For one thread. */
final class InUse implements AutoCloseable {
  private final Deque<Lifetime> entered = new ArrayDeque<>();

  /** Holds something that others may use too. */
  void enter(Lifetime lifetime) {
    lifetime.enter();
    entered.push(lifetime);
  }

  /** Holds something that no one else may use meanwhile. */
  void enterAlone(Lifetime lifetime) {
    lifetime.enterAlone();
    entered.push(lifetime);
  }

  @Override
  public void close() {
    entered.forEach(Lifetime::leave);
  }
}
