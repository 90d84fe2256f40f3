package io.proxytune.core.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.core.torch.training.TokenBatch;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingDataTest {
  @Test
  void aStreamIsCutSoThatEachIdIsLearntOnce() {
    TrainingData data = TrainingData.ofStream(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, 3);
    assertThat(data.sequences())
        .containsExactly(
            TrainingSequence.of(1, 2, 3, 4),
            TrainingSequence.of(4, 5, 6, 7),
            TrainingSequence.of(7, 8));
    assertThat(data.lossTokens()).isEqualTo(7);
  }

  @Test
  void packingKeepsOrderAndMasks() {
    TrainingSequence answer =
        TrainingSequence.of(new int[] {7, 8, 9}, new boolean[] {true, false, true});
    TrainingData packed =
        TrainingData.of(List.of(TrainingSequence.of(1, 2), answer, answer)).packed(5);
    assertThat(packed.sequences())
        .containsExactly(
            TrainingSequence.of(
                new int[] {1, 2, 7, 8, 9}, new boolean[] {false, true, false, false, true}),
            answer);
    assertThatThrownBy(() -> packed.packed(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 4 positions, more than a row's 3");
  }

  @Test
  void hiddenIdsAreReadAsTheMaskAndPredicted() {
    TrainingSequence masked =
        TrainingSequence.masked(
            new int[] {1, 5, 6, 7}, new boolean[] {false, true, false, true}, 0);
    TokenBatch batch = new Batches(List.of(masked), 64, 3, 0).inOrder().get(0);
    assertThat(batch.inputs()).containsExactly(1, 0, 6);
    assertThat(batch.targets()).containsExactly(5, TokenBatch.IGNORED, 7);
    assertThat(batch.lossTokens()).isEqualTo(2);
    TrainingSequence plain =
        TrainingSequence.of(new int[] {1, 5, 6, 7}, new boolean[] {false, true, false, true});
    assertThat(masked).isNotEqualTo(plain);
    TrainingData data = TrainingData.of(List.of(masked, plain)).packed(8);
    assertThat(data.sequences().get(0).read(1)).isZero();
    assertThat(data.sequences().get(0).read(5)).isEqualTo(5);
    assertThatThrownBy(
            () -> TrainingSequence.masked(new int[] {1, 2}, new boolean[] {true, true}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the first id can't be hidden");
  }

  @Test
  void holdingOutSplits() {
    TrainingData data =
        TrainingData.of(IntStream.range(0, 10).mapToObj(i -> TrainingSequence.of(i, i)).toList())
            .holdOut(0.3, 5);
    assertThat(data.heldOut()).hasSize(3);
    List<TrainingSequence> all = new ArrayList<>(data.sequences());
    all.addAll(data.heldOut());
    assertThat(all).doesNotHaveDuplicates().hasSize(10);
  }

  @Test
  void aStepTakesAsManyPaddedRowsAsFit() {
    List<TrainingSequence> rows =
        List.of(
            TrainingSequence.of(1, 2, 3),
            TrainingSequence.of(new int[21]),
            TrainingSequence.of(4, 5));
    List<TokenBatch> batches = new Batches(rows, 64, 24, 0).inOrder();
    assertThat(batches).hasSize(2);
    TokenBatch first = batches.get(0);
    assertThat(first.rows()).isEqualTo(2);
    assertThat(first.length()).isEqualTo(24); // 21 ids are padded to the context at most
    assertThat(first.inputs()).startsWith(1, 2, 0);
    assertThat(first.targets()).startsWith(2, 3, TokenBatch.IGNORED);
    assertThat(first.lossTokens()).isEqualTo(22);
    assertThat(first.positions()).isEqualTo(22);
  }

  @Test
  void anEpochTakesEachRowOnceAndStepsResumeAnywhere() {
    List<TrainingSequence> rows =
        IntStream.range(0, 10).mapToObj(i -> TrainingSequence.of(i, i)).toList();
    Batches batches = new Batches(rows, 48, 16, 7);
    assertThat(batches.steps(1)).isEqualTo(4);
    assertThat(batches.steps(2.5)).isEqualTo(10);
    List<Long> first = inputs(batches.from(0), 4);
    assertThat(first).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    List<Long> six = inputs(batches.from(0), 6);
    assertThat(inputs(batches.from(5), 1)).isEqualTo(six.subList(six.size() - 3, six.size()));
    assertThat(inputs(batches.from(4), 4)).isNotEqualTo(first);
  }

  private static List<Long> inputs(Iterator<TokenBatch> batches, int count) {
    List<Long> inputs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TokenBatch batch = batches.next();
      for (int row = 0; row < batch.rows(); row++) {
        inputs.add(batch.inputs()[row * batch.length()]);
      }
    }
    return inputs;
  }
}
