package io.proxytune.core.offsets;

import io.proxytune.Tokenizer;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The base that an engine has: nothing but its vocabulary is here. Immutable. */
record EngineBase(Tokenizer vocabulary) implements LogitModel {
  @Override
  public String name() {
    return "the engine's model";
  }

  @Override
  public int width() {
    return vocabulary.vocabularySize();
  }

  @Override
  public int contextLength() {
    return Integer.MAX_VALUE;
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return Set.of();
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return Optional.of(vocabulary);
  }

  @Override
  public LogitSession newSession(int capacity) {
    throw new AssertionError("the base is run by the engine");
  }

  @Override
  public Logits forward(List<Segment> segments) {
    throw new AssertionError("the base is run by the engine");
  }

  @Override
  public void close() {}
}
