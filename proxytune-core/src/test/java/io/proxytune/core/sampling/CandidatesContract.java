package io.proxytune.core.sampling;

import static io.proxytune.Fusion.Space.LOGITS;
import static io.proxytune.Fusion.Space.PROBABILITIES;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.CandidateSet;
import io.proxytune.core.sampling.Blend.Term;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which ids a blend keeps, against formulas of a few lines. */
public abstract class CandidatesContract extends BlendMathContract {
  protected CandidatesContract(Backend backend) {
    super(backend);
  }

  private float[] candidates(CandidateSet set, float[] base, float[] expert) {
    return fuse(blend(LOGITS, set, source(base), alone(source(expert), 1e-3)), 1);
  }

  @Test
  void keepsTheBasesCandidates() {
    float[] base = row();
    float[] expert = row();
    int[] order = order(base);
    double[] p = x(PROBABILITIES, base);
    assertThat(kept(candidates(CandidateSet.topK(5), base, expert)))
        .containsExactlyInAnyOrder(Arrays.copyOf(order, 5));
    assertThat(kept(candidates(CandidateSet.plausible(0.1), base, expert)))
        .containsExactly(
            IntStream.range(0, WIDTH).filter(id -> p[id] >= 0.1 * p[order[0]]).toArray());
    int nucleus = 0;
    for (double mass = 0; mass < 0.9; nucleus++) {
      mass += p[order[nucleus]];
    }
    assertThat(kept(candidates(CandidateSet.topP(0.9), base, expert)))
        .containsExactlyInAnyOrder(Arrays.copyOf(order, nucleus));
  }

  @Test
  void plausibleAtZeroKeepsAllAndAtOneTheLikeliest() {
    float[] base = row();
    assertThat(kept(candidates(CandidateSet.plausible(0), base, row()))).hasSize(WIDTH);
    assertThat(kept(candidates(CandidateSet.plausible(1e-30), base, row()))).hasSize(WIDTH);
    assertThat(kept(candidates(CandidateSet.plausible(1), base, row())))
        .containsExactly(order(base)[0]);
  }

  private static int[] order(float[] row) {
    return IntStream.range(0, row.length)
        .boxed()
        .sorted((a, b) -> Float.compare(row[b], row[a]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static BitSet top(float[] row, int k) {
    BitSet top = new BitSet();
    Arrays.stream(order(row)).limit(k).forEach(top::set);
    return top;
  }

  @Test
  void keepsTheCandidatesOfTwoModels() {
    float[] base = row();
    float[] expert = row();
    BitSet both = top(base, 12);
    both.and(top(expert, 12));
    BitSet either = top(base, 12);
    either.or(top(expert, 12));
    assertThat(kept(candidates(CandidateSet.inBothTop(12), base, expert)))
        .containsExactly(both.stream().toArray());
    assertThat(kept(candidates(CandidateSet.inEitherTop(12), base, expert)))
        .containsExactly(either.stream().toArray());
    for (int count = 1; count <= WIDTH + 1; count++) {
      BitSet common = new BitSet();
      for (int k = 1; common.cardinality() < Math.min(count, WIDTH); k++) {
        common = top(base, k);
        common.and(top(expert, k));
      }
      assertThat(kept(candidates(CandidateSet.common(count), base, expert)))
          .as("common %s", count)
          .containsExactly(common.stream().toArray());
    }
  }

  @Test
  void whereNoCandidateIsLeftTheBaseDecides() {
    float[] base = {3, 2, 1, 0};
    float[] expert = {0, 1, 2, 3};
    Term term = new Term(source(expert), Optional.empty(), 1, IdRange.below(4));
    Blend apart =
        new Blend(source(base), List.of(term), LOGITS, CandidateSet.inBothTop(1), IdRange.below(4));
    assertThat(fuse(apart, 1)).containsExactly(base);
    Term away = new Term(source(base), Optional.empty(), -2, IdRange.below(4));
    Blend negative =
        new Blend(source(base), List.of(away), PROBABILITIES, CandidateSet.all(), IdRange.below(4));
    assertThat(fuse(negative, 1)).containsExactly(base);
  }
}
