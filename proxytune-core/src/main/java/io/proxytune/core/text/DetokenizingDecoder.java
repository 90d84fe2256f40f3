package io.proxytune.core.text;

import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.Detokenizer;

/** Decodes with a tokenizer's own rules. For one thread at a time. */
public final class DetokenizingDecoder implements TextDecoder {
  private final Detokenizer detokenizer;

  /**
   * Begins a text.
   *
   * @param tokenizer the tokenizer that the ids belong to
   * @param promptIds what the text follows; may be empty
   */
  public DetokenizingDecoder(Tokenizer tokenizer, int[] promptIds) {
    detokenizer = new Detokenizer(tokenizer, promptIds);
  }

  @Override
  public String append(int id) {
    return detokenizer.add(id);
  }

  @Override
  public String finish() {
    return detokenizer.finish();
  }
}
