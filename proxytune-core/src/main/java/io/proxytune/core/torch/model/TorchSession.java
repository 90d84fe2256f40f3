package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.lifetime.Lifetime;
import io.proxytune.core.prefix.WindowedSession;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import java.lang.ref.Reference;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of a {@link TorchModel}: a position in a KV cache. Where windows slide, what they have
 * left behind is read again when the sequence is cut so far back that it is needed. For one thread
 * at a time.
 */
final class TorchSession implements WindowedSession {
  /** So many tokens are read again in one pass. */
  private static final int READ_AGAIN = 512;

  private final TorchModel model;
  private final @Nullable AdaptedModel adapted;
  private final int capacity;
  private final KvCache cache;
  private final Lifetime lifetime;
  private final @Nullable ReadTokens read; // where windows slide
  private boolean lost; // whether all of those must be read again
  private volatile int position;

  TorchSession(TorchModel model, Begin begin, int capacity, KvCache cache) {
    this.model = model;
    this.adapted = begin.adapted();
    this.capacity = capacity;
    this.cache = cache;
    this.read = begin.read();
    this.lost = begin.lost();
    this.position = begin.position();
    this.lifetime = new Lifetime("a session of " + source().name(), cache::close);
    lifetime.watch(this);
  }

  /**
   * What a session begins with.
   *
   * @param read the tokens, where windows slide
   * @param lost whether the cache holds nothing of them
   */
  record Begin(
      @Nullable AdaptedModel adapted, int position, @Nullable ReadTokens read, boolean lost) {}

  /** The beginning of a session with the first tokens of this one. */
  Begin begin(int tokens) {
    return new Begin(adapted, tokens, read == null ? null : read.first(tokens), isLostAt(tokens));
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

  /** Moves behind tokens that were read. Only by the thread that is in the lifetime alone. */
  void append(int[] tokens) {
    if (read != null) {
      read.append(tokens);
    }
    int before = position; // nobody else writes it meanwhile
    position = before + tokens.length;
  }

  @Override
  public boolean holds(int tokens) {
    return !isLostAt(tokens);
  }

  /** Whether all before a position must be read again before the sequence can go on from there. */
  private boolean isLostAt(int newPosition) {
    return newPosition > 0 && (lost || !cache.holds(newPosition));
  }

  /**
   * Reads what is lost, in passes. Only by the thread that is in the lifetime alone.
   *
   * @param pass reads a part at the session's position
   */
  void readLost(Consumer<Segment> pass) {
    int end = position;
    if (!isLostAt(end) || read == null) {
      return;
    }
    lost = true;
    try {
      for (int first = 0; first < end; first += READ_AGAIN) {
        position = first;
        int[] part = read.part(first, Math.min(end, first + READ_AGAIN));
        pass.accept(new Segment(this, part, Segment.Rows.NONE));
      }
      lost = false;
    } finally {
      position = end;
    }
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
      lost = isLostAt(newPosition);
      if (read != null) {
        read.truncate(newPosition);
      }
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
