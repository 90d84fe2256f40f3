package io.proxytune.core.speculation;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What drafters remember of one text, which ends with it. For one thread at a time. */
public final class TextDrafts implements AutoCloseable {
  private @Nullable PromptLookup lookup;
  private @Nullable DraftState state;

  /** Remembers nothing yet. */
  public TextDrafts() {}

  PromptLookup lookup(int[] prompt) {
    PromptLookup existing = lookup;
    if (existing == null) {
      existing = new PromptLookup(prompt);
      lookup = existing;
    }
    return existing;
  }

  DraftState state(Supplier<DraftState> maker) {
    DraftState existing = state;
    if (existing == null) {
      existing = maker.get();
      state = existing;
    }
    return existing;
  }

  @Override
  public void close() {
    if (state != null) {
      state.close();
      state = null;
    }
  }
}
