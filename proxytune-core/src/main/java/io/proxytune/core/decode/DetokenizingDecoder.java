package io.proxytune.core.decode;

import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.Detokenizer;

/** Decodes with a tokenizer's own rules. For one thread at a time. */
public final class DetokenizingDecoder implements TextDecoder {
  private final Detokenizer detokenizer;

  /**
   * Begins a text.
   *
   * @param tokenizer the tokenizer that the ids belong to
   */
  public DetokenizingDecoder(Tokenizer tokenizer) {
    detokenizer = new Detokenizer(tokenizer);
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
