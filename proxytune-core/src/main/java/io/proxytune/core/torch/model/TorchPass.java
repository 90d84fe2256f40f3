package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A forward pass whose sessions are its own until it is closed. For one thread at a time. */
final class TorchPass implements AutoCloseable {
  private final TorchModel model;
  private final List<Segment> segments;
  private final List<TorchSession> sessions;
  private final InUse inUse = new InUse();

  /**
   * Checks a pass, and reads again what its sessions have lost.
   *
   * @throws IllegalArgumentException if the model can't do it
   * @throws IllegalStateException if something is closed, or in use
   */
  TorchPass(TorchModel model, List<Segment> segments) {
    this.model = model;
    this.segments = segments;
    this.sessions = checked();
    try {
      hold();
      checkRoom();
      model.checkWholeTexts(segments);
      for (TorchSession session : sessions) {
        session.readLost(part -> model.run(() -> logits(List.of(part), List.of(session))));
      }
    } catch (RuntimeException | Error e) {
      inUse.close();
      throw e;
    }
  }

  private void hold() {
    inUse.enter(model.lifetime());
    for (TorchSession session : sessions) {
      AdaptedModel adapted = session.adapted();
      if (adapted != null) {
        inUse.enter(adapted.lifetime());
      }
      inUse.enterAlone(session.lifetime());
    }
  }

  /** What can be checked before the sessions are this pass's. */
  private List<TorchSession> checked() {
    checkArgument(
        !segments.isEmpty(), "%s: a forward pass needs at least one segment", model.name());
    Set<LogitSession> seen = new HashSet<>();
    List<TorchSession> own = new ArrayList<>();
    for (Segment segment : segments) {
      checkArgument(
          segment.session() instanceof TorchSession session && session.model() == model,
          "%s: a segment's session was opened by another model",
          model.name());
      checkArgument(
          seen.add(segment.session()),
          "%s: a session may have one segment in a pass",
          model.name());
      checkIds(segment.tokens());
      own.add((TorchSession) segment.session());
    }
    return own;
  }

  private void checkIds(int[] ids) {
    for (int i = 0; i < ids.length; i++) {
      checkArgument(
          ids[i] >= 0 && ids[i] < model.width(),
          "%s: token id %s at index %s is out of range: expected 0 to %s",
          model.name(),
          ids[i],
          i,
          model.width() - 1);
    }
  }

  private void checkRoom() {
    for (Segment segment : segments) {
      LogitSession session = segment.session();
      checkArgument(
          segment.tokens().length <= session.capacity() - session.position(),
          "%s: %s tokens do not fit into a session at position %s with capacity %s: open it with a"
              + " larger capacity, or truncate it",
          model.name(),
          segment.tokens().length,
          session.position(),
          session.capacity());
    }
  }

  /** How many tokens it reads. */
  int tokens() {
    return segments.stream().mapToInt(segment -> segment.tokens().length).sum();
  }

  /** Runs it on the calling thread, and moves the sessions on. */
  Logits logits() {
    Logits logits = logits(segments, sessions);
    for (int i = 0; i < sessions.size(); i++) {
      sessions.get(i).append(segments.get(i).tokens());
    }
    return logits;
  }

  private Logits logits(List<Segment> some, List<TorchSession> theirs) {
    return model.logitsOf(new PassPlan(some, theirs));
  }

  @Override
  public void close() {
    inUse.close();
  }
}
