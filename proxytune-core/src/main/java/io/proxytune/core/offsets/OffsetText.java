package io.proxytune.core.offsets;

import static java.util.Objects.requireNonNull;

import io.proxytune.ModelException;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.session.ModelPass.Reading;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.session.SessionPlan;
import io.proxytune.model.Segment.Rows;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An engine's request as the experts read it. For the thread that runs them. */
final class OffsetText implements AutoCloseable {
  /** Room where an engine does not say how long a request may get. */
  private static final int USUAL_ROOM = 256;

  private final OffsetModels models;
  private final int room;
  private final List<Steered> steering;
  private int[] ids = new int[0];
  private int prompt; // what the sessions were opened with
  private boolean asTheyAre = true; // whether every model reads every id as it is
  private @Nullable RoleSessions sessions;
  private long cacheBytes;

  /**
   * A pair that steers a text.
   *
   * @param pair the pair
   * @param alpha how strongly, not 0
   */
  record Steered(SteeringPair pair, double alpha) {}

  OffsetText(OffsetModels models, int room, List<Steered> steering) {
    this.models = models;
    this.room = room;
    this.steering = steering;
  }

  List<Steered> steering() {
    return steering;
  }

  /** The sessions, which are open once something was read. */
  RoleSessions sessions() {
    return requireNonNull(sessions);
  }

  long cacheBytes() {
    return cacheBytes;
  }

  /**
   * Takes what is new.
   *
   * @param kept how many of the first tokens still hold
   * @param tokens those that follow
   * @param freeBytes the most that sessions may take
   * @throws FaultException where that can't be read
   */
  void read(int kept, int[] tokens, long freeBytes) {
    if (kept > ids.length) {
      throw new FaultException(
          Fault.MALFORMED, kept + " tokens of a request are kept that has " + ids.length);
    }
    check(kept, tokens);
    int[] all = Arrays.copyOf(ids, kept + tokens.length);
    System.arraycopy(tokens, 0, all, kept, tokens.length);
    boolean goesOn = sessions != null && canGoOn(kept);
    boolean forgets = kept < ids.length;
    ids = all;
    if (!steering.isEmpty()) {
      try {
        if (goesOn) {
          if (forgets) {
            sessions().all().forEach(session -> session.truncate(kept));
          }
          append(tokens);
        } else {
          open(freeBytes);
        }
      } catch (ModelException e) { // of spelling
        throw new FaultException(Fault.TOKEN, e.getMessage());
      }
    }
  }

  private void check(int kept, int[] tokens) {
    if ((long) kept + tokens.length > models.contextLength()) {
      throw tooLong((long) kept + tokens.length);
    }
    for (int id : tokens) {
      if (id < 0 || id >= models.vocabularySize()) {
        throw new FaultException(
            Fault.TOKEN,
            "token id "
                + Integer.toUnsignedString(id)
                + " is not below the vocabulary's "
                + models.vocabularySize());
      }
    }
  }

  private FaultException tooLong(long tokens) {
    return new FaultException(
        Fault.TOO_LONG,
        "a request of "
            + tokens
            + " tokens does not fit into the experts' contexts of "
            + models.contextLength());
  }

  /** What a prompt's sessions leave to others must be the prompt, so that it stays. */
  private boolean canGoOn(int kept) {
    return kept == ids.length
        || (asTheyAre
            && kept >= prompt
            && sessions().all().stream().allMatch(session -> session.position() >= kept));
  }

  private void append(int[] tokens) {
    for (int id : tokens) {
      if (!sessions().hasRoomFor(id)) {
        throw tooLong(ids.length);
      }
      asTheyAre &= sessions().allHave(id);
      sessions().append(id);
    }
  }

  private void open(long freeBytes) {
    close();
    SessionPlan plan = models.plan(steering.stream().map(Steered::pair).toList(), ids);
    plan.sessions()
        .forEach(
            spec -> {
              if (spec.promptIds().length > spec.role().source().contextLength()) {
                throw tooLong(spec.promptIds().length);
              }
            });
    int more = Math.max(0, (room == 0 ? ids.length + USUAL_ROOM : room) - ids.length);
    long bytes = plan.cacheBytes(more);
    if (bytes > freeBytes) {
      throw new FaultException(
          Fault.MEMORY,
          "the KV caches of a request of "
              + (ids.length + more)
              + " tokens take "
              + bytes
              + " bytes, and "
              + Math.max(0, freeBytes)
              + " are free: let the engine have fewer requests at once");
    }
    sessions = RoleSessions.open(plan, more);
    cacheBytes = bytes;
    prompt = ids.length;
    asTheyAre = plan.sessions().stream().allMatch(spec -> spec.promptIds() == ids);
  }

  boolean hasUnread() {
    return sessions != null && sessions.unread() > 0;
  }

  int unread() {
    return sessions == null ? 0 : sessions.unread();
  }

  /** Whether one pass reads all that is new, with so many tokens of each model at most. */
  boolean endsWith(int chunk) {
    return passes(chunk) <= 1;
  }

  private int passes(int chunk) {
    return sessions().all().stream().mapToInt(session -> session.passes(chunk)).max().orElse(0);
  }

  /**
   * What the next pass reads.
   *
   * @param chunk the most tokens of each model
   * @param wanted whether the last rows are wanted where this reads all
   */
  List<Reading> readings(int chunk, boolean wanted) {
    int longest = passes(chunk);
    Rows rows = wanted && longest <= 1 ? Rows.LAST : Rows.NONE;
    return sessions().all().stream()
        .filter(session -> session.hasUnread() && session.passes(chunk) == longest)
        .map(session -> new Reading(session, chunk, rows))
        .toList();
  }

  @Override
  public void close() {
    if (sessions != null) {
      sessions.close();
      sessions = null;
      cacheBytes = 0;
    }
  }
}
