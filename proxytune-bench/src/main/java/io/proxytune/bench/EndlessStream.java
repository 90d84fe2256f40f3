package io.proxytune.bench;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import java.util.Iterator;

/** The tokens of texts of one prompt, one text after the other. For one thread. */
final class EndlessStream implements AutoCloseable {
  private final ProxyTuner tuner;
  private final Prompt prompt;
  private final GenerationOptions options;
  private final int steps;
  private TokenStream stream;
  private Iterator<Token> tokens;
  private int left;

  /**
   * Begins a text.
   *
   * @param steps how many tokens are taken from a text, its first one not counted
   */
  EndlessStream(ProxyTuner tuner, Prompt prompt, GenerationOptions options, int steps) {
    this.tuner = tuner;
    this.prompt = prompt;
    this.options =
        options
            .withSpeculation(Speculation.off())
            .withIgnoreEndOfText(true)
            .withMaxNewTokens(steps + 2);
    this.steps = steps;
    begin();
  }

  private void begin() {
    stream = tuner.stream(prompt, options);
    tokens = stream.iterator();
    tokens.next(); // comes with the prompt
    left = steps;
  }

  /** Where a text has come to its end, begins the next; so that {@link #step} only decodes. */
  void prepare() {
    if (left == 0) {
      stream.close();
      begin();
    }
  }

  /** One token: everything an application waits for. */
  void step() {
    left--;
    tokens.next();
  }

  @Override
  public void close() {
    stream.close();
  }
}
