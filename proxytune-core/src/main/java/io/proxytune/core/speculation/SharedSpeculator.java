package io.proxytune.core.speculation;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The speculator of texts that are decoded together. It begins anew with the first text after all
 * others have ended. Safe for use by several threads; the speculator belongs to the one that runs
 * the texts' steps.
 */
public final class SharedSpeculator {
  private final Supplier<Speculator> maker;
  private @Nullable Speculator current;
  private int texts;

  /**
   * Begins without texts.
   *
   * @param maker makes a speculator
   */
  public SharedSpeculator(Supplier<Speculator> maker) {
    this.maker = maker;
  }

  /**
   * A text begins; pair it with {@link #leave()}.
   *
   * @return its speculator
   */
  public synchronized Speculator join() {
    Speculator joined = current;
    if (joined == null) {
      joined = maker.get();
      current = joined;
    }
    texts++;
    return joined;
  }

  /** A text has ended. */
  public synchronized void leave() {
    texts--;
    if (texts == 0 && current != null) {
      Speculator last = current;
      current = null;
      last.close();
    }
  }
}
