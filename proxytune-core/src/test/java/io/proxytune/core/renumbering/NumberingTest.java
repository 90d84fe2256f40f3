package io.proxytune.core.renumbering;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.core.vocabulary.ModelVocabulary;
import io.proxytune.core.vocabulary.ShuffledTokenizer;
import io.proxytune.core.wrapped.WrappedModel;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.PendingLogits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New ids for a model's ids. */
class NumberingTest {
  @TempDir Path temp;

  private static Path folder() throws URISyntaxException {
    return Path.of(NumberingTest.class.getResource("/tokenizers/byte-level").toURI());
  }

  private static ModelVocabulary vocabulary(Tokenizer tokenizer, int width) {
    return new ModelVocabulary(Optional.of(tokenizer), width);
  }

  @Test
  void eachTokenGetsTheOthersIdAndNoIdIsLost() throws Exception {
    CheckpointTokenizer like = CheckpointTokenizer.open(folder());
    int size = like.vocabularySize();
    ShuffledTokenizer.write(folder(), temp, size, 5);
    CheckpointTokenizer own = CheckpointTokenizer.open(temp);

    Numbering numbering = Numbering.of(vocabulary(own, size + 9), vocabulary(like, size + 4));

    assertThat(numbering.width()).isEqualTo(size + 9);
    for (int id = 0; id < size; id++) {
      assertThat(own.token(numbering.toOwn(id))).isEqualTo(like.token(id));
    }
    assertThat(IntStream.range(0, 9).map(i -> numbering.toOwn(size + i)).toArray())
        .as("padding stands for padding")
        .containsExactly(IntStream.range(size, size + 9).toArray());
    assertThat(IntStream.range(0, size + 9).map(numbering::toNew).distinct().count())
        .isEqualTo(size + 9);
    assertThat(numbering.has(-1)).isFalse();
    assertThat(numbering.has(size + 9)).isFalse();
    assertThat(numbering)
        .isEqualTo(Numbering.of(vocabulary(own, size + 9), vocabulary(like, size + 4)))
        .hasSameHashCodeAs(Numbering.of(vocabulary(own, size + 9), vocabulary(like, size + 4)))
        .isNotEqualTo(Numbering.of(vocabulary(own, size), vocabulary(like, size + 4)));
  }

  @Test
  void aRenumberedTokenizerReadsAndWritesTheOthersIds() throws Exception {
    CheckpointTokenizer like = CheckpointTokenizer.open(folder());
    int size = like.vocabularySize();
    ShuffledTokenizer.write(folder(), temp, size, 5);
    CheckpointTokenizer own = CheckpointTokenizer.open(temp);
    Numbering numbering = Numbering.of(vocabulary(own, size), vocabulary(like, size + 3));
    Tokenizer renumbered = new RenumberedTokenizer(own, numbering);

    String text = "the child saw a thing: ünï🙂";
    int[] ids = like.encode(text, true);
    assertThat(renumbered.encode(text, true)).isEqualTo(ids);
    assertThat(renumbered.decode(ids, false)).isEqualTo(like.decode(ids, false));
    assertThat(renumbered.decode(new int[] {ids[0], size, size + 1}, false))
        .as("ids without a token leave no text")
        .isEqualTo(like.decode(new int[] {ids[0]}, false));
    for (int id = 0; id < size + 3; id++) {
      assertThat(renumbered.token(id)).isEqualTo(like.token(id));
      assertThat(renumbered.isSpecial(id)).isEqualTo(like.isSpecial(id));
    }
    String token = like.token(42).orElseThrow();
    assertThat(renumbered.id(token)).contains(42);
    assertThat(renumbered.id("no token")).isEmpty();
    assertThat(RenumberedTokenizer.unwrap(renumbered)).isSameAs(own);
    assertThat(RenumberedTokenizer.unwrap(like)).isSameAs(like);
  }

  @Test
  void aPassThatWasBegunGivesTheRowsOfOneThatWasWaitedFor() throws Exception {
    CheckpointTokenizer like = CheckpointTokenizer.open(folder());
    int size = like.vocabularySize();
    ShuffledTokenizer.write(folder(), temp, size, 5);
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(temp);
    Numbering numbering = Numbering.of(vocabulary(tokenizer, size), vocabulary(like, size));
    LogitModel own = FunctionLogitSource.of("own", size, 16, ids -> risingFrom(size, ids));
    RenumberedModel model =
        new RenumberedModel(own, Optional.empty(), numbering, rows -> reordered(rows, numbering));

    try (LogitSession one = model.newSession(4);
        LogitSession other = model.newSession(4);
        Logits waited = model.forward(List.of(new Segment(one, new int[] {3, 7}, Rows.ALL)));
        PendingLogits begun = model.begin(List.of(new Segment(other, new int[] {3, 7}, Rows.ALL)));
        Logits rows = begun.await(() -> false)) {
      assertThat(model.runsElsewhere()).isEqualTo(own.runsElsewhere());
      assertThat(rows.rows()).isEqualTo(2);
      for (int row = 0; row < 2; row++) {
        assertThat(rows.row(row)).containsExactly(waited.row(row));
      }
      assertThat(rows.row(1)[7])
          .isEqualTo(risingFrom(size, List.of(numbering.toOwn(7)))[numbering.toOwn(7)]);
    }
  }

  /** Another row behind each id. */
  private static float[] risingFrom(int width, List<Integer> ids) {
    float[] row = new float[width];
    for (int id = 0; id < width; id++) {
      row[id] = Math.floorMod(id - ids.get(ids.size() - 1), width);
    }
    return row;
  }

  private static Logits reordered(Logits own, Numbering numbering) {
    float[][] rows = new float[own.rows()][numbering.width()];
    for (int row = 0; row < rows.length; row++) {
      for (int id = 0; id < numbering.width(); id++) {
        rows[row][id] = own.row(row)[numbering.toOwn(id)];
      }
    }
    return Logits.of(numbering.width(), rows);
  }

  /** A method of the interfaces that is added later must not keep its default here. */
  @Test
  void aRenumberedModelSaysOfEverythingWhatItsModelSays() {
    List<String> declared =
        Stream.of(RenumberedModel.class, WrappedModel.class)
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .map(Method::getName)
            .toList();
    Stream.of(LogitModel.class, LogitSource.class)
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
        .forEach(method -> assertThat(declared).contains(method.getName()));
    List<String> ofTokenizer =
        Arrays.stream(RenumberedTokenizer.class.getDeclaredMethods()).map(Method::getName).toList();
    Arrays.stream(Tokenizer.class.getDeclaredMethods())
        .filter(method -> !method.isSynthetic())
        .forEach(method -> assertThat(ofTokenizer).contains(method.getName()));
  }
}
