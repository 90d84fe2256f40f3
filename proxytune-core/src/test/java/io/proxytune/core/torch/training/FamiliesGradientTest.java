package io.proxytune.core.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.family.FamilyGolden;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses and gradients of each family that trains, as transformers computes them. */
@Tag("slow")
class FamiliesGradientTest {
  @TempDir Path folder;

  static Stream<FamilyGolden> goldens() {
    return FamilyGolden.all()
        .filter(golden -> golden.hasGradients() && !golden.byLength() && !golden.isOfImages());
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void lossAndGradientsEqualTransformers(FamilyGolden golden) {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(golden.write(folder));
    try (TrainableModel model = TrainableModel.load(checkpoint, StoredType.F32)) {
      double loss = model.backward(batch(golden.prompt()));
      assertThat(loss).isCloseTo(golden.loss(), within(1e-4 * golden.loss()));
      // Names differ where a checkpoint has others than the description.
      golden.gradients().entrySet().stream()
          .filter(entry -> checkpoint.folder().tensors().containsKey(entry.getKey()))
          .forEach(entry -> assertGradient(model, entry.getKey(), entry.getValue()));
    }
  }

  @Test
  void partsOfLargerModelsAreRefused() {
    DecoderCheckpoint checkpoint =
        DecoderCheckpoint.open(FamilyGolden.of("gemma3-images").write(folder));
    assertThatThrownBy(() -> TrainableModel.load(checkpoint, StoredType.F32))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("of images and text", "Gemma3ForCausalLM.from_pretrained");
  }

  private static void assertGradient(TrainableModel model, String name, double[] expected) {
    float[] gradient = gradient(model, name);
    double norm = Math.sqrt(Arrays.stream(toDoubles(gradient)).map(g -> g * g).sum());
    double bound = 1e-3 * expected[0] + 1e-6;
    assertThat(norm).as("norm of the gradient of %s", name).isCloseTo(expected[0], within(bound));
    // Numbers from -32 to 31, so that a projection is that much longer.
    assertThat(FamilyGolden.projection(name, gradient))
        .as("projection of the gradient of %s", name)
        .isCloseTo(expected[1], within(20 * bound));
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  private static float[] gradient(TrainableModel model, String name) {
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      Tensor gradient = model.store().gradient(name).to(ScalarType.Float).contiguous();
      float[] values = new float[Math.toIntExact(gradient.numel())];
      gradient.data_ptr_float().get(values);
      return values;
    }
  }

  private static TokenBatch batch(int[] prompt) {
    long[] inputs = Arrays.stream(prompt).asLongStream().toArray();
    long[] targets =
        LongStream.concat(Arrays.stream(inputs).skip(1), LongStream.of(TokenBatch.IGNORED))
            .toArray();
    return new TokenBatch(1, inputs.length, inputs, targets, inputs.length - 1L, inputs.length);
  }
}
