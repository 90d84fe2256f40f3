package io.proxytune.bench;

import io.proxytune.core.paired.PairedModel;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.Arrays;
import java.util.List;

/** A sequence with a prompt read, to run the same pass on again and again. For one thread. */
final class WarmSession implements AutoCloseable {
  /** The prompt's tokens. */
  static final int POSITION = 128;

  private final LogitSession session;
  private final List<Segment> pass;

  /**
   * Reads a prompt of {@link #POSITION} tokens.
   *
   * @param tokens how many tokens each pass appends; it gives the logits of all of them
   */
  WarmSession(LogitModel model, int tokens) {
    session = model.newSession(POSITION + tokens);
    model.forward(List.of(new Segment(session, ids(POSITION), Segment.Rows.NONE))).close();
    pass = List.of(new Segment(session, ids(tokens), Segment.Rows.ALL));
  }

  /** Some ids that every model has. */
  static int[] ids(int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> 3 + i % 500);
    return ids;
  }

  /** Runs the pass; the caller closes the logits. */
  Logits logits() {
    session.truncate(POSITION);
    return session.source().forward(pass);
  }

  /** Runs the pass. */
  void run() {
    logits().close();
  }

  /** Runs the passes of a base, an expert and an anti-expert as decoding does. */
  static void runStep(List<WarmSession> trio) {
    trio.get(0).run();
    WarmSession expert = trio.get(1);
    WarmSession antiExpert = trio.get(2);
    LogitModel other = antiExpert.session.source();
    if (expert.session.source() instanceof PairedModel model && model.pairsWith(other)) {
      expert.session.truncate(POSITION);
      antiExpert.session.truncate(POSITION);
      model
          .forwardBoth(expert.pass, other, antiExpert.pass)
          .forEach(rows -> rows.await(() -> false).close());
    } else {
      expert.run();
      antiExpert.run();
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
