package io.proxytune.core.ensemble;

import io.proxytune.Tokenizer;
import io.proxytune.core.paired.Outcome;
import io.proxytune.core.paired.PairedModel;
import io.proxytune.core.prefix.WindowedSession;
import io.proxytune.core.sampling.Seeds;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** A function as a model, which counts what is open and notes what it was asked. */
public final class FakeModel implements PairedModel {
  private final FunctionLogitSource function;
  private final AtomicInteger openSessions = new AtomicInteger();
  private final AtomicInteger openLogits = new AtomicInteger();
  private final AtomicInteger sessionsMade = new AtomicInteger();
  private final List<List<Call>> passes = new CopyOnWriteArrayList<>();
  private volatile IntConsumer beforePass = pass -> {};
  private volatile boolean readsDrafts;
  private volatile boolean sharesPasses;
  private volatile int draftableLength = Integer.MAX_VALUE;
  private volatile long bytesPerToken;
  private volatile int window = Integer.MAX_VALUE;
  private volatile OptionalLong freeBytes = OptionalLong.empty();
  private volatile OptionalDouble cap = OptionalDouble.empty();
  private volatile Optional<FakeModel> host = Optional.empty();
  private volatile Optional<Logits> answer = Optional.empty();
  private volatile Optional<LogitModel> partner = Optional.empty();
  private final AtomicInteger pairs = new AtomicInteger();

  /** One segment as it was asked for. */
  public record Call(int position, int tokens, Segment.Rows rows) {}

  public FakeModel(FunctionLogitSource function) {
    this.function = function;
  }

  /** Logits that look random and depend on every id so far. */
  public static FakeModel hashed(String name, long seed) {
    return hashed(name, seed, 40, 100);
  }

  public static FakeModel hashed(String name, long seed, int width, int contextLength) {
    return new FakeModel(
        FunctionLogitSource.of(name, width, contextLength, ids -> hashedRow(ids, seed, width))
            .withTokenizer(FakeTokenizer.LETTERS));
  }

  public static FakeModel withoutTokenizer(String name, long seed) {
    return withoutTokenizer(name, seed, 40);
  }

  public static FakeModel withoutTokenizer(String name, long seed, int width) {
    return new FakeModel(
        FunctionLogitSource.of(name, width, 100, ids -> hashedRow(ids, seed, width)));
  }

  public static float[] hashedRow(List<Integer> ids, long seed, int width) {
    float[] row = new float[width];
    for (int id = 0; id < width; id++) {
      long mixed = Seeds.derive(seed * 1_000_003 + ids.hashCode(), id + 1);
      row[id] = (mixed >>> 40) / (float) (1 << 22) - 2;
    }
    return row;
  }

  /** Says the given tokens one after the other, whatever the prompt was, then its last for ever. */
  public static FakeModel saying(int promptTokens, int[] ids) {
    return saying(promptTokens, 1000, ids);
  }

  public static FakeModel saying(int promptTokens, int contextLength, int[] ids) {
    return of(
        contextLength,
        history -> oneHot(ids[Math.min(history.size() - promptTokens, ids.length - 1)]));
  }

  public static FakeModel of(int contextLength, Function<List<Integer>, float[]> function) {
    return new FakeModel(
        FunctionLogitSource.of("saying", 40, contextLength, function)
            .withTokenizer(FakeTokenizer.LETTERS)
            .withEndOfTextIds(Set.of(1)));
  }

  public static float[] oneHot(int id) {
    float[] row = new float[40];
    row[id] = 10;
    return row;
  }

  public FakeModel withTokenizer(Tokenizer tokenizer) {
    return new FakeModel(function.withTokenizer(tokenizer));
  }

  public FakeModel withEndOfTextIds(Integer... ids) {
    return new FakeModel(function.withEndOfTextIds(Set.of(ids)));
  }

  /** Called before each pass with its index, from 0; may throw. */
  public FakeModel beforePass(IntConsumer action) {
    beforePass = action;
    return this;
  }

  /** Always returns these logits. */
  public FakeModel answering(Logits logits) {
    answer = Optional.of(logits);
    return this;
  }

  /** Says that it reads drafts cheaply. */
  public FakeModel readingDrafts() {
    readsDrafts = true;
    return this;
  }

  /** Says that requests may share its passes. */
  public FakeModel sharingPasses() {
    sharesPasses = true;
    return this;
  }

  @Override
  public boolean sharesPasses() {
    return sharesPasses;
  }

  /** Says that its logits have a bound, which its rows are before. */
  public FakeModel cappedAt(double bound) {
    cap = OptionalDouble.of(bound);
    return this;
  }

  @Override
  public OptionalDouble logitCap() {
    return cap;
  }

  /** Says that its logits depend on the passes beyond a length. */
  public FakeModel draftableTo(int length) {
    draftableLength = length;
    return this;
  }

  /** Tells the size of its sessions. */
  public FakeModel withBytesPerToken(long bytes) {
    bytesPerToken = bytes;
    return this;
  }

  /** Its sessions forget, in the next pass, what is so many tokens behind; their copies at once. */
  public FakeModel holdingLast(int tokens) {
    window = tokens;
    return this;
  }

  /** Tells what is free for sessions. */
  public FakeModel withFreeBytes(long bytes) {
    freeBytes = OptionalLong.of(bytes);
    return this;
  }

  @Override
  public OptionalLong freeBytes() {
    return freeBytes;
  }

  @Override
  public long sessionBytes(int capacity) {
    return bytesPerToken * capacity;
  }

  @Override
  public boolean readsDrafts() {
    return readsDrafts;
  }

  @Override
  public int draftableLength() {
    return Math.min(draftableLength, contextLength());
  }

  /** Makes this one share another's passes, as an adapter does. */
  public FakeModel beside(FakeModel other) {
    host = Optional.of(other);
    return this;
  }

  @Override
  public LogitModel host() {
    return host.<LogitModel>map(other -> other).orElse(this);
  }

  public List<List<Call>> passes() {
    return passes;
  }

  public int sessionsMade() {
    return sessionsMade.get();
  }

  public int open() {
    return openSessions.get() + openLogits.get();
  }

  @Override
  public String name() {
    return function.name();
  }

  @Override
  public int width() {
    return function.width();
  }

  @Override
  public int contextLength() {
    return function.contextLength();
  }

  @Override
  public Set<Integer> endOfTextIds() {
    return function.endOfTextIds();
  }

  @Override
  public Optional<Tokenizer> tokenizer() {
    return function.tokenizer();
  }

  @Override
  public LogitSession newSession(int capacity) {
    return new Session(function.newSession(capacity), 0);
  }

  /** Has its passes run beside another model's. */
  public FakeModel pairedWith(FakeModel other) {
    partner = Optional.of(other);
    return this;
  }

  /** How many passes were run beside another model's. */
  public int pairs() {
    return pairs.get();
  }

  @Override
  public boolean pairsWith(LogitModel other) {
    return partner.filter(found -> found == other).isPresent();
  }

  @Override
  public List<PendingLogits> forwardBoth(
      List<Segment> own, LogitModel other, List<Segment> others) {
    pairs.incrementAndGet();
    PendingLogits second = Outcome.of(() -> other.forward(others));
    return List.of(Outcome.of(() -> forward(own)), second);
  }

  @Override
  public Logits forward(List<Segment> segments) {
    int index = passes.size();
    passes.add(
        segments.stream()
            .map(s -> new Call(s.session().position(), s.tokens().length, s.rows()))
            .toList());
    beforePass.accept(index);
    return new CountedLogits(answer.orElseGet(() -> rows(segments)), openLogits);
  }

  private Logits rows(List<Segment> segments) {
    List<float[]> rows = new ArrayList<>();
    for (Segment segment : segments) {
      FakeModel owner = (FakeModel) segment.session().source();
      if (owner.host() != this) {
        throw new IllegalArgumentException("a session of another host");
      }
      Session session = (Session) segment.session();
      session.lost = session.lostAt(session.position());
      Segment own = new Segment(session.inner, segment.tokens(), segment.rows());
      try (Logits logits = owner.function.forward(List.of(own))) {
        IntStream.range(0, logits.rows()).mapToObj(logits::row).forEach(rows::add);
      }
    }
    return Logits.of(width(), rows.toArray(new float[0][]));
  }

  @Override
  public void close() {
    function.close();
  }

  private final class Session implements WindowedSession {
    private final LogitSession inner;
    private int lost; // so many first tokens can't be gone on behind
    private boolean closed;

    private Session(LogitSession inner, int lost) {
      this.inner = inner;
      this.lost = lost;
      openSessions.incrementAndGet();
      sessionsMade.incrementAndGet();
    }

    @Override
    public LogitModel source() {
      return FakeModel.this;
    }

    @Override
    public int position() {
      return inner.position();
    }

    @Override
    public int capacity() {
      return inner.capacity();
    }

    private int lostAt(int position) {
      return Math.max(lost, position - window);
    }

    @Override
    public boolean holds(int tokens) {
      return tokens >= lost;
    }

    @Override
    public void truncate(int position) {
      inner.truncate(position);
    }

    @Override
    public LogitSession fork(int capacity) {
      return fork(position(), capacity);
    }

    @Override
    public LogitSession fork(int tokens, int capacity) {
      return new Session(inner.fork(tokens, capacity), lostAt(tokens));
    }

    @Override
    public void close() {
      inner.close();
      if (!closed) {
        closed = true;
        openSessions.decrementAndGet();
      }
    }
  }
}
