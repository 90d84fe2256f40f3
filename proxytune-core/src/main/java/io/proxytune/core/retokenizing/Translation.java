package io.proxytune.core.retokenizing;

import io.proxytune.core.retokenizing.ByteVocabulary.Range;
import io.proxytune.core.retokenizing.RetokenizedSession.Place;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a model says of the base's next token, from what it says of its own: the probability of each
 * own token goes to the token of the base that a text begins with that goes on so. For one thread.
 */
final class Translation {
  /** Of ids without an offset: the same for expert and anti-expert, and no probability. */
  static final float UNMAPPED = -1e4f;

  private final TokenMap map;
  private final ByteEncoder encoder;
  private final Place place;
  private final Trunk trunk;
  private final Set<Integer> ends;
  private final Map<Integer, Spelling> spellings = new HashMap<>();

  /** The base's tokens that were looked up by their bytes. */
  private final BitSet lookedUp = new BitSet();

  Translation(RetokenizedModel model, Place place) {
    this.map = model.map();
    this.encoder = model.encoder();
    this.ends = model.own().endOfTextIds();
    this.place = place;
    this.trunk = place.trunk();
  }

  /** Own tokens behind a beginning of the text, and what is spelled by them. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Path(Trunk trunk, int position, int[] ids, Spelling[] spellings) {}

  /**
   * Looks up how one of the base's tokens is spelled here.
   *
   * @param baseId one of the base's likeliest tokens; own ones may spell it with others even where
   *     one has the same bytes
   * @param longest the most own tokens that are read for it
   * @return what has to be read for it; nothing where that is read for another, or not needed
   */
  List<Path> lookUp(int baseId, int longest) {
    byte[] bytes = map.base().bytes(baseId);
    Spelled spelled = bytes.length == 0 ? null : spelled(bytes);
    if (spelled == null || spelled.ids.length > longest) {
      return List.of();
    }
    lookedUp.set(baseId);
    int count = spelled.ids.length - 1;
    Spelling[] begun = new Spelling[count];
    Spelling at = spellings.computeIfAbsent(spelled.position, p -> new Spelling(map.own()));
    int end = -trunk.behind(spelled.position).length;
    for (int i = 0; i < count; i++) {
      at = at.child(spelled.ids[i]);
      end += map.own().bytes(spelled.ids[i]).length;
      at.add(baseId, Arrays.copyOfRange(bytes, end, bytes.length));
      begun[i] = at;
    }
    boolean isNew = count > 0 && begun[count - 1].ask();
    Arrays.stream(begun).forEach(Spelling::ask);
    return isNew
        ? List.of(new Path(trunk, spelled.position, Arrays.copyOf(spelled.ids, count), begun))
        : List.of();
  }

  /** Own tokens that spell the text's end and one of the base's tokens behind it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Spelled(int position, int[] ids) {}

  private @Nullable Spelled spelled(byte[] bytes) {
    byte[] open = trunk.open();
    byte[] whole = Arrays.copyOf(open, open.length + bytes.length);
    System.arraycopy(bytes, 0, whole, open.length, bytes.length);
    int[] ids = encoder.encode(whole);
    int[] before = Arrays.copyOfRange(trunk.ids(), trunk.openFrom(), trunk.length());
    int mismatch = Arrays.mismatch(before, ids);
    int common = mismatch < 0 ? before.length : mismatch;
    int position = trunk.openFrom() + common;
    boolean goesOn =
        position >= place.lowest()
            && common < ids.length
            && (map.own().bytes(ids[common]).length > trunk.behind(position).length)
            && map.own().bytes(ids, 0, ids.length).length == whole.length;
    return goesOn
        ? new Spelled(position, Arrays.copyOfRange(ids, common, ids.length))
        : spelledBehind(bytes);
  }

  /** Where the text would have had other tokens before: as if it could not. */
  private @Nullable Spelled spelledBehind(byte[] bytes) {
    int[] ids = encoder.encode(bytes);
    boolean isWhole =
        map.own().bytes(ids, 0, ids.length).length == bytes.length
            && trunk.behind(trunk.length()).length == 0;
    return isWhole ? new Spelled(trunk.length(), ids) : null;
  }

  /** The log-probability of each of the base's tokens. */
  float[] row() {
    double[] masses = new double[map.base().width()];
    double total = addAll(masses);
    float[] row = new float[masses.length];
    for (int id = 0; id < row.length; id++) {
      boolean isMapped = map.isMapped(id) || lookedUp.get(id);
      row[id] = isMapped && masses[id] > 0 ? (float) Math.log(masses[id] / total) : missing(id);
    }
    return row;
  }

  /** A token that is there and can't come, or none. */
  private float missing(int id) {
    return map.isMapped(id) ? (float) Math.log(Double.MIN_VALUE) : UNMAPPED;
  }

  private double addAll(double[] masses) {
    double total = 0;
    double weight = 1;
    for (int at = place.lowest(); at < trunk.length(); at++) {
      OwnRow row = place.rows().get(at - place.lowest());
      total += addLonger(masses, at, row, weight);
      weight *= row.probability(trunk.ids()[at]);
    }
    OwnRow last = place.rows().get(trunk.length() - place.lowest());
    double least = total == 0 ? Math.max(weight, Double.MIN_NORMAL) : weight;
    return total
        + (trunk.behind(trunk.length()).length > 0
            ? addLonger(masses, trunk.length(), last, least)
            : addNext(masses, last, least));
  }

  /** Adds own tokens in whose place the text has shorter ones yet. */
  private double addLonger(double[] masses, int position, OwnRow row, double weight) {
    byte[] behind = trunk.behind(position);
    Range range = map.own().startingWith(behind);
    double total = 0;
    for (int at = range.from(); at < range.to(); at++) {
      int id = map.own().id(at);
      if (map.own().bytes(id).length > behind.length) {
        total += add(masses, position, id, weight * row.probability(id));
      }
    }
    return total;
  }

  private double add(double[] masses, int position, int id, double mass) {
    int next = trunk.next(position, id);
    if (next == Trunk.CONTRADICTION) {
      return 0;
    }
    Spelling root = spellings.get(position);
    Spelling begun = root == null ? null : root.find(id);
    if (begun != null) {
      begun.share(masses, next, mass);
    } else if (next >= 0) {
      masses[next] += mass;
    }
    return mass;
  }

  /** Adds own tokens behind the whole text, those that end it too. */
  private double addNext(double[] masses, OwnRow row, double weight) {
    Range all = map.own().all();
    for (int at = all.from(); at < all.to(); at++) {
      int id = map.own().id(at);
      add(masses, trunk.length(), id, weight * row.probability(id));
    }
    for (int id = 0; id < map.own().width(); id++) {
      if (map.special(id) >= 0) {
        masses[map.special(id)] += weight * row.probability(id);
      }
    }
    addEnds(masses, row, weight);
    return weight;
  }

  private void addEnds(double[] masses, OwnRow row, double weight) {
    double all = 0;
    for (int id : ends) {
      double mass = weight * row.probability(id);
      boolean isAdded =
          id < map.own().width() && (map.special(id) >= 0 || map.own().bytes(id).length > 0);
      if (!isAdded && map.otherEnd() >= 0) {
        masses[map.otherEnd()] += mass;
      }
      all += mass;
    }
    double ended = all;
    map.ends().stream().forEach(id -> masses[id] = ended);
  }
}
