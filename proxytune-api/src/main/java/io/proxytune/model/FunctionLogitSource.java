package io.proxytune.model;

import static io.proxytune.internal.Checks.checkArgument;
import static io.proxytune.internal.Checks.checkState;
import static java.util.Objects.requireNonNull;

import io.proxytune.LogitSource;
import io.proxytune.ModelException;
import io.proxytune.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * A model that is a function from the ids so far to the logits of the next: for synthetic experts,
 * such as rules and dictionaries that steer a model, and for tests.
 *
 * <pre>{@code
 * LogitSource shouting = FunctionLogitSource.of("shouting", 5, 100, ids -> new float[] {0, 0, 9, 0, 0});
 * }</pre>
 *
 * <p>The function is called once for each row that is asked for, with all tokens of the sequence up
 * to that row; nothing is cached.
 *
 * <p><b>Threads:</b> as {@link LogitSource}; the function is called by every thread that decodes,
 * so it must be safe for that.
 */
public final class FunctionLogitSource implements LogitModel {
  private final String name;
  private final int width;
  private final int contextLength;
  private final Function<? super List<Integer>, float[]> function;
  private final Set<Integer> endOfTextIds;
  private final Optional<Tokenizer> tokenizer;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FunctionLogitSource(
      String name,
      int width,
      int contextLength,
      Function<? super List<Integer>, float[]> function,
      Set<Integer> endOfTextIds,
      Optional<Tokenizer> tokenizer) {
    this.name = name;
    this.width = width;
    this.contextLength = contextLength;
    this.function = function;
    this.endOfTextIds = endOfTextIds;
    this.tokenizer = tokenizer;
  }

  /**
   * Makes a source without a tokenizer and without end-of-text ids.
   *
   * @param name a name for messages, not empty
   * @param width the number of logits that the function returns, from 1 to {@link Logits#MAX_WIDTH}
   * @param contextLength the largest number of tokens in a sequence, at least 1
   * @param function from the ids of a sequence, an unmodifiable list valid during the call, to
   *     {@code width} logits, which are copied; −∞ never lets a token be picked
   * @return the source; the caller closes it
   */
  public static FunctionLogitSource of(
      String name,
      int width,
      int contextLength,
      Function<? super List<Integer>, float[]> function) {
    checkArgument(!name.isEmpty(), "a source needs a name, got an empty one");
    HeapLogits.checkWidth(width);
    checkArgument(contextLength >= 1, "contextLength must be >= 1, got %s", contextLength);
    requireNonNull(function, "function");
    return new FunctionLogitSource(
        name, width, contextLength, function, Set.of(), Optional.empty());
  }

  /**
   * The same function with a tokenizer.
   *
   * @param tokenizer the tokenizer
   * @return a new open source
   */
  public FunctionLogitSource withTokenizer(Tokenizer tokenizer) {
    requireNonNull(tokenizer, "tokenizer");
    return new FunctionLogitSource(
        name, width, contextLength, function, endOfTextIds, Optional.of(tokenizer));
  }

  /**
   * The same function with end-of-text ids.
   *
   * @param ids token ids, each in {@code [0, width())}
   * @return a new open source
   */
  public FunctionLogitSource withEndOfTextIds(Set<Integer> ids) {
    ids.forEach(id -> checkId(id, "end-of-text id"));
    return new FunctionLogitSource(
        name, width, contextLength, function, Set.copyOf(ids), tokenizer);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int contextLength() {
    return contextLength;
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return endOfTextIds;
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return tokenizer;
  }

  @Override
  public LogitSession newSession(int capacity) {
    return new FunctionSession(this, capacity, List.of());
  }

  @Override
  public Logits forward(List<Segment> segments) {
    checkOpen();
    checkArgument(!segments.isEmpty(), "a forward pass needs at least one segment, got none");
    List<FunctionSession> acquired = new ArrayList<>();
    try {
      acquire(segments, acquired);
      segments.forEach(this::checkSegment);
      return appendAll(segments);
    } finally {
      acquired.forEach(FunctionSession::release);
    }
  }

  private void acquire(List<Segment> segments, List<FunctionSession> acquired) {
    Set<LogitSession> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Segment segment : segments) {
      FunctionSession session = own(segment.session());
      checkArgument(seen.add(session), "a session is in two segments of one forward pass");
      session.acquire();
      acquired.add(session);
    }
  }

  private FunctionSession own(LogitSession session) {
    checkArgument(
        session.source() == this && session instanceof FunctionSession,
        "a session of source '%s' was passed to source '%s'",
        session.source().name(),
        name);
    return (FunctionSession) session;
  }

  private void checkSegment(Segment segment) {
    LogitSession session = segment.session();
    checkArgument(
        segment.tokens().length <= session.capacity() - session.position(),
        "%s tokens do not fit at position %s of a session of source '%s' with capacity %s",
        segment.tokens().length,
        session.position(),
        name,
        session.capacity());
    for (int id : segment.tokens()) {
      checkId(id, "token id");
    }
  }

  private void checkId(int id, String what) {
    checkArgument(
        id >= 0 && id < width, "source '%s': %s must be in [0, %s), got %s", name, what, width, id);
  }

  /** A function that throws leaves every session where it was. */
  private Logits appendAll(List<Segment> segments) {
    int[] before = segments.stream().mapToInt(segment -> segment.session().position()).toArray();
    boolean done = false;
    try {
      List<float[]> rows = new ArrayList<>();
      segments.forEach(segment -> append(segment, rows));
      done = true;
      return Logits.of(width, rows.toArray(float[][]::new));
    } finally {
      for (int i = 0; i < before.length && !done; i++) {
        own(segments.get(i).session()).cutTo(before[i]);
      }
    }
  }

  private void append(Segment segment, List<float[]> rows) {
    FunctionSession session = own(segment.session());
    int last = segment.tokens().length - 1;
    for (int i = 0; i <= last; i++) {
      session.add(segment.tokens()[i]);
      if (segment.rows() == Segment.Rows.ALL
          || (segment.rows() == Segment.Rows.LAST && i == last)) {
        rows.add(rowAfter(session.ids()));
      }
    }
  }

  private float[] rowAfter(List<Integer> ids) {
    float[] row = function.apply(ids);
    if (row == null || row.length != width) {
      throw new ModelException(
          String.format(
              "source '%s': the function returned %s for %s tokens, expected %s logits",
              name, row == null ? "null" : row.length + " logits", ids.size(), width));
    }
    return row.clone(); // the function may use its array again for the next one
  }

  void checkOpen() {
    checkState(!closed.get(), "source '%s' is closed", name);
  }

  @Override
  public void close() {
    closed.set(true);
  }

  @Override
  public String toString() {
    return "FunctionLogitSource[" + name + ", width=" + width + "]";
  }
}
