package io.proxytune.core.remote;

import io.proxytune.core.ensemble.DelegatingTokenizer;
import io.proxytune.core.ensemble.FakeTokenizer;
import java.util.List;

/** A vocabulary of letters that leaves out of a text what it has no token for. */
final class AnyText extends DelegatingTokenizer {
  AnyText(List<String> tokens) {
    super(new FakeTokenizer(tokens, false));
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return super.encode(text.replaceAll("[^a-z ]", ""), addSpecialTokens);
  }
}
