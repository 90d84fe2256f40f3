package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.proxytune.Tokenizer;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** A model on a server, whatever kind of server it is. Safe for use by several threads. */
final class ServerModel implements RemoteModel {
  private static final long LOOK_MILLIS = 10;

  private final Description description;
  private final RowSource source;
  private final Slots slots;
  private final Set<Exchange<?>> underWay = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** What is known of a model. */
  record Description(
      String name,
      int width,
      int contextLength,
      Set<Integer> endOfTextIds,
      Tokenizer tokenizer,
      Shown shown) {}

  ServerModel(Description description, RowSource source) {
    this.description = description;
    this.source = source;
    this.slots = new Slots(source.slots());
  }

  @Override
  public String name() {
    return description.name;
  }

  @Override
  public int width() {
    return description.width;
  }

  @Override
  public int contextLength() {
    return description.contextLength;
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return description.endOfTextIds;
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return Optional.of(description.tokenizer);
  }

  @Override
  public ServerStats stats() {
    return source.counters().stats();
  }

  @Override
  public LogitSession newSession(int capacity) {
    return new RemoteSession(this, capacity, new int[0], -1);
  }

  @Override
  public boolean runsElsewhere() {
    return true;
  }

  @Override
  public Logits forward(List<Segment> segments) {
    try (PendingLogits pending = begin(segments)) {
      return pending.await(() -> false);
    }
  }

  @Override
  public PendingLogits begin(List<Segment> segments) {
    checkOpen();
    checkArgument(!segments.isEmpty(), "a forward pass needs at least one segment, got none");
    List<RemoteSession> acquired = new ArrayList<>();
    try {
      acquire(segments, acquired);
      segments.forEach(this::checkSegment);
      RemotePass pass = new RemotePass(this, slots, segments);
      acquired.clear(); // the pass's from here on
      return started(pass);
    } finally {
      acquired.forEach(RemoteSession::release);
    }
  }

  private static PendingLogits started(RemotePass pass) {
    try {
      pass.start();
      return pass;
    } catch (RuntimeException | Error e) {
      pass.close();
      throw e;
    }
  }

  private void acquire(List<Segment> segments, List<RemoteSession> acquired) {
    Set<LogitSession> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Segment segment : segments) {
      checkArgument(
          segment.session() instanceof RemoteSession && segment.session().source() == this,
          "a session of source '%s' was passed to source '%s'",
          segment.session().source().name(),
          name());
      RemoteSession session = (RemoteSession) segment.session();
      checkArgument(seen.add(session), "a session is in two segments of one forward pass");
      session.acquire();
      acquired.add(session);
    }
  }

  private void checkSegment(Segment segment) {
    LogitSession session = segment.session();
    checkArgument(
        segment.tokens().length <= session.capacity() - session.position(),
        "%s tokens do not fit at position %s of a session of source '%s' with capacity %s",
        segment.tokens().length,
        session.position(),
        name(),
        session.capacity());
    for (int id : segment.tokens()) {
      checkArgument(
          id >= 0 && id < width(),
          "source '%s': token id must be in [0, %s), got %s",
          name(),
          width(),
          id);
    }
  }

  void checkOpen() {
    checkState(!closed.get(), "source '%s' is closed", name());
  }

  Shown shown() {
    return description.shown;
  }

  Counters counters() {
    return source.counters();
  }

  /** Asks for a row in a slot that was taken, which is left when it is there. */
  Exchange<Row> send(RemoteSession session, int[] ids, int slot, int count) {
    session.setSlot(slot);
    try {
      Exchange<Row> exchange = source.ask(ids, slot, width(), count);
      underWay.add(exchange);
      var unused =
          exchange
              .result()
              .whenComplete(
                  (row, failure) -> {
                    underWay.remove(exchange);
                    slots.leave(slot);
                  });
      if (closed.get()) {
        exchange.cancel();
      }
      return exchange;
    } catch (RuntimeException | Error e) {
      slots.leave(slot);
      throw e;
    }
  }

  /** Asks for a row and waits for it. */
  Row ask(RemoteSession session, int[] ids, int count, BooleanSupplier givenUp) {
    checkOpen();
    Exchange<Row> exchange = send(session, ids, slots.take(session.slot(), givenUp), count);
    try {
      return await(exchange, givenUp);
    } finally {
      exchange.cancel(); // where it was given up
    }
  }

  Row await(Exchange<Row> exchange, BooleanSupplier givenUp) {
    while (true) {
      try {
        return exchange.result().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (givenUp.getAsBoolean()) {
          throw new CancellationException("nobody waits for the rows any more");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted while waiting for a server");
      } catch (CancellationException e) {
        checkOpen(); // which is how others' rows end
        throw e;
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException failure
            ? failure
            : new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    closed.set(true);
    underWay.forEach(Exchange::cancel);
  }

  @Override
  public String toString() {
    return "RemoteModel[" + name() + ", width=" + width() + "]";
  }
}
