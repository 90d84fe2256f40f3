package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkState;

import io.proxytune.core.remote.ShownLogits.Asked;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The requests of a pass, one for each row. As many as find a free slot are under way from the
 * beginning, and the others follow when it is awaited. For one thread at a time.
 */
final class RemotePass implements PendingLogits {
  private final ServerModel model;
  private final Slots slots;
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
  RemotePass(ServerModel model, Slots slots, List<Segment> segments) {
    this.model = model;
    this.slots = slots;
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
    exchanges.add(model.send(job.session, job.ids, slot, model.shown().first(model.width())));
  }

  @Override
  public Logits await(BooleanSupplier givenUp) {
    checkState(!over, "these rows were awaited or closed before");
    try {
      while (exchanges.size() < jobs.size()) {
        send(slots.take(next().session.slot(), givenUp));
      }
      List<Asked> rows = new ArrayList<>();
      for (Exchange<Row> exchange : exchanges) {
        Job job = jobs.get(rows.size());
        rows.add(new Asked(job.session, job.ids, model.await(exchange, givenUp)));
      }
      Logits logits = logits(rows);
      segments.forEach(segment -> ((RemoteSession) segment.session()).append(segment.tokens()));
      return logits;
    } finally {
      close();
    }
  }

  private Logits logits(List<Asked> rows) {
    return rows.stream().anyMatch(each -> each.row().count() < model.width())
        ? new ShownLogits(model, rows)
        : Logits.of(
            model.width(), rows.stream().map(each -> each.row().values()).toArray(float[][]::new));
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
