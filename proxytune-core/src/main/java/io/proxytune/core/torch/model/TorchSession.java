package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.lifetime.Lifetime;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import java.lang.ref.Reference;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A sequence of a {@link TorchModel}: a position in a KV cache. For one thread at a time. */
final class TorchSession implements LogitSession {
  private final TorchModel model;
  private final @Nullable AdaptedModel adapted;
  private final int capacity;
  private final KvCache cache;
  private final Lifetime lifetime;
  private volatile int position;

  TorchSession(
      TorchModel model, @Nullable AdaptedModel adapted, int capacity, KvCache cache, int position) {
    this.model = model;
    this.adapted = adapted;
    this.capacity = capacity;
    this.cache = cache;
    this.position = position;
    this.lifetime = new Lifetime("a session of " + source().name(), cache::close);
    lifetime.watch(this);
  }

  @Override
  public LogitModel source() {
    return adapted == null ? model : adapted;
  }

  @Override
  public int position() {
    return position;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  KvCache cache() {
    return cache;
  }

  /** The model that runs it. */
  TorchModel model() {
    return model;
  }

  @Nullable AdaptedModel adapted() {
    return adapted;
  }

  @Nullable AdapterWeights adapter() {
    return adapted == null ? null : adapted.weights();
  }

  Lifetime lifetime() {
    return lifetime;
  }

  /** Only by the thread that is in the lifetime alone. */
  void moveTo(int newPosition) {
    position = newPosition;
  }

  @Override
  public void truncate(int newPosition) {
    lifetime.enterAlone();
    try {
      checkArgument(
          newPosition >= 0 && newPosition <= position,
          "can't truncate to position %s: must be from 0 to the current position %s",
          newPosition,
          position);
      position = newPosition;
    } finally {
      lifetime.leave();
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public LogitSession fork(int forkCapacity) {
    return fork(OptionalInt.empty(), forkCapacity, true);
  }

  @Override
  public LogitSession fork(int tokens, int forkCapacity) {
    return fork(OptionalInt.of(tokens), forkCapacity, true);
  }

  @Override
  public LogitSession copy(int tokens, int copyCapacity) {
    return fork(OptionalInt.of(tokens), copyCapacity, false);
  }

  private LogitSession fork(OptionalInt some, int forkCapacity, boolean shares) {
    lifetime.enterAlone();
    try {
      int tokens = some.orElse(position);
      checkArgument(
          tokens >= 0 && tokens <= position,
          "a fork can hold from 0 tokens to the %s held, got %s",
          position,
          tokens);
      checkArgument(
          forkCapacity >= tokens,
          "a fork needs room for the %s tokens held, got capacity %s",
          tokens,
          forkCapacity);
      return model.forkSession(this, tokens, forkCapacity, shares);
    } finally {
      lifetime.leave();
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void close() {
    lifetime.close();
  }
}
