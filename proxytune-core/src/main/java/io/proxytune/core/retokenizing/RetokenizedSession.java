package io.proxytune.core.retokenizing;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.primitives.Ints;
import io.proxytune.ContextLengthException;
import io.proxytune.core.prefix.WindowedSession;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A text of the base's tokens, and a session of the model that reads it in tokens of its own. The
 * model reads again from where the text's own tokens have changed.
 */
final class RetokenizedSession implements WindowedSession {
  /** So many own tokens at the end may be parts of longer ones that are to come. */
  static final int OPEN_TOKENS = 8;

  private final RetokenizedModel model;
  private final OwnText text;
  private final int capacity;
  private final AtomicBoolean inUse = new AtomicBoolean();

  /** The own tokens that the model has read. */
  private int[] read;

  /** What it said behind so many of them, as far as it is still of use. */
  private final TreeMap<Integer, OwnRow> rows = new TreeMap<>();

  private volatile LogitSession own;
  private long reread;

  RetokenizedSession(
      RetokenizedModel model, OwnText text, int capacity, LogitSession own, int[] read) {
    this.model = model;
    this.text = text;
    this.capacity = capacity;
    this.own = own;
    this.read = read;
  }

  @Override
  public LogitModel source() {
    return model;
  }

  @Override
  public int position() {
    return text.size();
  }

  @Override
  public int capacity() {
    return capacity;
  }

  void acquire() {
    checkState(
        inUse.compareAndSet(false, true),
        "a session of source '%s' is in use by another thread",
        model.name());
  }

  void release() {
    inUse.set(false);
  }

  void append(int id) {
    text.append(id);
  }

  /** A pass failed: the text is what it was, and the model has read what it had. */
  void undo(int tokens) {
    text.truncate(tokens);
    if (own.position() > read.length) {
      own.truncate(read.length);
    }
  }

  /** Whether more of the text surely fits into the model's context. */
  boolean hasRoomFor(int[] unread, int[] more) {
    return text.mostTokens(Ints.concat(unread, more)) < own.source().contextLength();
  }

  /** What is to be read. */
  record Reading(RetokenizedSession session, Trunk trunk, int from, int rowsFrom, int to) {
    /** What is read without rows, of all readings in one pass. */
    Optional<Segment> without() {
      return segment(from, rowsFrom, Rows.NONE);
    }

    /** What is read with a row for each token. */
    Optional<Segment> with() {
      return segment(rowsFrom, to, to - rowsFrom == 1 ? Rows.LAST : Rows.ALL);
    }

    private Optional<Segment> segment(int start, int end, Rows asked) {
      int[] tokens = Arrays.copyOfRange(trunk.ids(), start, Math.max(start, end));
      return tokens.length == 0
          ? Optional.empty()
          : Optional.of(new Segment(session.own, tokens, asked));
    }
  }

  /**
   * Goes back to what the text still begins with.
   *
   * @param needsRows whether what comes next is asked for; else only settled tokens are read
   */
  Reading prepare(boolean needsRows) {
    Trunk trunk = text.trunk();
    int to = needsRows ? trunk.length() : trunk.openFrom();
    int from = Math.min(common(trunk.ids()), to);
    int lowest = lowestRow(trunk);
    for (int at = lowest; at <= from && needsRows; at++) {
      from = rows.containsKey(at) ? from : Math.min(from, at - 1);
    }
    checkRoom(trunk.length());
    goBack(from);
    ensureCapacity(to);
    int rowsFrom = needsRows ? Math.max(from, lowest - 1) : to;
    return new Reading(this, trunk, from, rowsFrom, to);
  }

  private int common(int[] ids) {
    int mismatch = Arrays.mismatch(read, ids);
    return mismatch < 0 ? Math.min(read.length, ids.length) : mismatch;
  }

  /** The first own token behind which a longer one may stand in the place of the rest. */
  static int lowestRow(Trunk trunk) {
    return Math.max(1, Math.max(trunk.openFrom(), trunk.length() - OPEN_TOKENS));
  }

  private void goBack(int tokens) {
    if (tokens < read.length) {
      reread += read.length - tokens;
      read = Arrays.copyOf(read, tokens);
      rows.tailMap(tokens, false).clear();
      own.truncate(tokens);
    }
  }

  private void checkRoom(int tokens) {
    int limit = model.own().contextLength();
    if (tokens > limit) {
      throw new ContextLengthException(
          String.format(
              "the text has %d tokens of '%s', whose context holds %d: it reads the text in tokens"
                  + " of its own, which may be more than the base's",
              tokens, model.name(), limit));
    }
  }

  private void ensureCapacity(int tokens) {
    if (tokens > own.capacity()) {
      int limit = model.own().contextLength();
      LogitSession larger = own.copy(read.length, Math.min(limit, tokens + tokens / 2));
      own.close();
      own = larger;
    }
  }

  /** The model has read what was asked for. */
  void afterRead(Reading reading, List<OwnRow> fresh) {
    read = Arrays.copyOf(reading.trunk.ids(), reading.to);
    for (int i = 0; i < fresh.size(); i++) {
      rows.put(reading.rowsFrom + i + 1, fresh.get(i));
    }
    if (!fresh.isEmpty()) {
      rows.headMap(lowestRow(reading.trunk), false).clear();
    }
  }

  /** Where the text is now, with what the model says behind its last tokens. */
  Place place(Trunk trunk) {
    int lowest = lowestRow(trunk);
    List<OwnRow> last = new ArrayList<>();
    for (int at = lowest; at <= trunk.length(); at++) {
      last.add(rows.get(at));
    }
    long counted = reread;
    reread = 0;
    return new Place(this, trunk, lowest, last, counted);
  }

  /**
   * A text's end, for which the base's next token is asked.
   *
   * @param lowest after how many own tokens the first of the rows comes
   * @param rows one after each own token from there on
   * @param reread the tokens that were read again to get here
   */
  record Place(
      RetokenizedSession session, Trunk trunk, int lowest, List<OwnRow> rows, long reread) {}

  /** A session of the model's that has read the beginning of an earlier place, and what is left. */
  Segment branch(Trunk trunk, int position, int[] path) {
    int[] start = Arrays.copyOf(trunk.ids(), position);
    int common = Math.min(common(start), position);
    int[] rest = Ints.concat(Arrays.copyOfRange(start, common, position), path);
    return new Segment(own.fork(common, position + path.length), rest, Rows.ALL);
  }

  @Override
  public boolean holds(int tokens) {
    acquire();
    try {
      // What holds its first token holds all: the text need not be encoded again to know where.
      return WindowedSession.holds(own, Math.min(1, read.length))
          || WindowedSession.holds(own, common(text.copy(tokens).trunk().ids()));
    } finally {
      release();
    }
  }

  @Override
  public void truncate(int position) {
    acquire();
    try {
      checkArgument(
          position >= 0 && position <= text.size(),
          "position must be in [0, %s], got %s",
          text.size(),
          position);
      text.truncate(position);
    } finally {
      release();
    }
  }

  @Override
  public LogitSession fork(int newCapacity) {
    return fork(text.size(), newCapacity);
  }

  @Override
  public LogitSession fork(int tokens, int newCapacity) {
    return forked(tokens, newCapacity, true);
  }

  @Override
  public LogitSession copy(int tokens, int newCapacity) {
    return forked(tokens, newCapacity, false);
  }

  private LogitSession forked(int tokens, int newCapacity, boolean shares) {
    acquire();
    try {
      checkArgument(
          tokens >= 0 && tokens <= text.size(),
          "a fork can hold from 0 tokens to the %s held, got %s",
          text.size(),
          tokens);
      checkArgument(
          newCapacity >= Math.max(1, tokens) && newCapacity <= model.contextLength(),
          "source '%s': capacity must be in [%s, %s], got %s",
          model.name(),
          Math.max(1, tokens),
          model.contextLength(),
          newCapacity);
      OwnText start = text.copy(tokens);
      int kept = common(start.trunk().ids());
      int room = Math.max(kept, newCapacity);
      LogitSession fork = shares ? own.fork(kept, room) : own.copy(kept, room);
      RetokenizedSession made =
          new RetokenizedSession(model, start, newCapacity, fork, Arrays.copyOf(read, kept));
      made.rows.putAll(rows.headMap(kept, true));
      return made;
    } finally {
      release();
    }
  }

  @Override
  public void close() {
    own.close();
  }
}
