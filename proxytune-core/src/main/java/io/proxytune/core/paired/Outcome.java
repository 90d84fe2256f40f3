package io.proxytune.core.paired;

import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What became of a pass that is over. */
public final class Outcome {
  private Outcome() {}

  /**
   * Runs a pass.
   *
   * @param pass what to run
   * @return its rows, or what it threw, for who waits for them
   */
  public static PendingLogits of(Supplier<Logits> pass) {
    try {
      return PendingLogits.of(pass.get());
    } catch (RuntimeException e) {
      return new Failed(e);
    }
  }

  private record Failed(RuntimeException failure) implements PendingLogits {
    @Override
    public Logits await(BooleanSupplier givenUp) {
      throw failure;
    }

    @Override
    public void close() {
      // There are no rows.
    }
  }
}
