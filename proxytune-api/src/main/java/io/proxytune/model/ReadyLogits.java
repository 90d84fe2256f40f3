package io.proxytune.model;

import static io.proxytune.internal.Checks.checkState;
import static java.util.Objects.requireNonNull;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The rows of a pass that is over. */
final class ReadyLogits implements PendingLogits {
  /** Nothing once they were handed over. */
  private @Nullable Logits logits;

  ReadyLogits(Logits logits) {
    this.logits = requireNonNull(logits, "logits");
  }

  @Override
  public Logits await(BooleanSupplier givenUp) {
    Logits ready = logits;
    checkState(ready != null, "these rows were awaited or closed before");
    logits = null;
    return requireNonNull(ready);
  }

  @Override
  public void close() {
    if (logits != null) {
      logits.close();
      logits = null;
    }
  }
}
