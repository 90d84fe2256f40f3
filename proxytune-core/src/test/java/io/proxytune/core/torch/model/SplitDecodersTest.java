package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.LoadOptions;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.core.torch.model.Placement.Part;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose layers are in several parts. */
class SplitDecodersTest {
  private static final int CAPACITY = 40;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  private static RandomWeights other(RandomWeights weights) {
    LinearFactory plain = RandomDecodersTest.plain();
    return weights.in(ScalarType.Float, plain, plain);
  }

  /** Parts have their own attention, angles and masks; on one device they compute the same bits. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void partsComputeWhatTheWholeDoes(int seed) {
    Random random = new Random(seed);
    DecoderSpec spec = RandomDecoder.sharing(random, seed % 2 == 0, 2);
    Placement placement =
        new Placement(
            List.of(
                new Part(TorchDevice.CPU, 1), new Part(TorchDevice.CPU, spec.layers().size() - 1)));
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          RandomWeights weights = RandomWeights.of(spec, RandomDecodersTest.plain());
          try (TorchModel whole = RandomDecodersTest.model(spec, weights);
              TorchModel split =
                  RandomDecodersTest.model(spec, placement, List.of(weights, other(weights)))) {
            assertThat(split.scripted()).isNull();
            assertSame(whole, split, random);
          }
          return null;
        });
  }

  private static void assertSame(TorchModel whole, TorchModel split, Random random) {
    List<TorchSession> first = sessions(whole);
    List<TorchSession> second = sessions(split);
    for (int round = 0; round < 4; round++) {
      List<int[]> tokens = new ArrayList<>();
      for (int i = 0; i < first.size(); i++) {
        tokens.add(random.ints(1 + random.nextInt(5), 0, RandomDecoder.VOCABULARY).toArray());
      }
      Tensor expected = whole.layerByLayer(RandomDecodersTest.plan(first, tokens));
      Tensor actual = split.layerByLayer(RandomDecodersTest.plan(second, tokens));
      assertThat(actual.equal(expected)).isTrue();
      for (int i = 0; i < first.size(); i++) {
        first.get(i).append(tokens.get(i));
        second.get(i).append(tokens.get(i));
      }
    }
    first.forEach(TorchSession::close);
    second.forEach(TorchSession::close);
  }

  private static List<TorchSession> sessions(TorchModel model) {
    return List.of(
        (TorchSession) model.newSession(CAPACITY), (TorchSession) model.newSession(CAPACITY));
  }

  /**
   * LibTorch refuses to compute with tensors of two devices. A device without memory shows that
   * where no GPU is: what is handed over gets there, and nothing else is missing there.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void everyPartHasAllThatItNeedsOnItsDevice(int seed) {
    Random random = new Random(seed);
    DecoderSpec spec = withoutRotary(random);
    Placement placement =
        new Placement(
            List.of(
                new Part(TorchDevice.CPU, 1),
                new Part(TorchDevice.META, spec.layers().size() - 1)));
    ComputeThread.inScope(
        () -> {
          RandomWeights weights = RandomWeights.of(spec, RandomDecodersTest.plain());
          try (TorchModel split =
                  RandomDecodersTest.model(
                      spec, placement, List.of(weights, weights.on(TorchDevice.META)));
              TorchSession session = (TorchSession) split.newSession(CAPACITY)) {
            for (int count : new int[] {5, 1}) {
              int[] tokens = random.ints(count, 0, RandomDecoder.VOCABULARY).toArray();
              Tensor logits =
                  split.layerByLayer(RandomDecodersTest.plan(List.of(session), List.of(tokens)));
              assertThat(logits.is_meta()).isTrue();
              assertThat(logits.size(0)).isEqualTo(count);
              session.append(tokens);
            }
          }
          return null;
        });
  }

  /** What turns queries and keys has no shapes without values, and one activation has none. */
  private static DecoderSpec withoutRotary(Random random) {
    DecoderSpec spec = RandomDecoder.of(random, false);
    return spec.layers().stream().allMatch(SplitDecodersTest::hasShapes)
        ? spec.withLayers(SplitDecodersTest::withoutRotary)
        : withoutRotary(random);
  }

  private static boolean hasShapes(LayerSpec layer) {
    Activation activation = ((MlpSpec) layer.feedForward()).activation();
    return layer.attention().latent().isEmpty()
        && activation != Activation.RELU
        && activation != Activation.RELU_SQUARED;
  }

  private static LayerSpec withoutRotary(LayerSpec layer) {
    return new LayerSpec(
        layer.attention().withRotary(Optional.empty()),
        layer.feedForward(),
        layer.beforeAttention(),
        layer.afterAttention(),
        layer.beforeFeedForward(),
        layer.afterFeedForward(),
        layer.parallel(),
        layer.normalizesSum(),
        layer.residualScale());
  }

  /** A checkpoint in parts steers and is steered like any other. */
  @Test
  void aCheckpointIsLoadedInParts(@TempDir Path folder) {
    Path tiny = new TinyLlama().write(folder);
    int[] prompt = new Random(3).ints(20, 0, 16).toArray(); // no program takes so many tokens
    float[] whole = row(tiny, "cpu", prompt);
    assertThat(row(tiny, "cpu=1,cpu", prompt)).isEqualTo(whole);
  }

  private static float[] row(Path folder, String map, int[] prompt) {
    LoadOptions options = LoadOptions.defaults().withDevice(map);
    try (LogitModel model =
            ModelLoader.load(DecoderCheckpoint.open(folder), Optional.empty(), options);
        LogitSession session = model.newSession(prompt.length);
        Logits logits = model.forward(List.of(new Segment(session, prompt, Rows.LAST)))) {
      return logits.row(0);
    }
  }
}
