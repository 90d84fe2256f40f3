package io.proxytune.core.retokenizing;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Sets;
import io.proxytune.ModelException;
import io.proxytune.Tokenizer;
import io.proxytune.core.retokenizing.RetokenizedSession.Place;
import io.proxytune.core.retokenizing.RetokenizedSession.Reading;
import io.proxytune.core.wrapped.WrappedModel;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model that reads a text of the base's tokens in tokens of its own, and gives log-probabilities
 * of the base's tokens. Ids from the base's width on are its own, which its prompts have. The
 * model's own owner closes it; as safe for use by several threads as the model.
 *
 * <p>Rows tell of tokens that the model's own vocabulary has; {@link RowTranslator} adds those of
 * the base's likeliest.
 */
public final class RetokenizedModel extends WrappedModel {
  private final TokenMap map;
  private final ByteEncoder encoder;
  private final int candidates;

  private RetokenizedModel(LogitModel own, TokenMap map, ByteEncoder encoder, int candidates) {
    super(own);
    this.map = map;
    this.encoder = encoder;
    this.candidates = candidates;
  }

  /**
   * Wraps the models of a pair, which have one tokenizer.
   *
   * @param expert the tuned one, with a tokenizer
   * @param antiExpert the untuned one, with the same tokens at the same ids as far as both have
   *     them
   * @param base the base's tokenizer
   * @param baseModel the base
   * @param candidates of how many of the base's likeliest tokens the bytes are looked up
   * @return expert and anti-expert
   * @throws IllegalArgumentException if the bytes of a tokenizer's tokens depend on others
   */
  public static List<RetokenizedModel> pair(
      LogitModel expert,
      LogitModel antiExpert,
      Tokenizer base,
      LogitModel baseModel,
      int candidates) {
    ByteVocabulary both =
        new ByteVocabulary(
            expert.tokenizer().orElseThrow(), Math.min(expert.width(), antiExpert.width()));
    TokenMap map =
        new TokenMap(
                both,
                Sets.union(expert.endOfTextIds(), antiExpert.endOfTextIds()),
                new ByteVocabulary(base, baseModel.width()),
                baseModel.endOfTextIds())
            .complete();
    ByteEncoder encoder = new ByteEncoder(both);
    return List.of(
        new RetokenizedModel(expert, map, encoder, candidates),
        new RetokenizedModel(antiExpert, map, encoder, candidates));
  }

  /**
   * Whether an id is the base's, or one of the model's own.
   *
   * @param id any id
   * @return whether a session takes it
   */
  public boolean reads(int id) {
    return id >= 0 && id < map.base().width() + own().width();
  }

  TokenMap map() {
    return map;
  }

  ByteEncoder encoder() {
    return encoder;
  }

  int candidates() {
    return candidates;
  }

  @Override
  public int width() {
    return map.base().width();
  }

  /** The base's ids that end a text where the model's do. */
  @Override
  public Set<Integer> endOfTextIds() {
    Set<Integer> ids = new HashSet<>();
    if (!own().endOfTextIds().isEmpty()) {
      map.ends().stream().forEach(ids::add);
    }
    own().endOfTextIds().stream()
        .filter(id -> id < map.own().width() && map.special(id) >= 0)
        .forEach(id -> ids.add(map.special(id)));
    return Set.copyOf(ids);
  }

  /** A tokenizer of the model's own ids, from the base's width on. */
  @Override
  public Optional<Tokenizer> tokenizer() {
    return own().tokenizer().map(tokenizer -> new RetokenizedTokenizer(tokenizer, width()));
  }

  @Override
  public LogitSession newSession(int capacity) {
    return new RetokenizedSession(
        this, new OwnText(map, encoder), capacity, own().newSession(capacity), new int[0]);
  }

  /**
   * Whether more of a text surely fits into the model's context.
   *
   * @param session a session of this model
   * @param unread what it has yet to read
   * @param more what is to come behind that
   * @return whether it does, however the model splits it
   */
  public static boolean hasRoomFor(LogitSession session, int[] unread, int[] more) {
    return ((RetokenizedSession) session).hasRoomFor(unread, more);
  }

  /** A segment whose tokens are read up to a row after the other. */
  private static final class Work {
    private final RetokenizedSession session;
    private final Segment segment;
    private final int before;
    private int next;

    private Work(RetokenizedSession session, Segment segment) {
      this.session = session;
      this.segment = segment;
      this.before = session.position();
    }

    private boolean isDone() {
      return next == segment.tokens().length;
    }

    private void advance() {
      int end = segment.rows() == Rows.ALL ? next + 1 : segment.tokens().length;
      while (next < end) {
        session.append(segment.tokens()[next++]);
      }
    }

    private boolean needsRow() {
      return segment.rows() != Rows.NONE;
    }
  }

  @Override
  public Logits forward(List<Segment> segments) {
    checkArgument(!segments.isEmpty(), "a forward pass needs at least one segment, got none");
    List<Work> works = new ArrayList<>();
    boolean done = false;
    try {
      acquire(segments, works);
      works.forEach(this::check);
      IdentityHashMap<Work, List<Place>> places = new IdentityHashMap<>();
      works.forEach(work -> places.put(work, new ArrayList<>()));
      while (works.stream().anyMatch(work -> !work.isDone())) {
        readOn(works.stream().filter(work -> !work.isDone()).toList(), places);
      }
      done = true;
      return new RetokenizedRows(
          this, works.stream().flatMap(work -> places.get(work).stream()).toList());
    } finally {
      for (Work work : works) {
        if (!done) {
          work.session.undo(work.before);
        }
        work.session.release();
      }
    }
  }

  private void acquire(List<Segment> segments, List<Work> works) {
    Set<LogitSession> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Segment segment : segments) {
      LogitSession session = segment.session();
      checkArgument(
          session.source() == this && session instanceof RetokenizedSession,
          "a session of source '%s' was passed to source '%s'",
          session.source().name(),
          name());
      checkArgument(seen.add(session), "a session is in two segments of one forward pass");
      RetokenizedSession ours = (RetokenizedSession) session;
      ours.acquire();
      works.add(new Work(ours, segment));
    }
  }

  private void check(Work work) {
    int count = work.segment.tokens().length;
    checkArgument(
        count <= work.session.capacity() - work.session.position(),
        "%s tokens do not fit at position %s of a session of source '%s' with capacity %s",
        count,
        work.session.position(),
        name(),
        work.session.capacity());
    for (int id : work.segment.tokens()) {
      checkArgument(
          reads(id),
          "source '%s': token id must be in [0, %s), got %s",
          name(),
          map.base().width() + own().width(),
          id);
    }
  }

  /** Each reads up to its next row. */
  private void readOn(List<Work> works, IdentityHashMap<Work, List<Place>> places) {
    List<Reading> readings = new ArrayList<>();
    for (Work work : works) {
      work.advance();
      readings.add(work.session.prepare(work.needsRow()));
    }
    List<Segment> without = readings.stream().flatMap(each -> each.without().stream()).toList();
    if (!without.isEmpty()) {
      run(without).close();
    }
    List<Segment> with = readings.stream().flatMap(each -> each.with().stream()).toList();
    try (Logits rows = with.isEmpty() ? Logits.of(own().width()) : run(with)) {
      int row = 0;
      for (int i = 0; i < readings.size(); i++) {
        List<OwnRow> fresh = new ArrayList<>();
        for (int token = readings.get(i).rowsFrom(); token < readings.get(i).to(); token++) {
          fresh.add(OwnRow.of(rows, row++, own().logitCap()));
        }
        works.get(i).session.afterRead(readings.get(i), fresh);
        if (works.get(i).needsRow()) {
          places.get(works.get(i)).add(place(works.get(i).session, readings.get(i)));
        }
      }
    }
  }

  private Place place(RetokenizedSession session, Reading reading) {
    if (reading.trunk().length() == 0) {
      throw new ModelException(
          String.format(
              "the text has nothing that '%s' can read in tokens of its own: begin with a text, not"
                  + " with special tokens alone",
              name()));
    }
    return session.place(reading.trunk());
  }

  /** The sessions of these segments are the model's own. */
  Logits run(List<Segment> segments) {
    return checked(own().forward(segments), segments);
  }
}
