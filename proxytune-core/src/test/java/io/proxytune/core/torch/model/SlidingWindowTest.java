package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.LoadOptions;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.SlidingWindows;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences that keep their windows alone, beside the same that keep all. */
@Tag("processor")
class SlidingWindowTest {
  private static final int CONTEXT = 4_000;
  private static final double TOLERANCE = 2e-5;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** The same text twice. */
  private record Twice(LogitSession sliding, LogitSession whole) {
    int position() {
      return whole.position();
    }

    void truncate(int position) {
      sliding.truncate(position);
      whole.truncate(position);
    }

    void close() {
      sliding.close();
      whole.close();
    }
  }

  /** Two models with the same random weights. */
  private record Models(TorchModel sliding, TorchModel whole, Random random) {
    Twice session() {
      return new Twice(sliding.newSession(CONTEXT), whole.newSession(CONTEXT));
    }

    /** Reads tokens of some texts: the largest difference of logits, in parts of them. */
    double read(int count, Segment.Rows rows, Twice... texts) {
      List<Segment> ones = new ArrayList<>();
      List<Segment> others = new ArrayList<>();
      for (Twice text : texts) {
        int[] ids = random.ints(count, 0, RandomDecoder.VOCABULARY).toArray();
        ones.add(new Segment(text.sliding(), ids, rows));
        others.add(new Segment(text.whole(), ids, rows));
      }
      try (Logits actual = sliding.forward(ones);
          Logits expected = whole.forward(others)) {
        return distance(actual, expected);
      }
    }

    private static double distance(Logits actual, Logits expected) {
      double worst = 0;
      double largest = 1e-9;
      for (int row = 0; row < expected.rows(); row++) {
        float[] one = actual.row(row);
        float[] other = expected.row(row);
        for (int id = 0; id < one.length; id++) {
          worst = Math.max(worst, Math.abs(one[id] - other[id]));
          largest = Math.max(largest, Math.abs(other[id]));
        }
      }
      return worst / largest;
    }
  }

  /** On the thread that computes, which weights of a test live on. */
  private static void with(int seed, Consumer<Models> test) {
    with(seed, weights -> weights, test);
  }

  private static void with(int seed, UnaryOperator<RandomWeights> kept, Consumer<Models> test) {
    Random random = new Random(seed);
    DecoderSpec spec = RandomDecoder.windowed(random, seed % 2 == 0, CONTEXT);
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          RandomWeights weights = kept.apply(RandomWeights.of(spec, RandomDecodersTest.plain()));
          try (TorchModel sliding = model(spec, weights, true);
              TorchModel whole = model(spec, weights, false)) {
            assertThat(sliding.sessionBytes(CONTEXT)).isLessThan(whole.sessionBytes(CONTEXT));
            test.accept(new Models(sliding, whole, random));
          }
          return null;
        });
  }

  private static TorchModel model(DecoderSpec spec, Pieces pieces, boolean slides) {
    return RandomDecodersTest.model(
        spec,
        Placement.of(TorchDevice.CPU, spec.layers().size()),
        List.of(pieces),
        LoadOptions.defaults().withMemoryCheck(false).withSlidingWindowCache(slides));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void theyComputeTheSame(int seed) {
    with(
        seed,
        models -> {
          Twice one = models.session();
          Twice other = models.session();
          Random random = models.random();
          for (int round = 0; one.position() < CONTEXT - 600; round++) {
            String what = "seed %s, round %s, position %s".formatted(seed, round, one.position());
            int count = round % 3 == 0 ? 1 + random.nextInt(500) : 1 + random.nextInt(6);
            assertThat(models.read(count, Segment.Rows.LAST, one)).as(what).isLessThan(TOLERANCE);
            assertThat(models.read(1, Segment.Rows.ALL, one, other)).as(what).isLessThan(TOLERANCE);
            one.truncate(one.position() - Math.min(one.position(), random.nextInt(9)));
          }
          one.close();
          other.close();
        });
  }

  private static RandomWeights inBFloat16(RandomWeights weights) {
    Linears linears = Linears.on(TorchDevice.CPU, ScalarType.BFloat16, WeightLayout.PACKED);
    LinearFactory heads = Heads.on(TorchDevice.CPU, ScalarType.BFloat16, linears);
    return weights.in(ScalarType.BFloat16, linears, heads);
  }

  /** Attention reads blocks of tokens there, which windows must not cut otherwise. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void theyComputeTheSameInBFloat16(int seed) {
    with(
        seed,
        SlidingWindowTest::inBFloat16,
        models -> {
          Twice text = models.session();
          Random random = models.random();
          for (int round = 0; text.position() < 2_500; round++) {
            String what = "seed %s, round %s".formatted(seed, round);
            int count = round % 2 == 0 ? 1 + random.nextInt(500) : 1 + random.nextInt(6);
            assertThat(models.read(count, Segment.Rows.LAST, text)).as(what).isLessThan(1e-6);
          }
          text.close();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void theyAreCutAndForkedAnywhere(int seed) {
    with(
        seed,
        models -> {
          Random random = models.random();
          Twice text = models.session();
          for (int round = 0; round < 12; round++) {
            int count = Math.min(1 + random.nextInt(700), CONTEXT - text.position() - 10);
            models.read(count, Segment.Rows.NONE, text);
            int at = random.nextInt(text.position() + 1);
            String what = "seed %s, round %s, %s of %s".formatted(seed, round, at, text.position());
            Twice next =
                switch (round % 3) {
                  case 0 ->
                      new Twice(text.sliding().fork(at, CONTEXT), text.whole().fork(at, CONTEXT));
                  case 1 ->
                      new Twice(text.sliding().copy(at, CONTEXT), text.whole().copy(at, CONTEXT));
                  default -> text;
                };
            if (next.equals(text)) {
              text.truncate(at);
            } else {
              assertThat(models.read(2, Segment.Rows.ALL, text)).as(what).isLessThan(TOLERANCE);
              text.close();
            }
            assertThat(models.read(2, Segment.Rows.ALL, next)).as(what).isLessThan(TOLERANCE);
            text = next;
          }
          text.close();
        });
  }

  /** More at once than there is room for. */
  @Test
  void aPassMayReadMoreThanAWindow() {
    with(
        3,
        models -> {
          Twice text = models.session();
          for (int count : new int[] {1_500, 1, 1_800, 3}) {
            assertThat(models.read(count, Segment.Rows.LAST, text)).isLessThan(TOLERANCE);
          }
          text.close();
        });
  }

  /** Whatever a pass took is given back, but for what is needed to cut the text as ever. */
  @Test
  void theirMemoryIsThatOfTheWindowBehindALargePass() {
    with(
        3,
        models -> {
          Twice text = models.session();
          TorchSession session = (TorchSession) text.sliding();
          for (int count : new int[] {1_500, 1_800}) {
            models.read(count, Segment.Rows.NONE, text);
            assertThat(session.cache().ownBytes())
                .isEqualTo(models.sliding().sessionBytes(CONTEXT));
            assertThat(session.holds(session.position() - SlidingWindows.MOST_CUT)).isTrue();
          }
          text.truncate(text.position() - SlidingWindows.MOST_CUT);
          assertThat(models.read(2, Segment.Rows.ALL, text)).isLessThan(TOLERANCE);
          text.close();
        });
  }

  @Test
  void aForksMemoryIsThatOfTheWindowBehindALargePass() {
    with(
        3,
        models -> {
          Twice text = models.session();
          models.read(900, Segment.Rows.NONE, text);
          Twice fork = new Twice(text.sliding().fork(CONTEXT), text.whole().fork(CONTEXT));
          assertThat(models.read(1_500, Segment.Rows.LAST, fork)).isLessThan(TOLERANCE);
          assertThat(((TorchSession) fork.sliding()).cache().ownBytes())
              .isLessThanOrEqualTo(models.sliding().forkBytes(900, CONTEXT));
          assertThat(models.read(1, Segment.Rows.ALL, text, fork)).isLessThan(TOLERANCE);
          fork.close();
          text.close();
        });
  }

  @Test
  void theirMemoryIsThatOfTheWindow() {
    with(
        1,
        models -> {
          TorchModel sliding = models.sliding();
          assertThat(sliding.sessionBytes(800)).isEqualTo(models.whole().sessionBytes(800));
          assertThat(sliding.sessionBytes(CONTEXT))
              .isLessThan(models.whole().sessionBytes(CONTEXT));
          Twice text = models.session();
          for (int i = 0; i < 7; i++) {
            models.read(500, Segment.Rows.NONE, text);
            long bytes = ((TorchSession) text.sliding()).cache().ownBytes();
            assertThat(bytes).isEqualTo(sliding.sessionBytes(CONTEXT));
          }
          text.close();
        });
  }

  /** What drafts need is there, and what is not is read again once. */
  @Test
  void onlyWhatIsLostIsReadAgain() {
    with(
        2,
        models -> {
          Twice text = models.session();
          for (int part = 0; part < 3; part++) {
            models.read(500, Segment.Rows.NONE, text);
          }
          KvCache cache = ((TorchSession) text.sliding()).cache();
          assertThat(cache.holds(1_500 - SlidingWindows.MOST_CUT)).isTrue();
          assertThat(cache.holds(700)).isFalse();
          text.truncate(700);
          models.read(1, Segment.Rows.LAST, text);
          assertThat(cache.holds(1)).isTrue();
          text.close();
        });
  }

  /** As prompts are kept: up to their last block of 128 tokens, when all of them were read. */
  @Test
  void whatIsKeptOfAPromptIsThere() {
    with(
        4,
        models -> {
          Twice text = models.session();
          for (int part = 0; part < 2; part++) {
            models.read(500, Segment.Rows.NONE, text);
          }
          TorchSession kept = (TorchSession) text.sliding().copy(896, 896);
          text.close();
          assertThat(kept.holds(896)).isTrue();
          assertThat(kept.holds(768)).isTrue();
          assertThat(kept.holds(128)).isFalse();
          assertThat(kept.holds(0)).as("nothing is missing of nothing").isTrue();
          TorchSession early = (TorchSession) kept.copy(128, 200);
          assertThat(early.holds(128)).as("not read again yet").isFalse();
          early.close();
          kept.close();
        });
  }
}
