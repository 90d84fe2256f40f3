package io.proxytune.core.torch.model;

import io.proxytune.PublishedDefaults;
import io.proxytune.Tokenizer;
import io.proxytune.core.lifetime.Lifetime;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * A model with an adapter beside its weights, which stay the host's: only the adapter's own
 * matrices are in memory again. Threads as {@link LogitModel} says.
 */
final class AdaptedModel implements LogitModel {
  private final TorchModel host;
  private final TorchModel.Identity identity;
  private final AdapterWeights weights;
  private final Lifetime lifetime;

  AdaptedModel(TorchModel host, TorchModel.Identity identity, AdapterWeights weights) {
    this.host = host;
    this.identity = identity;
    this.weights = weights;
    this.lifetime = new Lifetime("model " + identity.name(), weights::close);
    lifetime.watch(this);
  }

  AdapterWeights weights() {
    return weights;
  }

  Lifetime lifetime() {
    return lifetime;
  }

  @Override
  public LogitModel host() {
    return host;
  }

  @Override
  public String name() {
    return identity.name();
  }

  @Override
  public int width() {
    return host.width();
  }

  @Override
  public int contextLength() {
    return host.contextLength();
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return identity.endOfTextIds();
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return identity.tokenizer();
  }

  @Override
  public PublishedDefaults publishedDefaults() {
    return identity.publishedDefaults(width());
  }

  @Override
  public boolean readsDrafts() {
    return host.readsDrafts();
  }

  @Override
  public boolean sharesPasses() {
    return host.sharesPasses();
  }

  @Override
  public long sessionBytes(int capacity) {
    return host.sessionBytes(capacity);
  }

  @Override
  public long forkBytes(int tokens, int capacity) {
    return host.forkBytes(tokens, capacity);
  }

  @Override
  public int draftableLength() {
    return host.draftableLength();
  }

  @Override
  public OptionalDouble logitCap() {
    return host.logitCap();
  }

  @Override
  public LogitSession newSession(int capacity) {
    lifetime.check();
    return host.newSession(this, capacity);
  }

  @Override
  public Logits forward(List<Segment> segments) {
    lifetime.check();
    return host.forward(segments);
  }

  @Override
  public void close() {
    lifetime.close();
  }

  @Override
  public String toString() {
    return "AdaptedModel[" + name() + " on " + host + "]";
  }
}
