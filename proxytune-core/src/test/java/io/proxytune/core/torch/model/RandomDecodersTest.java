package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.core.LoadOptions;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a piece applies and what it writes, on descriptions with everything in random company. */
@Tag("slow")
@Tag("processor")
class RandomDecodersTest {
  private static final int ROUNDS = 6;
  private static final int CAPACITY = 100;

  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  static LinearFactory plain() {
    return Linears.asStored(ScalarType.Float);
  }

  /** A model of no checkpoint, which only an adapter would ask for. */
  @SuppressWarnings("NullAway")
  static TorchModel model(DecoderSpec spec, Pieces pieces) {
    Placement whole = Placement.of(TorchDevice.CPU, spec.layers().size());
    return model(spec, whole, List.of(pieces));
  }

  @SuppressWarnings("NullAway")
  static TorchModel model(DecoderSpec spec, Placement placement, List<? extends Pieces> parts) {
    return model(spec, placement, parts, LoadOptions.defaults().withMemoryCheck(false));
  }

  @SuppressWarnings("NullAway")
  static TorchModel model(
      DecoderSpec spec, Placement placement, List<? extends Pieces> parts, LoadOptions options) {
    Decoder decoder = new DecoderAssembly(spec, placement, parts).decoder();
    return new TorchModel(
        new TorchModel.Identity("random", Set.of(), Optional.empty(), null),
        null,
        new Computation(
            decoder, ScriptedDecoder.of(decoder, placement).orElse(null), new TiledWeights()),
        placement,
        ScalarType.Float,
        options);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void writtenIsApplied(int seed) {
    Random random = new Random(seed);
    DecoderSpec spec = RandomDecoder.of(random, seed % 2 == 0);
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          LinearFactory linears =
              seed % 3 == 0
                  ? plain()
                  : Linears.on(TorchDevice.CPU, ScalarType.Float, WeightLayout.PACKED);
          RandomWeights weights = RandomWeights.of(spec, linears);
          try (TorchModel model = model(spec, weights)) {
            assertThat(distance(model, model, random)).as(spec.toString()).isLessThan(2e-5);
          }
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void fewRowsAreAttendedAlike(int seed) {
    Random random = new Random(seed);
    DecoderSpec spec = RandomDecoder.of(random, seed % 2 == 0);
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          RandomWeights weights = RandomWeights.of(spec, plain());
          RandomWeights rowwise = weights.rowwise(new RowwiseKernel.Limits(8, 5));
          try (TorchModel other = model(spec, weights);
              TorchModel model = model(spec, rowwise)) {
            assertThat(distance(model, model, random)).as(spec.toString()).isLessThan(2e-5);
            assertThat(distance(model, other, random)).as(spec.toString()).isLessThan(2e-5);
          }
          return null;
        });
  }

  /** Forks, and forks of forks, that share memory where they can, beside those that share none. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void forksComputeWhatCopiesDo(int seed) {
    Random random = new Random(seed);
    DecoderSpec spec = RandomDecoder.sharing(random, seed % 2 == 0, 1 + seed % 3);
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          RandomWeights weights = RandomWeights.of(spec, plain());
          RandomWeights attending =
              seed % 4 == 0 ? weights.rowwise(new RowwiseKernel.Limits(8, 5)) : weights;
          try (TorchModel model = model(spec, attending);
              ForkedSessions forks = new ForkedSessions(model, random)) {
            for (int round = 0; round < 4 * ROUNDS; round++) {
              assertThat(forks.distance()).as(spec + " in round " + round).isLessThan(2e-5);
              forks.change();
            }
          }
          return null;
        });
  }

  /** Each rounds in places of its own; both stay near float32. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void bfloat16IsNearFloat32EitherWay(int seed) {
    Random random = new Random(seed);
    DecoderSpec spec = RandomDecoder.of(random, false);
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          RandomWeights weights = RandomWeights.of(spec, plain());
          Linears linears = Linears.on(TorchDevice.CPU, ScalarType.BFloat16, WeightLayout.PACKED);
          LinearFactory heads = Heads.on(TorchDevice.CPU, ScalarType.BFloat16, linears);
          RandomWeights halves = weights.in(ScalarType.BFloat16, linears, heads);
          try (TorchModel exact = model(spec, weights);
              TorchModel rounded = model(spec, halves)) {
            assertThat(distance(rounded, exact, random)).as(spec.toString()).isLessThan(0.1);
          }
          return null;
        });
  }

  /**
   * The largest difference of a program's logits from those of applied pieces, in parts of them.
   */
  private static double distance(TorchModel scripted, TorchModel applied, Random random) {
    int count = 1 + random.nextInt(3);
    List<TorchSession> first = sessions(scripted, count);
    List<TorchSession> second = sessions(applied, count);
    double worst = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<int[]> tokens = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        tokens.add(random.ints(1 + random.nextInt(5), 0, RandomDecoder.VOCABULARY).toArray());
      }
      Tensor actual = scripted.scripted().logits(plan(first, tokens));
      Tensor expected = applied.layerByLayer(plan(second, tokens));
      worst = Math.max(worst, error(actual, expected));
      for (int i = 0; i < count; i++) {
        first.get(i).append(tokens.get(i));
        second.get(i).append(tokens.get(i));
      }
    }
    first.forEach(TorchSession::close);
    second.forEach(TorchSession::close);
    return worst;
  }

  private static List<TorchSession> sessions(TorchModel model, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> (TorchSession) model.newSession(CAPACITY))
        .toList();
  }

  static PassPlan plan(List<TorchSession> sessions, List<int[]> tokens) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < sessions.size(); i++) {
      segments.add(new Segment(sessions.get(i), tokens.get(i), Rows.ALL));
    }
    return new PassPlan(segments, sessions);
  }

  static double error(Tensor actual, Tensor expected) {
    return actual.sub(expected).abs().max().item_double() / expected.abs().max().item_double();
  }

  private static Tensor longs(long[] values) {
    Tensor tensor =
        torch.empty(new long[] {values.length}, new TensorOptions(ScalarType.Long), null);
    tensor.data_ptr_long().put(values);
    return tensor;
  }

  /** What training computes is what decoding does. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void trainedIsDecoded(int seed) {
    Random random = new Random(seed);
    DecoderSpec spec = RandomDecoder.of(random, false);
    ComputeThread.inScope(
        () -> {
          torch.manual_seed(seed);
          RandomWeights weights = RandomWeights.of(spec, plain());
          int rows = 2;
          int length = 9;
          int[] ids = random.ints((long) rows * length, 0, RandomDecoder.VOCABULARY).toArray();
          long[] targets =
              random.longs((long) rows * length, 0, RandomDecoder.VOCABULARY).toArray();
          try (TorchModel model = model(spec, weights);
              TrainingGraph graph = new TrainingGraph(spec, weights, ScalarType.Float)) {
            double loss =
                graph
                    .lossSum(
                        longs(Arrays.stream(ids).asLongStream().toArray()),
                        longs(targets),
                        -100,
                        rows,
                        length)
                    .item_double();
            assertThat(loss)
                .as(spec.toString())
                .isCloseTo(loss(model, rows, length, ids, targets), within(1e-4 * loss));
          }
          return null;
        });
  }

  private static double loss(TorchModel model, int rows, int length, int[] ids, long[] targets) {
    List<TorchSession> sessions = sessions(model, rows);
    List<int[]> tokens = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      tokens.add(Arrays.copyOfRange(ids, row * length, (row + 1) * length));
    }
    Tensor logits = model.layerByLayer(plan(sessions, tokens));
    Tensor chosen = torch.log_softmax(logits, -1).gather(1, longs(targets).unsqueeze(1));
    sessions.forEach(TorchSession::close);
    return chosen.sum().neg().item_double();
  }
}
