package io.proxytune.core.tuner;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.lifetime.Forgotten;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/**
 * What an application holds of a text that is decoded as it is read. Where it is dropped, the text
 * ends: so each call keeps it until it is over, and its iterator does.
 */
final class DecodeStream implements TokenStream {
  private final TextInProgress text;
  private final GenerationOptions options;
  private final Cleaner.Cleanable watch;
  private final Iterator<Token> iterator = new Tokens();

  /**
   * A stream of a text that nothing else reads.
   *
   * @param options what was asked for; they hold the application's code for the text
   */
  DecodeStream(TextInProgress text, GenerationOptions options) {
    this.text = text;
    this.options = options;
    this.watch = Forgotten.watch(this, "a token stream", text::cancel);
  }

  private final class Tokens implements Iterator<Token> {
    @Override
    public boolean hasNext() {
      return kept(text::hasNext);
    }

    @Override
    public Token next() {
      return kept(text::next).orElseThrow(() -> new NoSuchElementException("the text has ended"));
    }
  }

  @Override
  public Iterator<Token> iterator() {
    return iterator;
  }

  @Override
  public void cancel() {
    text.cancel();
  }

  @Override
  public Generation result() {
    return kept(text::result);
  }

  @Override
  public void close() {
    text.cancel();
    watch.clean();
  }

  private <T> T kept(Supplier<T> action) {
    try {
      return action.get();
    } finally {
      Reference.reachabilityFence(options);
      Reference.reachabilityFence(this);
    }
  }
}
