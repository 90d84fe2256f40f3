package io.proxytune.core.retokenizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.retokenizing.RowTranslator.Row;
import io.proxytune.core.retokenizing.RowTranslator.Translated;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a model says in tokens of its own is told in the base's, as enumerating its texts tells. */
class TranslationTest {
  private static final List<String> LETTERS = List.of("a", "b", "c");
  private static final double ROUNDING = 2e-6;

  private record Case(PieceTokenizer own, PieceTokenizer base, double leak, long seed) {
    /** Texts as the tokenizer splits them; others are as much less likely as the leak says. */
    float[] row(List<Integer> history) {
      float[] row = FakeModel.hashedRow(history, seed, own.width());
      row[PieceTokenizer.BEGIN] = Float.NEGATIVE_INFINITY;
      int[] before = history.stream().mapToInt(Integer::intValue).toArray();
      String text = own.decode(before, true);
      for (int id = 2; id < row.length; id++) {
        int[] ids = own.encode(text + own.piece(id), true);
        boolean canonical =
            ids.length == before.length + 1
                && ids[ids.length - 1] == id
                && Arrays.equals(ids, 0, before.length, before, 0, before.length);
        row[id] = canonical ? row[id] : (float) (row[id] + Math.log(leak));
      }
      return row;
    }

    double[] probabilities(List<Integer> history) {
      float[] row = row(history);
      double sum = 0;
      for (float logit : row) {
        sum += Math.exp(logit);
      }
      double[] probabilities = new double[row.length];
      for (int id = 0; id < row.length; id++) {
        probabilities[id] = Math.exp(row[id]) / sum;
      }
      return probabilities;
    }

    FunctionLogitSource model() {
      return FunctionLogitSource.of("own", own.width(), 60, this::row)
          .withTokenizer(own)
          .withEndOfTextIds(Set.of(PieceTokenizer.END));
    }

    FunctionLogitSource baseModel() {
      return FunctionLogitSource.of("base", base.width(), 60, ids -> new float[base.width()])
          .withTokenizer(base)
          .withEndOfTextIds(Set.of(PieceTokenizer.END));
    }

    RetokenizedModel retokenized(int candidates) {
      return RetokenizedModel.pair(model(), model(), base, baseModel(), candidates).get(0);
    }

    Translated translate(int[] text, int candidates) {
      RetokenizedModel model = retokenized(candidates);
      try (LogitSession session = model.newSession(50);
          Logits rows = model.forward(List.of(new Segment(session, text, Rows.LAST)))) {
        return new RowTranslator(model)
            .translate(List.of(new Row(rows, 0)), Logits.of(base.width(), new float[base.width()]));
      }
    }

    /** Half of what the probabilities differ by. */
    double distance(int[] text) {
      float[] row = translate(text, base.width()).logits().row(0);
      double[] wanted = new PathEnumeration(own, base, this::probabilities).next(text);
      double distance = 0;
      for (int id = 0; id < row.length; id++) {
        distance += Math.abs(Math.exp(row[id]) - wanted[id]) / 2;
      }
      return distance;
    }

    /** The largest error of a log-probability. */
    double error(int[] text) {
      float[] row = translate(text, base.width()).logits().row(0);
      double[] wanted = new PathEnumeration(own, base, this::probabilities).next(text);
      double error = 0;
      for (int id = 1; id < row.length; id++) {
        if (wanted[id] > 0) {
          error = Math.max(error, Math.abs(row[id] - Math.log(wanted[id])));
        } else {
          error = Math.max(error, row[id] > -50 ? 99 : 0);
        }
      }
      return error;
    }
  }

  private static PieceTokenizer letters() {
    return new PieceTokenizer(LETTERS);
  }

  /** The letters, and some longer pieces of them. */
  private static PieceTokenizer merged(Random random, int count, int longest) {
    Set<String> pieces = new LinkedHashSet<>(LETTERS);
    while (pieces.size() < LETTERS.size() + count) {
      StringBuilder piece = new StringBuilder();
      int length = 2 + random.nextInt(longest - 1);
      for (int i = 0; i < length; i++) {
        piece.append(LETTERS.get(random.nextInt(LETTERS.size())));
      }
      pieces.add(piece.toString());
    }
    List<String> shuffled = new ArrayList<>(pieces);
    Collections.shuffle(shuffled, random);
    return new PieceTokenizer(shuffled);
  }

  private static int[] text(Random random, PieceTokenizer base, int letters) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < letters; i++) {
      text.append(LETTERS.get(random.nextInt(LETTERS.size())));
    }
    return base.encode(text.toString(), false);
  }

  private static double largestError(Case some, Random random) {
    double error = 0;
    for (int letters = 1; letters <= 5; letters++) {
      error = Math.max(error, some.error(text(random, some.base, letters)));
    }
    return error;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 11, 21, 31, 41, 51})
  void otherPiecesOfTheSameLettersAreTranslated(long first) {
    for (long seed = first; seed < first + 10; seed++) {
      Random random = new Random(seed);
      Case some = new Case(merged(random, 5, 3), merged(random, 5, 3), 0, seed);
      assertThat(largestError(some, random)).as("seed %s", seed).isLessThan(ROUNDING);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void lettersAreTranslatedToPieces(long seed) {
    Random random = new Random(seed);
    Case some = new Case(letters(), merged(random, 6, 4), 0, seed);

    assertThat(largestError(some, random)).isLessThan(ROUNDING);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void piecesAreTranslatedToLetters(long seed) {
    Random random = new Random(seed);
    Case some = new Case(merged(random, 6, 4), letters(), 0, seed);

    assertThat(largestError(some, random)).isLessThan(ROUNDING);
  }

  /** What is left out is how a model may split a text as its tokenizer never does. */
  @Test
  void whatIsLeftOutIsAsLikelyAsOtherSplits() {
    double leak = 1e-4;
    double sum = 0;
    int texts = 0;
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      Case some = new Case(merged(random, 5, 3), merged(random, 5, 3), leak, seed);
      for (int letters = 1; letters <= 4; letters++) {
        sum += some.distance(text(random, some.base, letters));
        texts++;
      }
    }

    assertThat(sum / texts).isBetween(leak / 100, 2 * leak);
  }

  /** Of those that no own token spells alone. */
  @Test
  void onlyTheLikeliestAreLookedUp() {
    Case some = new Case(letters(), new PieceTokenizer(List.of("a", "b", "c", "ab", "bc")), 0, 1);
    int[] text = {2};
    float[] base = new float[some.base.width()];
    base[some.base.id("ab").orElseThrow()] = 1;
    RetokenizedModel model = some.retokenized(1);
    try (LogitSession session = model.newSession(9);
        Logits rows = model.forward(List.of(new Segment(session, text, Rows.LAST)))) {
      Translated translated =
          new RowTranslator(model)
              .translate(List.of(new Row(rows, 0)), Logits.of(base.length, base));

      float[] row = translated.logits().row(0);
      assertThat(row[some.base.id("ab").orElseThrow()]).isGreaterThan(-10);
      assertThat(row[some.base.id("bc").orElseThrow()]).isEqualTo(Translation.UNMAPPED);
      double all = some.base.width() - 1 + Math.E;
      assertThat(translated.effort().get(0).unmapped()).isCloseTo(1 / all, within(1e-6));
      assertThat(translated.effort().get(0).spelledTokens()).isOne();
      assertThat(rows.row(0)[some.base.id("ab").orElseThrow()]).isEqualTo(Translation.UNMAPPED);
    }
  }

  @Test
  void theSameTokensAtOtherIdsSayTheSame() {
    Random random = new Random(5);
    PieceTokenizer own = merged(random, 6, 4);
    List<String> shuffled = new ArrayList<>();
    for (int id = 2; id < own.width(); id++) {
      shuffled.add(own.piece(id));
    }
    Collections.shuffle(shuffled, random);
    PieceTokenizer base = new PieceTokenizer(shuffled);
    Case some = new Case(own, base, 1, 5);
    int[] text = text(random, base, 7);

    float[] row = some.translate(text, 0).logits().row(0);

    double[] wanted =
        some.probabilities(
            Stream.concat(
                    Stream.of(PieceTokenizer.BEGIN),
                    Arrays.stream(text).mapToObj(id -> own.id(base.piece(id)).orElseThrow()))
                .toList());
    for (int id = 2; id < base.width(); id++) {
      assertThat((double) row[id])
          .isCloseTo(Math.log(wanted[own.id(base.piece(id)).orElseThrow()]), within(ROUNDING));
    }
  }
}
