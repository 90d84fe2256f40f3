package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random mixtures of segments of sequences that come, go, fork and truncate: each must get the rows
 * that a session of its own gives with the same history, one segment in each pass.
 */
@Tag("slow")
@Tag("processor")
class RaggedForwardTest {
  private static final int ROUNDS = 30;
  private static final int CAPACITY = 40;
  private static final int MOST_SEQUENCES = 5;
  private static final double TOLERANCE = 1e-5;
  private static final List<Rows> ROWS = List.of(Rows.values());

  static Stream<Arguments> cases() {
    return Stream.of("mha-untied", "gqa-tied", "mqa-bias-head-dim", "rope-llama3", "rope-dynamic")
        .flatMap(name -> Stream.of(1L, 2L, 3L).map(seed -> Arguments.of(name, seed)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void mixtureGivesEachSequenceTheRowsThatItGetsAlone(String checkpoint, long seed) {
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    try (LogitModel model = TorchModels.load(GoldenModels.folder(checkpoint), options);
        Play play = new Play(model, new Random(seed))) {
      for (int round = 0; round < ROUNDS; round++) {
        play.change();
        play.forward(round);
      }
    }
  }

  /** A session, its twin that never shares a pass, and how both came to hold what they hold. */
  private record Sequence(LogitSession mixed, LogitSession alone, List<Step> history)
      implements AutoCloseable {
    static Sequence open(LogitModel model) {
      return new Sequence(
          model.newSession(CAPACITY), model.newSession(CAPACITY), new ArrayList<>());
    }

    /** The fork's twin is no fork: it gets the whole history anew. */
    Sequence fork() {
      LogitSession replayed = mixed.source().newSession(CAPACITY);
      history.forEach(step -> step.run(replayed));
      return new Sequence(mixed.fork(CAPACITY), replayed, new ArrayList<>(history));
    }

    void truncate(int position) {
      Step step = Step.truncate(position);
      step.run(mixed);
      step.run(alone);
      history.add(step);
    }

    /** The rows that the twin gives for tokens that the session just got. */
    List<float[]> appendAlone(int[] tokens, Rows rows) {
      history.add(Step.append(Rows.NONE, tokens));
      return Step.append(rows, tokens).run(alone);
    }

    @Override
    public void close() {
      mixed.close();
      alone.close();
    }
  }

  /** The sequences of one model and the dice that drive them. */
  private static final class Play implements AutoCloseable {
    private final LogitModel model;
    private final Random random;
    private final List<Sequence> sequences = new ArrayList<>();

    Play(LogitModel model, Random random) {
      this.model = model;
      this.random = random;
    }

    void change() {
      if (sequences.isEmpty() || (sequences.size() < MOST_SEQUENCES && random.nextInt(3) == 0)) {
        sequences.add(Sequence.open(model));
      }
      Sequence chosen = sequences.get(random.nextInt(sequences.size()));
      switch (random.nextInt(6)) {
        case 0 -> forkIfRoom(chosen);
        case 1 -> chosen.truncate(random.nextInt(chosen.mixed.position() + 1));
        case 2 -> closeIfNotLast(chosen);
        default -> {}
      }
    }

    private void forkIfRoom(Sequence sequence) {
      if (sequences.size() < MOST_SEQUENCES) {
        sequences.add(sequence.fork());
      }
    }

    private void closeIfNotLast(Sequence sequence) {
      if (sequences.size() > 1) {
        sequences.remove(sequence);
        sequence.close();
      }
    }

    void forward(int round) {
      List<Sequence> mixed = someWithRoom();
      List<Segment> segments = mixed.stream().map(this::segment).toList();
      if (!segments.isEmpty()) {
        compare("round " + round, mixed, segments, Step.forward(model, segments));
      }
    }

    private List<Sequence> someWithRoom() {
      List<Sequence> some = new ArrayList<>(sequences);
      some.removeIf(sequence -> sequence.mixed.position() == CAPACITY);
      Collections.shuffle(some, random);
      return some.isEmpty() ? some : some.subList(0, 1 + random.nextInt(some.size()));
    }

    private Segment segment(Sequence sequence) {
      int room = CAPACITY - sequence.mixed.position();
      int count = random.nextBoolean() ? 1 : 1 + random.nextInt(Math.min(room, 12));
      int[] tokens = random.ints(count, 0, model.width()).toArray();
      Rows rows = ROWS.get(random.nextInt(ROWS.size()));
      return new Segment(sequence.mixed, tokens, rows);
    }

    private static void compare(
        String what, List<Sequence> mixed, List<Segment> segments, List<float[]> rows) {
      assertThat(rows).as(what).hasSize(segments.stream().mapToInt(Segment::rowCount).sum());
      int first = 0;
      for (int i = 0; i < segments.size(); i++) {
        Segment segment = segments.get(i);
        List<float[]> own = rows.subList(first, first + segment.rowCount());
        List<float[]> alone = mixed.get(i).appendAlone(segment.tokens(), segment.rows());
        LogitRows.assertClose(what + ", segment " + i, own, alone, TOLERANCE);
        first += segment.rowCount();
      }
    }

    @Override
    public void close() {
      sequences.forEach(Sequence::close);
    }
  }
}
