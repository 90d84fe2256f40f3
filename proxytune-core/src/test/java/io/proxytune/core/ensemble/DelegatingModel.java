package io.proxytune.core.ensemble;

import io.proxytune.Tokenizer;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import java.util.Optional;
import java.util.Set;

/** A model that is another but for its passes, and what else is overridden. */
public abstract class DelegatingModel implements LogitModel {
  private final LogitModel model;

  protected DelegatingModel(LogitModel model) {
    this.model = model;
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public int width() {
    return model.width();
  }

  @Override
  public int contextLength() {
    return model.contextLength();
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return model.endOfTextIds();
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return model.tokenizer();
  }

  @Override
  public LogitSession newSession(int capacity) {
    return model.newSession(capacity);
  }

  @Override
  public void close() {
    model.close();
  }
}
