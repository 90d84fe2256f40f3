package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkState;

import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * The requests of a pass, one for each row. As many as find a free slot are under way from the
 * beginning, and the others follow when it is awaited. For one thread at a time.
 */
final class RemotePass implements PendingLogits {
  private static final long LOOK_MILLIS = 10;

  private final ServerModel model;
  private final Slots slots;
  private final RowSource source;
  private final List<Segment> segments;
  private final List<Job> jobs = new ArrayList<>();
  private final List<Exchange<Row>> exchanges = new ArrayList<>();
  private boolean over;

  /** The row behind some tokens of a sequence. */
  private static final class Job {
    final RemoteSession session;
    final int[] ids;

    Job(RemoteSession session, int[] ids) {
      this.session = session;
      this.ids = ids;
    }
  }

  /** Takes sessions that were acquired, and releases them. */
  RemotePass(ServerModel model, Slots slots, RowSource source, List<Segment> segments) {
    this.model = model;
    this.slots = slots;
    this.source = source;
    this.segments = List.copyOf(segments);
    this.segments.forEach(this::addJobs);
  }

  private void addJobs(Segment segment) {
    RemoteSession session = (RemoteSession) segment.session();
    int length = segment.tokens().length;
    for (int count = length - segment.rowCount() + 1; count <= length; count++) {
      jobs.add(new Job(session, session.followedBy(segment.tokens(), count)));
    }
  }

  /** Sends what needs not wait. */
  void start() {
    while (exchanges.size() < jobs.size()) {
      int slot = slots.tryTake(next().session.slot());
      if (slot < 0) {
        return;
      }
      send(slot);
    }
  }

  private Job next() {
    return jobs.get(exchanges.size());
  }

  private void send(int slot) {
    Job job = next();
    job.session.setSlot(slot);
    try {
      Exchange<Row> exchange = source.ask(job.ids, slot, model.width());
      exchanges.add(exchange);
      model.underWay(exchange);
      var unused = exchange.result().whenComplete((row, failure) -> slots.leave(slot));
    } catch (RuntimeException | Error e) {
      slots.leave(slot);
      throw e;
    }
  }

  @Override
  public Logits await(BooleanSupplier givenUp) {
    checkState(!over, "these rows were awaited or closed before");
    try {
      while (exchanges.size() < jobs.size()) {
        send(slots.take(next().session.slot(), givenUp));
      }
      float[][] rows = new float[jobs.size()][];
      for (int row = 0; row < rows.length; row++) {
        rows[row] = row(exchanges.get(row), givenUp).values();
      }
      Logits logits = Logits.of(model.width(), rows);
      segments.forEach(segment -> ((RemoteSession) segment.session()).append(segment.tokens()));
      return logits;
    } finally {
      close();
    }
  }

  private Row row(Exchange<Row> exchange, BooleanSupplier givenUp) {
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
        model.checkOpen(); // which is how others' rows end
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
    if (!over) {
      over = true;
      exchanges.forEach(Exchange::cancel); // those that are over stay what they are
      segments.forEach(segment -> ((RemoteSession) segment.session()).release());
    }
  }
}
