package io.proxytune.core.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.SafetensorsFile;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.torch.TensorReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients and steps as torch, transformers and peft compute them: see training.py. */
@Tag("processor")
class TrainingGoldenTest {
  @SuppressWarnings("ArrayRecordComponent")
  record Manifest(
      int rows,
      int length,
      long[] inputs,
      long[] targets,
      List<Double> rates,
      double weightDecay,
      double clip,
      List<Double> losses,
      List<Double> norms,
      int rank,
      double scale,
      Set<String> modules,
      List<Double> adapterLosses,
      List<Double> adapterNorms) {
    TokenBatch batch() {
      long loss = Arrays.stream(targets).filter(id -> id != TokenBatch.IGNORED).count();
      return new TokenBatch(rows, length, inputs, targets, loss, inputs.length);
    }

    AdamSettings adam() {
      return new AdamSettings(0.9, 0.98, 1e-8, weightDecay, clip);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tied", "untied-bias"})
  void gradientsAreTorchs(String name) {
    Manifest manifest = manifest(name);
    try (TrainableModel model = open(name)) {
      double loss = model.backward(manifest.batch());
      assertThat(loss).isCloseTo(manifest.losses().get(0), within(1e-4 * loss));
      assertClose(file(name, "gradients"), model.store()::gradient, 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tied", "untied-bias"})
  void stepsAreTorchs(String name) {
    Manifest manifest = manifest(name);
    try (TrainableModel model = open(name)) {
      assertSteps(model, manifest, manifest.losses(), manifest.norms());
      assertClose(file(name, "stepped"), model.store()::weights, 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tied", "untied-bias"})
  void adapterStepsArePefts(String name) {
    Manifest manifest = manifest(name);
    AdapterSpec spec = new AdapterSpec(manifest.rank(), manifest.scale(), manifest.modules());
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder(name));
    try (TrainableModel model = TrainableModel.adapt(checkpoint, spec, StoredType.F32, 1)) {
      Map<String, StoredTensor> initial = file(name, "adapter");
      model.store().load(initial::get);
      assertSteps(model, manifest, manifest.adapterLosses(), manifest.adapterNorms());
      assertClose(file(name, "adapter-stepped"), model.store()::weights, 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tied", "untied-bias"})
  void bfloat16GivesNearlyTheSameGradient(String name) {
    Manifest manifest = manifest(name);
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder(name));
    try (TrainableModel model = TrainableModel.load(checkpoint, StoredType.BF16)) {
      double loss = model.backward(manifest.batch());
      assertThat(loss).isCloseTo(manifest.losses().get(0), within(2e-2 * loss));
      assertThat(distance(file(name, "gradients"), model.store()::gradient)).isLessThan(4e-2);
    }
  }

  private static void assertSteps(
      TrainableModel model, Manifest manifest, List<Double> losses, List<Double> norms) {
    for (int i = 0; i < losses.size(); i++) {
      StepResult result =
          model.step(manifest.batch(), manifest.adam(), manifest.rates().get(i), i + 1);
      assertThat(result.loss()).isCloseTo(losses.get(i), within(1e-4 * losses.get(i)));
      assertThat(result.gradientNorm()).isCloseTo(norms.get(i), within(1e-3 * norms.get(i)));
    }
  }

  /** Each tensor differs by no more than a share of its length. */
  private static void assertClose(
      Map<String, StoredTensor> expected, Function<String, Tensor> actual, double share) {
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      expected.forEach(
          (name, stored) -> {
            Tensor wanted = TensorReader.read(stored);
            double off =
                actual.apply(name).to(wanted.scalar_type()).sub(wanted).norm().item_float();
            assertThat(off).as(name).isLessThanOrEqualTo(share * wanted.norm().item_float());
          });
    }
  }

  /** How far all tensors together are off, as a share of their length. */
  private static double distance(
      Map<String, StoredTensor> expected, Function<String, Tensor> actual) {
    double off = 0;
    double length = 0;
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      for (StoredTensor stored : expected.values()) {
        Tensor wanted = TensorReader.read(stored);
        Tensor got = actual.apply(stored.name()).to(wanted.scalar_type());
        off += Math.pow(got.sub(wanted).norm().item_float(), 2);
        length += Math.pow(wanted.norm().item_float(), 2);
      }
    }
    return Math.sqrt(off / length);
  }

  private static TrainableModel open(String name) {
    return TrainableModel.load(DecoderCheckpoint.open(folder(name)), StoredType.F32);
  }

  private static Map<String, StoredTensor> file(String name, String file) {
    return SafetensorsFile.read(folder(name).resolve(file + ".safetensors"));
  }

  private static Manifest manifest(String name) {
    try {
      return JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build()
          .readValue(folder(name).resolve("manifest.json").toFile(), Manifest.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path folder(String name) {
    try {
      return Path.of(TrainingGoldenTest.class.getResource("/golden/training/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
