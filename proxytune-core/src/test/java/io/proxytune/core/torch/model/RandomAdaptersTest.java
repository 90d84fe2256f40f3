package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.WeightLayout;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.model.LogitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What adapters do in a program and layer by layer, on random descriptions. */
@Tag("slow")
@Tag("processor")
class RandomAdaptersTest {
  private static final int ROUNDS = 5;
  private static final int CAPACITY = 100;
  private static final int RANK = 3;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** Makes random adapters. */
  private record Maker(DecoderSpec spec, Random random, boolean plain) {
    AdapterWeights weights(ScriptedDecoder scripted) {
      EmbeddingChange embedding = plain || random.nextBoolean() ? null : embedding();
      return new AdapterWeights(embedding, layers(), head(), Optional.of(scripted.noHalves()));
    }

    AdapterWeights withHead() {
      LinearSpec head = spec.head().linear();
      HeadChange change = new HeadChange(null, change(head.in(), head.out()));
      return new AdapterWeights(null, layers(), change, Optional.empty());
    }

    private List<List<@Nullable LinearChange>> layers() {
      List<List<@Nullable LinearChange>> layers = new ArrayList<>();
      for (LayerSpec layer : spec.layers()) {
        List<@Nullable LinearChange> changes = new ArrayList<>();
        layer.groups().forEach(group -> changes.add(change(group)));
        layers.add(changes);
      }
      return layers;
    }

    private @Nullable LinearChange change(List<LinearSpec> group) {
      long out = group.stream().mapToLong(LinearSpec::out).sum();
      return random.nextInt(4) == 0 ? null : change(group.get(0).in(), out);
    }

    private LinearChange change(long in, long out) {
      return new LinearChange(
          some() ? factor(out) : null,
          some() ? kept(noise(0.2, out)) : null,
          plain || random.nextBoolean() ? added(in, out) : null);
    }

    private boolean some() {
      return !plain && random.nextBoolean();
    }

    private LowRank added(long in, long out) {
      return new LowRank(noise(0.2, RANK, in), noise(0.2, out, RANK), Optional.empty());
    }

    private EmbeddingChange embedding() {
      int size = spec.embedding().size();
      boolean whole = random.nextBoolean();
      return new EmbeddingChange(
          whole ? kept(noise(1, spec.vocabulary(), size)) : null,
          whole ? null : factor(size),
          whole ? null : added(spec.vocabulary(), size));
    }

    private @Nullable HeadChange head() {
      LinearSpec head = spec.head().linear();
      return switch (random.nextInt(3)) {
        case 0 -> null;
        case 1 -> new HeadChange(null, change(head.in(), head.out()));
        default ->
            plain
                ? null
                : new HeadChange(new PlainLinear(noise(1, head.out(), head.in()), null), null);
      };
    }

    private static Tensor noise(double strength, long... shape) {
      return torch.randn(shape, new TensorOptions(ScalarType.Float)).mul_(new Scalar(strength));
    }

    private static Tensor factor(long size) {
      return kept(noise(0.2, size).add_(new Scalar(1.0)));
    }

    private static Tensor kept(Tensor tensor) {
      return Native.keep(tensor);
    }
  }

  /** Segments of the model's own between those of the adapter. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void aProgramDoesWhatIsDoneLayerByLayer(int seed) {
    Random random = new Random(seed);
    DecoderSpec spec = RandomDecoder.of(random, seed % 2 == 0);
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          LinearFactory linears =
              seed % 3 == 0
                  ? RandomDecodersTest.plain()
                  : Linears.on(TorchDevice.CPU, ScalarType.Float, WeightLayout.PACKED);
          RandomWeights weights = RandomWeights.of(spec, linears);
          try (TorchModel host = RandomDecodersTest.model(spec, weights);
              AdaptedModel adapted = adapted(host, new Maker(spec, random, seed % 4 == 0))) {
            assertThat(adapted.weights().isPlain()).isEqualTo(seed % 4 == 0);
            assertThat(distance(host, adapted, random)).as(spec.toString()).isLessThan(2e-5);
          }
          return null;
        });
  }

  private static AdaptedModel adapted(TorchModel host, Maker maker) {
    host.scripted().prepareAdapting();
    return new AdaptedModel(host, identity(host), maker.weights(host.scripted()));
  }

  private static TorchModel.Identity identity(TorchModel host) {
    return new TorchModel.Identity("adapted", Set.of(), Optional.empty(), host.published());
  }

  /** A program takes the rows wanted of a plain head in one piece. */
  @Test
  void aPlainHeadInSeveralPiecesGoesLayerByLayer() {
    Random random = new Random(4);
    DecoderSpec spec = RandomDecoder.of(random, false);
    ComputeThread.inScope(
        () -> {
          RandomWeights weights = RandomWeights.of(spec, RandomDecodersTest.plain());
          Maker maker = new Maker(spec, random, true);
          try (TorchModel host = RandomDecodersTest.model(spec, weights);
              AdaptedModel adapted = new AdaptedModel(host, identity(host), maker.withHead())) {
            List<TorchSession> sessions =
                Stream.of(adapted, host, adapted)
                    .map(model -> (TorchSession) model.newSession(CAPACITY))
                    .toList();
            List<int[]> tokens = List.of(new int[] {1}, new int[] {2}, new int[] {3});
            assertThat(host.scripted().takes(RandomDecodersTest.plan(sessions, tokens))).isFalse();
            assertThat(
                    host.scripted()
                        .takes(
                            RandomDecodersTest.plan(sessions.subList(0, 2), tokens.subList(0, 2))))
                .isTrue();
            sessions.forEach(TorchSession::close);
          }
          return null;
        });
  }

  private static double distance(TorchModel host, AdaptedModel adapted, Random random) {
    List<TorchSession> first = sessions(host, adapted);
    List<TorchSession> second = sessions(host, adapted);
    double worst = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<int[]> tokens = new ArrayList<>();
      for (int i = 0; i < first.size(); i++) {
        tokens.add(random.ints(1 + random.nextInt(4), 0, RandomDecoder.VOCABULARY).toArray());
      }
      PassPlan plan = RandomDecodersTest.plan(first, tokens);
      assertThat(host.scripted().takes(plan)).isTrue();
      Tensor actual = host.scripted().logits(plan);
      Tensor expected = host.layerByLayer(RandomDecodersTest.plan(second, tokens));
      worst = Math.max(worst, RandomDecodersTest.error(actual, expected));
      for (int i = 0; i < first.size(); i++) {
        first.get(i).append(tokens.get(i));
        second.get(i).append(tokens.get(i));
      }
    }
    first.forEach(TorchSession::close);
    second.forEach(TorchSession::close);
    return worst;
  }

  private static List<TorchSession> sessions(TorchModel host, AdaptedModel adapted) {
    boolean inPieces = adapted.weights().head() == null || !adapted.weights().isPlain();
    Stream<LogitModel> models =
        inPieces ? Stream.of(host, adapted, host, adapted) : Stream.of(adapted, adapted, host);
    return models.map(model -> (TorchSession) model.newSession(CAPACITY)).toList();
  }
}
