package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.proxytune.LogitSession;
import io.proxytune.LogitSource;
import io.proxytune.Segment;
import io.proxytune.Segment.Rows;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.torch.TorchScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The scripted pass beside the same pass layer by layer, on random batches. */
class ScriptedDecoderTest {
  private static final int ROUNDS = 40;
  private static final int CAPACITY = 64;

  @TempDir Path temp;

  private TorchModel load(DType dtype, WeightLayout layout, Quantization quantization) {
    Path folder = new TinyLlama().type(StoredType.F32).write(temp);
    LoadOptions options =
        LoadOptions.defaults().withDType(dtype).withLayout(layout).withQuantization(quantization);
    LogitSource model = ModelLoader.load(DecoderCheckpoint.open(folder), Optional.empty(), options);
    return (TorchModel) model;
  }

  private TorchModel load(DType dtype, WeightLayout layout) {
    return load(dtype, layout, Quantization.none());
  }

  /** Twin sessions, one for each way. */
  private record Pair(TorchSession scripted, TorchSession plain) {
    static Pair open(TorchModel model) {
      return new Pair(
          (TorchSession) model.newSession(CAPACITY), (TorchSession) model.newSession(CAPACITY));
    }
  }

  private static PassPlan plan(List<TorchSession> sessions, List<int[]> tokens, List<Rows> rows) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < sessions.size(); i++) {
      segments.add(new Segment(sessions.get(i), tokens.get(i), rows.get(i)));
    }
    return new PassPlan(segments, sessions);
  }

  /** In bfloat16 both round, in other places: each is off by up to half the tolerance. */
  @ParameterizedTest
  @CsvSource({
    "FLOAT32, PACKED, 1e-5",
    "BFLOAT16, PACKED, 0.06",
    "BFLOAT16, PACKED_TWICE, 0.06",
  })
  void agreesWithThePassLayerByLayer(DType dtype, WeightLayout layout, double tolerance) {
    try (TorchModel model = load(dtype, layout)) {
      assumeThat(model.scripted()).isNotNull();
      Random random = new Random(5);
      List<Pair> pairs = List.of(Pair.open(model), Pair.open(model), Pair.open(model));
      for (int round = 0; round < ROUNDS; round++) {
        compare(model, pairs, random, tolerance);
      }
      pairs.forEach(pair -> List.of(pair.scripted, pair.plain).forEach(LogitSession::close));
    }
  }

  private static void compare(TorchModel model, List<Pair> pairs, Random random, double tolerance) {
    int count = 1 + random.nextInt(pairs.size());
    List<Pair> some = pairs.subList(0, count);
    List<int[]> tokens = new ArrayList<>();
    List<Rows> rows = new ArrayList<>();
    for (Pair pair : some) {
      if (pair.plain.position() > CAPACITY - 6) {
        pair.scripted.truncate(random.nextInt(8));
        pair.plain.truncate(pair.scripted.position());
      }
      tokens.add(random.ints(1 + random.nextInt(5), 0, model.width()).toArray());
      rows.add(random.nextBoolean() ? Rows.ALL : Rows.LAST);
    }
    PassPlan fast = plan(some.stream().map(Pair::scripted).toList(), tokens, rows);
    PassPlan slow = plan(some.stream().map(Pair::plain).toList(), tokens, rows);
    try (TorchScope scope = TorchScope.open()) {
      assertThat(model.scripted().takes(fast)).isTrue();
      Tensor actual = model.scripted().logits(fast);
      Tensor expected = model.layerByLayer(slow).to(ScalarType.Double);
      assertThat(actual.size(0)).isEqualTo(expected.size(0));
      double error = actual.to(ScalarType.Double).sub(expected).abs().max().item_double();
      assertThat(error / expected.abs().max().item_double()).isLessThan(tolerance);
    }
    for (int i = 0; i < count; i++) {
      int end = some.get(i).plain.position() + tokens.get(i).length;
      some.get(i).plain.moveTo(end);
      some.get(i).scripted.moveTo(end);
    }
  }

  @ParameterizedTest
  @EnumSource(WeightLayout.class)
  void everyPackedModelIsScripted(WeightLayout layout) {
    try (TorchScope scope = TorchScope.open();
        TorchModel model = load(DType.BFLOAT16, layout)) {
      boolean packed = Linears.on(model.device(), model.dtype(), layout).packed();
      assertThat(model.scripted() != null).isEqualTo(packed);
    }
  }

  @Test
  void otherLinearLayersAreNot() {
    try (TorchModel half = load(DType.FLOAT16, WeightLayout.PACKED);
        TorchModel rounded = load(DType.FLOAT32, WeightLayout.PACKED, Quantization.int8())) {
      assertThat(half.scripted()).isNull();
      assertThat(rounded.scripted()).isNull();
    }
  }

  @Test
  void longPassesGoLayerByLayer() {
    try (TorchModel model = load(DType.FLOAT32, WeightLayout.PACKED);
        TorchSession session = (TorchSession) model.newSession(CAPACITY)) {
      assumeThat(model.scripted()).isNotNull();
      List<TorchSession> one = List.of(session);
      assertThat(model.scripted().takes(plan(one, List.of(new int[16]), List.of(Rows.LAST))))
          .isTrue();
      assertThat(model.scripted().takes(plan(one, List.of(new int[17]), List.of(Rows.LAST))))
          .isFalse();
    }
  }
}
