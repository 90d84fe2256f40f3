package io.proxytune.core.engine;

import io.proxytune.FinishReason;
import io.proxytune.core.decode.RequestControl;
import io.proxytune.core.decode.StepMember;
import io.proxytune.core.lifetime.Closeables;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The texts that one call of an application asked for. It belongs to one thread at a time: to its
 * reader's, and while that waits in {@link Engine#advance}, to the one that runs steps.
 */
public final class Request implements AutoCloseable {
  /** Whether it had its turn. */
  private enum State {
    QUEUED,
    BEGUN,
    GONE
  }

  private final RequestControl control;
  private final int prefillChunk;
  private final boolean readerTakes;
  private final List<StepMember> sequences = new ArrayList<>();
  private final Deque<TextGroup> waiting = new ArrayDeque<>();
  private final List<TextGroup> begun = new ArrayList<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
  private @Nullable Throwable failure;
  private volatile Reading reading = action -> false;

  /** What the engine knows of the reader that waits. */
  final Waiting reader;

  /**
   * Describes a request.
   *
   * @param groups its texts, those together that share a prompt
   * @param control what can end all from outside
   * @param prefillChunk the most tokens of a prompt in a step
   * @param readerTakes whether taking a token runs code of the application, so that only the
   *     reader's own thread may do it
   */
  public Request(
      List<? extends List<? extends StepMember>> groups,
      RequestControl control,
      int prefillChunk,
      boolean readerTakes) {
    this.control = control;
    this.prefillChunk = prefillChunk;
    groups.forEach(sequences::addAll);
    groups.forEach(group -> waiting.add(new TextGroup(group)));
    this.readerTakes = readerTakes || sequences.stream().anyMatch(StepMember::runsCode);
    this.reader = new Waiting();
  }

  /** Lets others at a request while its reader is away. */
  @FunctionalInterface
  public interface Reading {
    /**
     * Runs an action unless the reader is there, who waits meanwhile where it comes back.
     *
     * @param action what is to be done
     * @return what the action returned; false where it was not run
     */
    boolean unlessRead(BooleanSupplier action);
  }

  /**
   * Says how others get at it; unless that was said, it keeps its memory while its reader is away.
   *
   * @param how keeps the reader out meanwhile
   */
  public void readBy(Reading how) {
    reading = how;
  }

  RequestControl control() {
    return control;
  }

  int prefillChunk() {
    return prefillChunk;
  }

  /** Whether only the reader's thread takes tokens. */
  boolean readerTakes() {
    return readerTakes;
  }

  /** Groups that are yet to begin, the next one first. */
  Deque<TextGroup> waiting() {
    return waiting;
  }

  /** Groups that began, and have not ended. */
  List<TextGroup> begun() {
    begun.removeIf(TextGroup::isFinished);
    return begun;
  }

  /** Leaves the queue to begin, unless it has given up. */
  boolean tryBegin() {
    return state.compareAndSet(State.QUEUED, State.BEGUN) || state.get() == State.BEGUN;
  }

  /** Leaves the queue without having begun, unless it has. */
  boolean giveUp() {
    return state.compareAndSet(State.QUEUED, State.GONE);
  }

  boolean isQueued() {
    return state.get() == State.QUEUED;
  }

  /**
   * Gives back the memory, to begin again when the reader comes back.
   *
   * @return whether there was memory that could be given back
   */
  boolean tryPause() {
    return reading.unlessRead(this::pause);
  }

  private boolean pause() {
    List<TextGroup> held = List.copyOf(begun());
    if (held.isEmpty() || !held.stream().allMatch(TextGroup::canPause)) {
      return false;
    }
    begun.clear();
    for (int i = held.size() - 1; i >= 0; i--) {
      waiting.addFirst(held.get(i));
      held.get(i).pause();
    }
    return true;
  }

  /** Begins the next group, whose memory was taken. */
  void beginNext(CacheMemory memory) {
    TextGroup group = waiting.remove();
    begun.add(group);
    List<StepMember> members = group.unfinished();
    GroupMemory taken = new GroupMemory(memory, members);
    int opened = 0;
    try {
      for (StepMember sequence : members) {
        opened++;
        sequence.open(() -> taken.free(sequence)); // also if it fails
      }
    } catch (RuntimeException | Error e) {
      members.stream().skip(opened).forEach(taken::free);
      fail(e);
    }
  }

  /**
   * Whether all texts have ended.
   *
   * @return whether no token follows
   */
  public boolean isFinished() {
    return sequences.stream().allMatch(StepMember::isFinished);
  }

  boolean hasPicked() {
    return sequences.stream().anyMatch(StepMember::hasPicked);
  }

  boolean hasEnded() {
    return failure != null || isFinished();
  }

  /** Ends all texts if something from outside says so, or fails if that is the tuner's end. */
  void endIfAsked() {
    try {
      control.end(reader.isInterrupted()).ifPresent(this::end);
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void end(FinishReason reason) {
    sequences.forEach(sequence -> sequence.finish(reason));
  }

  /** Frees everything because of a failure. */
  void fail(Throwable e) {
    if (failure == null) {
      failure = e;
      Closeables.quietly(e, this);
    }
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Takes all tokens that were picked. What can end the request from outside is asked for before
   * each but the first.
   */
  public void takeAll() {
    boolean first = true;
    while (hasPicked()) {
      Optional<FinishReason> end = first ? Optional.empty() : control.end(reader.isInterrupted());
      end.ifPresent(this::end);
      sequences.stream().filter(StepMember::hasPicked).forEach(StepMember::take);
      first = false;
    }
  }

  /** Frees every text, finished or not. */
  @Override
  public void close() {
    Closeables.all(sequences);
  }
}
