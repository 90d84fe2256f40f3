package io.proxytune.core.sampling;

import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.Float.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ModelException;
import io.proxytune.TokenTrace.View;
import io.proxytune.model.Logits;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What rows say of an id, and how far apart they are, against the sums written out. */
public abstract class ViewContract extends LogitMathContract {
  protected ViewContract(Backend backend) {
    super(backend);
  }

  private static double[] probabilities(float[] row) {
    double[] p = new double[row.length];
    double sum = 0;
    for (int id = 0; id < row.length; id++) {
      p[id] = Math.exp(row[id]);
      sum += p[id];
    }
    for (int id = 0; id < row.length; id++) {
      p[id] /= sum;
    }
    return p;
  }

  private static float[] random(Random random, int width) {
    float[] row = new float[width];
    for (int id = 0; id < width; id++) {
      // Some are equal, and some are ruled out.
      row[id] = random.nextInt(9) == 0 ? NEGATIVE_INFINITY : random.nextInt(-40, 40) / 8f;
    }
    row[random.nextInt(width)] = 5.25f;
    return row;
  }

  @Test
  void viewsAreTheSumsWrittenOut() {
    Random random = new Random(11);
    for (int trial = 0; trial < 50; trial++) {
      int width = random.nextInt(1, 60);
      float[] row = random(random, width);
      int id = random.nextInt(width);
      double[] p = probabilities(row);
      double entropy = 0;
      int before = 0;
      int choice = 0;
      for (int i = 0; i < width; i++) {
        entropy -= p[i] == 0 ? 0 : p[i] * Math.log(p[i]);
        before += row[i] > row[id] || (row[i] == row[id] && i < id) ? 1 : 0;
        choice = row[i] > row[choice] ? i : choice;
      }
      View view = views(row, id);
      assertThat(view.logit()).isEqualTo(row[id]);
      assertThat(Math.exp(view.logprob())).isCloseTo(p[id], within(1e-9));
      assertThat(view.rank()).isEqualTo(before);
      assertThat(view.choice()).isEqualTo(choice);
      assertThat(view.entropy()).isCloseTo(entropy, within(1e-9));
    }
  }

  private View views(float[] row, int id) {
    try (Logits logits = logits(row)) {
      return math.views(logits, new int[] {id}).get(0);
    }
  }

  @Test
  void anIdBeyondTheRowComesLast() {
    try (Logits logits = logits(PEAKED)) {
      View view = math.views(logits, new int[] {9}).get(0);
      assertThat(view.logit()).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(view.logprob()).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(view.rank()).isEqualTo(8);
      assertThat(view.choice()).isEqualTo(4);
    }
  }

  @Test
  void eachRowIsViewedForItself() {
    float[] flat = new float[PEAKED.length];
    try (Logits both = logits(PEAKED, flat)) {
      List<View> views = math.views(both, new int[] {0, 7});
      assertThat(views.get(0)).isEqualTo(views(PEAKED, 0));
      assertThat(views.get(1).rank()).isEqualTo(7);
      assertThat(views.get(1).entropy()).isCloseTo(Math.log(8), within(1e-12));
    }
  }

  @Test
  void divergencesAreTheSumWrittenOut() {
    Random random = new Random(12);
    for (int trial = 0; trial < 50; trial++) {
      int width = random.nextInt(1, 60);
      float[] from = random(random, width);
      float[] to = random(random, random.nextInt(1, 60));
      double[] p = probabilities(from);
      double[] q = probabilities(to);
      double sum = 0;
      for (int id = 0; id < width; id++) {
        double other = id < to.length ? q[id] : 0;
        sum += p[id] == 0 ? 0 : p[id] * (Math.log(p[id]) - Math.log(other));
      }
      assertThat(divergence(from, to)).isCloseTo(sum, within(1e-9));
    }
  }

  private double divergence(float[] from, float[] to) {
    try (Logits p = logits(from);
        Logits q = logits(to)) {
      return math.divergences(p, q)[0];
    }
  }

  @Test
  void whatTheOtherRulesOutIsInfinitelyFar() {
    assertThat(divergence(new float[] {1, 1}, new float[] {1, NEGATIVE_INFINITY}))
        .isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(divergence(new float[] {1, 1}, new float[] {1})).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(divergence(new float[] {1, NEGATIVE_INFINITY}, new float[] {1})).isZero();
  }

  @Test
  void rowsThatAreNoNumbersAreRefused() {
    try (Logits broken = logits(new float[] {1, NaN});
        Logits whole = logits(new float[] {1, 1})) {
      assertThatThrownBy(() -> math.views(broken, new int[] {0}))
          .isInstanceOf(ModelException.class);
      assertThatThrownBy(() -> math.divergences(whole, broken)).isInstanceOf(ModelException.class);
    }
  }
}
