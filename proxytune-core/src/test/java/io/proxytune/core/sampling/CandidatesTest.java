package io.proxytune.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Doubles;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static final int WIDTH = 60;
  private static final int LISTED = 8;
  private static final Scale SCALE = new Scale(3, 0.8);

  /** Few distinct values, so that tokens tie; some are banned. */
  private static double[] logits(Random random) {
    return random
        .doubles(WIDTH)
        .map(value -> value < 0.1 ? Double.NEGATIVE_INFINITY : Math.round(value * 6) - 3)
        .toArray();
  }

  private static Candidates of(double[] logits, int... ids) {
    double[] own = IntStream.of(ids).mapToDouble(id -> logits[id]).toArray();
    return Candidates.ofSome(own, IntStream.of(ids).asDoubleStream().toArray(), SCALE, 0);
  }

  @Test
  void aDrawFromTwoListsIsOneFromBothTogether() {
    Random random = new Random(3);
    int fromOthers = 0;
    for (int round = 0; round < 2000; round++) {
      double[] logits = logits(random);
      int[] listed = random.ints(LISTED, 0, WIDTH).distinct().toArray();
      int[] others = random.ints(2 * LISTED, 0, WIDTH).distinct().toArray();
      Candidates candidates = of(logits, listed);
      if (candidates.size() == 0) {
        continue;
      }
      long key = Noise.key(random.nextLong(), round);
      double[] otherLogits =
          Doubles.toArray(IntStream.of(others).mapToObj(i -> logits[i]).toList());
      int drawn = candidates.draw(key, otherLogits, others, SCALE);
      int[] all = IntStream.concat(IntStream.of(listed), IntStream.of(others)).distinct().toArray();
      assertThat(drawn).isEqualTo(of(logits, all).draw(key));
      fromOthers += IntStream.of(listed).anyMatch(id -> id == drawn) ? 0 : 1;
    }
    assertThat(fromOthers).isBetween(500, 1500);
  }
}
