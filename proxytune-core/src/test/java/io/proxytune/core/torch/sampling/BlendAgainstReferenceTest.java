package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion.Space;
import io.proxytune.core.sampling.Blend;
import io.proxytune.core.sampling.Blend.Source;
import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.ReferenceLogitMath;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Blends over LibTorch against the definition, on random rows. */
@Tag("slow")
@Tag("processor")
class BlendAgainstReferenceTest {
  private static final List<CandidateSet> SETS =
      List.of(
          CandidateSet.all(),
          CandidateSet.topK(7),
          CandidateSet.topP(0.9),
          CandidateSet.plausible(0.1),
          CandidateSet.inBothTop(60),
          CandidateSet.inEitherTop(3),
          CandidateSet.common(5));

  private final ReferenceLogitMath reference = new ReferenceLogitMath();
  private final TorchLogitMath math = new TorchLogitMath();
  private final Random random = new Random(31);
  private final List<TorchLogits> made = new ArrayList<>();

  private float[] row(int width) {
    float[] row = new float[width];
    for (int id = 0; id < width; id++) {
      row[id] =
          random.nextInt(25) == 0 ? Float.NEGATIVE_INFINITY : (float) (3 * random.nextGaussian());
    }
    row[0] = 1;
    return row;
  }

  private Logits rows(int count, int width) {
    return Logits.of(
        width, IntStream.range(0, count).mapToObj(r -> row(width)).toArray(float[][]::new));
  }

  private Source onDevice(Source source) {
    ScalarType type = random.nextBoolean() ? ScalarType.Float : ScalarType.Double;
    try (TorchScope scope = TorchScope.open()) {
      TorchLogits rows = new TorchLogits(HeapTensors.upload(source.rows()).to(type));
      made.add(rows);
      return new Source(rows, source.cap());
    }
  }

  @AfterEach
  void free() {
    made.forEach(TorchLogits::close);
  }

  private IdRange ids(int width) {
    if (random.nextBoolean()) {
      return IdRange.below(width - 10 + random.nextInt(20));
    }
    BitSet ids = new BitSet();
    ids.set(0, width - random.nextInt(10));
    random.ints(4, 1, width).forEach(ids::clear);
    return IdRange.of(ids);
  }

  private OptionalDouble cap() {
    return random.nextInt(3) == 0 ? OptionalDouble.of(5) : OptionalDouble.empty();
  }

  private Blend randomBlend(Space space, CandidateSet set) {
    int width = 40 + random.nextInt(300);
    int count = 1 + random.nextInt(4);
    List<Term> terms = new ArrayList<>();
    for (int term = random.nextInt(4); term > 0; term--) {
      terms.add(
          new Term(
              new Source(rows(count, width + random.nextInt(20) - 10), cap()),
              random.nextBoolean()
                  ? Optional.empty()
                  : Optional.of(new Source(rows(count, width + random.nextInt(20) - 10), cap())),
              random.nextInt(6) == 0 ? 0 : random.nextGaussian(),
              ids(width)));
    }
    Source base = new Source(rows(count, width), cap());
    return new Blend(base, terms, space, set, ids(width));
  }

  private Blend onDevice(Blend blend) {
    List<Term> terms =
        blend.terms().stream()
            .map(
                term ->
                    new Term(
                        onDevice(term.source()),
                        term.against().map(this::onDevice),
                        term.weight(),
                        term.sharedIds()))
            .toList();
    return new Blend(onDevice(blend.base()), terms, blend.space(), blend.candidates(), blend.ids());
  }

  @Test
  void blendsTheSameRows() {
    for (Space space : Space.values()) {
      for (CandidateSet set : SETS) {
        for (int trial = 0; trial < 25; trial++) {
          Blend blend = randomBlend(space, set);
          double[] strengths =
              random.doubles(blend.base().rows().rows(), -1, 2).map(this::sometimesWhole).toArray();
          Logits expected = reference.fuse(blend, strengths);
          try (Logits actual = math.fuse(onDevice(blend), strengths)) {
            for (int row = 0; row < expected.rows(); row++) {
              assertThat(actual.row(row))
                  .as("%s %s, trial %s, row %s", space, set, trial, row)
                  .containsExactly(expected.row(row), within(1e-5f));
            }
          }
        }
      }
    }
  }

  @Test
  void matchesTheSameStrengths() {
    for (int trial = 0; trial < 60; trial++) {
      Blend any = randomBlend(trial % 2 == 0 ? Space.LOGITS : Space.LOG_PROBABILITIES, SETS.get(0));
      int count = any.base().rows().rows();
      Source expert = new Source(rows(count, any.base().rows().width() - 5), cap());
      Source antiExpert = new Source(rows(count, any.base().rows().width() + 5), cap());
      IdRange ids = ids(any.base().rows().width());
      double weight = random.nextGaussian();
      Term pair = new Term(expert, Optional.of(antiExpert), weight, ids);
      Blend blend = new Blend(any.base(), List.of(pair), any.space(), any.candidates(), any.ids());
      assertThat(math.matchedStrengths(onDevice(blend), 3))
          .as("trial %s", trial)
          .containsExactly(reference.matchedStrengths(blend, 3), within(1e-8));
    }
  }

  private double sometimesWhole(double strength) {
    return random.nextBoolean() ? strength : Math.rint(strength);
  }

  @Test
  void aRowIsBlendedTheSameInABatchAndAlone() {
    for (Space space : Space.values()) {
      for (CandidateSet set : SETS) {
        Logits base = rows(5, 30_011);
        Logits expert = rows(5, 30_001);
        double[] strengths = {1, 0.5, 0, -2, 1};
        try (Logits batch = math.fuse(blend(space, set, base, expert), strengths)) {
          for (int row = 0; row < 5; row++) {
            Blend one = blend(space, set, only(base, row), only(expert, row));
            try (Logits alone = math.fuse(one, new double[] {strengths[row]})) {
              assertThat(alone.row(0)).as("%s %s", space, set).containsExactly(batch.row(row));
            }
          }
        }
      }
    }
  }

  private static Logits only(Logits logits, int row) {
    return Logits.of(logits.width(), logits.row(row));
  }

  private static Blend blend(Space space, CandidateSet set, Logits base, Logits expert) {
    IdRange ids = IdRange.below(30_000);
    Source rows = new Source(base, OptionalDouble.empty());
    Source expertRows = new Source(expert, OptionalDouble.empty());
    Term pair = new Term(expertRows, Optional.of(rows), 0.7, ids);
    return new Blend(rows, List.of(pair), space, set, ids);
  }
}
