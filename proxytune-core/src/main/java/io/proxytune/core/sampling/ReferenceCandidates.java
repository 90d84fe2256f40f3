package io.proxytune.core.sampling;

import io.proxytune.CandidateSet;
import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Blend.Term;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** The candidates of a row, by sorting it. */
final class ReferenceCandidates {
  private ReferenceCandidates() {}

  /**
   * The ids that may keep a probability; all of a row that is not usable.
   *
   * @param own the base's own row
   * @param index which row it is
   */
  static BitSet of(Blend blend, float[] own, int index) {
    CandidateSet set = blend.candidates();
    BitSet all = new BitSet();
    all.set(0, own.length);
    if (set.equals(CandidateSet.all()) || !RowChecks.isUsable(RowChecks.largest(own))) {
      return all;
    }
    if (set instanceof CandidateSet.OfBase base) {
      return ids(sorted(own), filter(base));
    }
    float[] other = blend.terms().isEmpty() ? own : other(blend, own, index);
    if (!RowChecks.isUsable(RowChecks.largest(other))) {
      return all;
    }
    return ofTwo(set, sorted(own), sorted(other));
  }

  private static BitSet ofTwo(CandidateSet set, Candidates first, Candidates second) {
    if (set instanceof CandidateSet.Common common) {
      return common(common.count(), first.ids(), second.ids());
    }
    boolean both = set instanceof CandidateSet.InBothTop;
    int k =
        set instanceof CandidateSet.InBothTop top ? top.k() : ((CandidateSet.InEitherTop) set).k();
    StandardSampler filter = filter(new CandidateSet.OfBase(k, 1, 0));
    BitSet ids = ids(first, filter);
    if (both) {
      ids.and(ids(second, filter));
    } else {
      ids.or(ids(second, filter));
    }
    return ids;
  }

  /** What is computed on a sampler's rows is computed here. */
  private static StandardSampler filter(CandidateSet.OfBase set) {
    return new StandardSampler(1, set.topK(), set.topP(), set.plausible(), 1);
  }

  private static Candidates sorted(float[] row) {
    return Candidates.ofRow(row, new Scale(RowChecks.largest(row), 1));
  }

  private static BitSet ids(Candidates row, StandardSampler filter) {
    return bits(Arrays.stream(Filters.apply(row, filter).ids()));
  }

  private static BitSet bits(IntStream ids) {
    BitSet bits = new BitSet();
    ids.forEach(bits::set);
    return bits;
  }

  /** The row of the first term's source, of those of its ids that the base may give. */
  private static float[] other(Blend blend, float[] own, int index) {
    Term term = blend.terms().get(0);
    float[] row = RowChecks.read(term.source().rows(), index);
    float[] other = new float[own.length];
    Arrays.fill(other, Float.NEGATIVE_INFINITY);
    for (int id = 0; id < blend.end(term); id++) {
      if (own[id] > Float.NEGATIVE_INFINITY && term.sharedIds().contains(id)) {
        other[id] = row[id];
      }
    }
    return other;
  }

  private static BitSet common(int count, int[] first, int[] second) {
    int[] ranks = ranks(second);
    int[] needed = // the k that an id of the first comes with
        IntStream.range(0, first.length)
            .map(rank -> Math.max(rank, rank(ranks, first[rank])))
            .toArray();
    int[] known = Arrays.stream(needed).filter(k -> k < Integer.MAX_VALUE).sorted().toArray();
    int last = known.length == 0 ? -1 : known[Math.min(count, known.length) - 1];
    return bits(
        IntStream.range(0, first.length)
            .filter(rank -> needed[rank] <= last)
            .map(rank -> first[rank]));
  }

  private static int rank(int[] ranks, int id) {
    return id < ranks.length ? ranks[id] : Integer.MAX_VALUE;
  }

  private static int[] ranks(int[] ids) {
    int[] ranks = new int[Arrays.stream(ids).max().orElse(-1) + 1];
    Arrays.fill(ranks, Integer.MAX_VALUE);
    for (int rank = 0; rank < ids.length; rank++) {
      ranks[ids[rank]] = rank;
    }
    return ranks;
  }
}
