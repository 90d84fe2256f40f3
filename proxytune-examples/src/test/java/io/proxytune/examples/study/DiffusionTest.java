package io.proxytune.examples.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.Tokenizer;
import io.proxytune.core.training.TrainingSequence;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What diffusion models learn from, and how their texts are written. */
class DiffusionTest {
  private static final int MASK = 0;
  private static final int END = 1;
  private static final Denoising.Ids IDS = new Denoising.Ids(MASK, END);

  private static boolean[] flags(int length, IntPredicate set) {
    boolean[] flags = new boolean[length];
    IntStream.range(0, length).forEach(i -> flags[i] = set.test(i));
    return flags;
  }

  @Test
  void chatsAreFilledWithEndsAndTheirPromptsNeverHidden() {
    TrainingSequence chat = TrainingSequence.of(new int[] {5, 6, 7, 8, END}, flags(5, i -> i >= 3));
    List<TrainingSequence> rows =
        new MaskedRows(8, END, MASK, 3).ofChats(List.of(chat), 300).sequences();
    assertThat(rows).hasSize(300);
    for (TrainingSequence row : rows) {
      assertThat(row.ids()).containsExactly(5, 6, 7, 8, END, END, END, END, END);
      for (int i = 0; i < row.length(); i++) {
        assertThat(row.read(i)).isEqualTo(row.carriesLoss(i) ? MASK : row.id(i));
      }
      assertThat(row.carriesLoss(1) || row.carriesLoss(2)).isFalse();
    }
  }

  /** n of 4 places with 1/n: 12, 6, 4 and 3 in 25. */
  @Test
  void fewAreHiddenMoreOftenThanMany() {
    TrainingSequence text = TrainingSequence.of(5, 6, 7, 8, 9);
    TrainingSequence shorter = TrainingSequence.of(5, 6);
    List<TrainingSequence> rows =
        new MaskedRows(4, END, MASK, 7).ofText(List.of(text, shorter), 20_000).sequences();
    for (int n = 1; n <= 4; n++) {
      int count = n;
      double share = rows.stream().filter(row -> row.lossCount() == count).count() / 20_000.0;
      assertThat(share).as("%s hidden", n).isCloseTo(12 / (25.0 * n), within(0.015));
    }
  }

  /** Prefers one id the more the later, and another at the last place. */
  private record Preferring(int id, int last, List<int[]> read) implements LogitModel {
    private static final int WIDTH = 6;
    private static final int CONTEXT = 8;

    @Override
    public String name() {
      return "preferring " + id;
    }

    @Override
    public int width() {
      return WIDTH;
    }

    @Override
    public int contextLength() {
      return CONTEXT;
    }

    @Override
    public Set<Integer> endOfTextIds() {
      return Set.of(END);
    }

    @Override
    public Optional<Tokenizer> tokenizer() {
      return Optional.empty();
    }

    @Override
    public LogitSession newSession(int capacity) {
      return new Nothing(this, capacity);
    }

    @Override
    public Logits forward(List<Segment> segments) {
      List<float[]> rows = new ArrayList<>();
      for (Segment segment : segments) {
        read.add(segment.tokens().clone());
        for (int i = 0; i < segment.tokens().length; i++) {
          float[] row = new float[WIDTH];
          row[i == segment.tokens().length - 1 ? last : id] = i + 1;
          row[MASK] = 99;
          rows.add(row);
        }
      }
      return Logits.of(WIDTH, rows.toArray(float[][]::new));
    }

    @Override
    public void close() {}
  }

  private record Nothing(LogitModel source, int capacity) implements LogitSession {
    @Override
    public int position() {
      return 0;
    }

    @Override
    public void truncate(int position) {}

    @Override
    public LogitSession fork(int capacity) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private static Preferring preferring(int id) {
    return new Preferring(id, id, new ArrayList<>());
  }

  private static Denoising.Reader reader(Preferring model, int... prompt) {
    return new Denoising.Reader(model, List.of(prompt));
  }

  private static Denoising.Way surestFirst(int steps) {
    return new Denoising.Way(steps, Denoising.Order.SUREST_FIRST);
  }

  @Test
  void theSurestPlacesAreKeptFirstAndAllInTheEnd() {
    Preferring model = preferring(4);
    Denoising denoising = new Denoising(reader(model, 2, 3), Optional.empty(), List.of(5), IDS);
    assertThat(denoising.texts(surestFirst(3))).containsExactly(new int[] {4, 4, 4, 4, 4});
    assertThat(model.read()).hasSize(3);
    assertThat(model.read().get(0)).containsExactly(2, 3, MASK, MASK, MASK, MASK);
    assertThat(model.read().get(1)).containsExactly(2, 3, MASK, MASK, MASK, 4);
    assertThat(model.read().get(2)).containsExactly(2, 3, MASK, 4, 4, 4);
    assertThat(denoising.texts(surestFirst(99))).containsExactly(new int[] {4, 4, 4, 4, 4});
    assertThat(model.read()).hasSize(3 + 5);
  }

  @Test
  void endsAreKeptAfterAllElseWhereThatIsAsked() {
    for (Denoising.Order order : Denoising.Order.values()) {
      Preferring model = new Preferring(4, END, new ArrayList<>());
      Denoising denoising = new Denoising(reader(model, 2), Optional.empty(), List.of(3), IDS);
      assertThat(denoising.texts(new Denoising.Way(3, order)))
          .containsExactly(new int[] {4, 4, END});
      boolean endsLast = order == Denoising.Order.ENDS_LAST;
      assertThat(model.read().get(1)).containsExactly(2, MASK, endsLast ? 4 : MASK);
      assertThat(model.read().get(2)).containsExactly(2, endsLast ? 4 : MASK, 4);
    }
  }

  @Test
  void aPairMovesWhatIsWrittenUnlessItIsNone() {
    Denoising.Reader base = reader(preferring(4), 2);
    Map<Double, Integer> written = Map.of(0.0, 4, 0.25, 4, 1.0, 5);
    written.forEach(
        (alpha, id) -> {
          Denoising.Pair pair =
              new Denoising.Pair(reader(preferring(5), 2, 3), reader(preferring(3), 2, 3), alpha);
          assertThat(new Denoising(base, Optional.of(pair), List.of(2), IDS).texts(surestFirst(2)))
              .as("α = %s", alpha)
              .containsExactly(new int[] {id, id});
        });
    Denoising.Reader same = reader(preferring(5), 2, 3);
    Denoising.Pair equal = new Denoising.Pair(same, same, 7);
    assertThat(new Denoising(base, Optional.of(equal), List.of(2), IDS).texts(surestFirst(2)))
        .containsExactly(new int[] {4, 4});
  }

  @Test
  void meansOverSeedsHaveStudentsInterval() {
    SeedMean mean = new SeedMean(List.of(1.0, 2.0, 3.0));
    assertThat(mean.value()).isEqualTo(2);
    assertThat(mean.least()).isEqualTo(1);
    assertThat(mean.interval().orElseThrow().high()).isCloseTo(2 + 2.484, within(1e-3));
    assertThat(new SeedMean(List.of(0.5)).interval()).isEmpty();
    assertThat(new SeedMean(List.of(Double.NaN)).json().has("value")).isFalse();
  }
}
