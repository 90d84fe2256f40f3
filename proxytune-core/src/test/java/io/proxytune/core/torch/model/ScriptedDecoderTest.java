package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.WeightLayout;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scripted pass beside the same pass layer by layer, on random batches. */
@Tag("processor")
class ScriptedDecoderTest {
  private static final int ROUNDS = 40;
  private static final int CAPACITY = 64;
  private static final int MOST_TOKENS = 5;

  @TempDir Path temp;

  private TorchModel load(DType dtype, WeightLayout layout, Quantization quantization) {
    Path folder = new TinyLlama().type(StoredType.BF16).write(temp);
    LoadOptions options =
        LoadOptions.defaults().withDType(dtype).withLayout(layout).withQuantization(quantization);
    LogitModel model = ModelLoader.load(DecoderCheckpoint.open(folder), Optional.empty(), options);
    return (TorchModel) model;
  }

  private TorchModel load(DType dtype, WeightLayout layout) {
    return load(dtype, layout, Quantization.none());
  }

  /** One history in three sessions: scripted, layer by layer, and exact. */
  private record Sequence(TorchSession scripted, TorchSession plain, TorchSession exact) {
    static Sequence open(TorchModel model, TorchModel exact) {
      return new Sequence(session(model), session(model), session(exact));
    }

    private static TorchSession session(TorchModel model) {
      return (TorchSession) model.newSession(CAPACITY);
    }

    private List<TorchSession> all() {
      return List.of(scripted, plain, exact);
    }

    /** Forgets most where more than so many tokens would not fit. */
    void makeRoom(int tokens, Random random) {
      if (exact.position() > CAPACITY - tokens) {
        int position = random.nextInt(8);
        all().forEach(session -> session.truncate(position));
      }
    }

    void append(int[] tokens) {
      all().forEach(session -> session.append(tokens));
    }
  }

  /** Random segments of several sequences. */
  private record Batch(List<Sequence> sequences, List<int[]> tokens, List<Rows> rows) {
    static Batch random(List<Sequence> sequences, int width, Random random) {
      List<Sequence> some = sequences.subList(0, 1 + random.nextInt(sequences.size()));
      some.forEach(sequence -> sequence.makeRoom(MOST_TOKENS, random));
      return new Batch(
          some,
          some.stream()
              .map(s -> random.ints(1 + random.nextInt(MOST_TOKENS), 0, width).toArray())
              .toList(),
          some.stream().map(s -> random.nextBoolean() ? Rows.ALL : Rows.LAST).toList());
    }

    PassPlan plan(Function<Sequence, TorchSession> which) {
      List<TorchSession> sessions = sequences.stream().map(which).toList();
      List<Segment> segments = new ArrayList<>();
      for (int i = 0; i < sessions.size(); i++) {
        segments.add(new Segment(sessions.get(i), tokens.get(i), rows.get(i)));
      }
      return new PassPlan(segments, sessions);
    }

    void move() {
      for (int i = 0; i < sequences.size(); i++) {
        sequences.get(i).append(tokens.get(i));
      }
    }
  }

  /** Both are compared with float32: in bfloat16 each rounds in places of its own. */
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "FLOAT32, PACKED, none",
    "BFLOAT16, PACKED, none",
    "BFLOAT16, PACKED_TWICE, none",
    "FLOAT32, PACKED, int8",
    "FLOAT32, PACKED, int8+head",
    "BFLOAT16, PACKED, int8",
    "BFLOAT16, PACKED_TWICE, int8",
    "FLOAT32, PACKED, int4:32",
    "FLOAT32, PACKED, int4:64+head",
    "BFLOAT16, PACKED, int4:128",
    "FLOAT16, PACKED, none",
    "FLOAT16, PACKED, int8",
  })
  void isAsExactAsThePassLayerByLayer(DType dtype, WeightLayout layout, String format) {
    Quantization quantization = Quantization.parse(format);
    try (TorchModel model = load(dtype, layout, quantization);
        TorchModel exact = load(DType.FLOAT32, WeightLayout.PACKED, quantization)) {
      Random random = new Random(5);
      List<Sequence> sequences =
          Stream.generate(() -> Sequence.open(model, exact)).limit(3).toList();
      double scripted = 0;
      double plain = 0;
      for (int round = 0; round < ROUNDS; round++) {
        Batch batch = Batch.random(sequences, model.width(), random);
        try (TorchScope scope = TorchScope.open()) {
          Tensor expected = exact.layerByLayer(batch.plan(Sequence::exact));
          assertThat(model.scripted().takes(batch.plan(Sequence::scripted))).isTrue();
          scripted += error(model.scripted().logits(batch.plan(Sequence::scripted)), expected);
          plain += error(model.layerByLayer(batch.plan(Sequence::plain)), expected);
        }
        batch.move();
      }
      assertThat(scripted).isLessThan(1.25 * plain + ROUNDS * 1e-6);
      assertThat(plain).isLessThan(ROUNDS * 0.05);
      sequences.forEach(sequence -> sequence.all().forEach(LogitSession::close));
    }
  }

  /** Either way, in every layout and format: logits that differ little are not made equal. */
  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, PACKED, none",
    "BFLOAT16, PACKED_TWICE, none",
    "FLOAT16, PACKED, none",
    "FLOAT32, PACKED, none",
    "BFLOAT16, PACKED, int8",
    "BFLOAT16, PACKED, int8+head",
    "FLOAT16, PACKED, int8+head",
    "BFLOAT16, PACKED, int4",
  })
  void logitsAreFloat32(DType dtype, WeightLayout layout, String format) {
    try (TorchModel model = load(dtype, layout, Quantization.parse(format));
        TorchSession session = Sequence.session(model);
        TorchScope scope = TorchScope.open()) {
      List<TorchSession> sessions = List.of(session);
      List<Segment> segments = List.of(new Segment(session, new int[] {3, 1, 4}, Rows.ALL));
      assertUnrounded(model.layerByLayer(new PassPlan(segments, sessions)));
      if (model.scripted() != null) {
        assertUnrounded(model.scripted().logits(new PassPlan(segments, sessions)));
      }
    }
  }

  /** Of 48 values, two or so have the zeros of a rounding to 8 bits by chance. */
  private static void assertUnrounded(Tensor logits) {
    assertThat(logits.scalar_type().intern()).isEqualTo(ScalarType.Float);
    Tensor rounded = logits.to(ScalarType.BFloat16).to(ScalarType.Float);
    assertThat(rounded.eq(logits).sum().item_long()).isLessThan(logits.numel() / 4);
  }

  /** The mean error, in parts of the largest logit. */
  private static double error(Tensor actual, Tensor expected) {
    assertThat(actual.size(0)).isEqualTo(expected.size(0));
    assertThat(actual.size(1)).isEqualTo(expected.size(1));
    Tensor wide = expected.to(ScalarType.Double);
    double mean = actual.to(ScalarType.Double).sub(wide).abs().mean().item_double();
    return mean / wide.abs().max().item_double();
  }

  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, PACKED, none",
    "BFLOAT16, PACKED_TWICE, none",
    "FLOAT16, PACKED, none",
    "FLOAT32, PACKED, none",
    "BFLOAT16, PACKED, int8",
    "BFLOAT16, PACKED_TWICE, int8",
    "FLOAT16, PACKED, int8+head",
    "BFLOAT16, PACKED, int4:32",
    "BFLOAT16, PACKED_TWICE, int4:64+head",
  })
  void everyModelIsScripted(DType dtype, WeightLayout layout, String format) {
    try (TorchScope scope = TorchScope.open();
        TorchModel model = load(dtype, layout, Quantization.parse(format))) {
      assertThat(model.scripted()).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 16, true", "1, 17, false", "4, 16, true", "5, 13, false"})
  void longPassesGoLayerByLayer(int segments, int tokens, boolean scripted) {
    try (TorchModel model = load(DType.FLOAT32, WeightLayout.PACKED)) {
      List<TorchSession> sessions =
          Stream.generate(() -> Sequence.session(model)).limit(segments).toList();
      List<Segment> batch =
          sessions.stream().map(s -> new Segment(s, new int[tokens], Rows.LAST)).toList();
      assertThat(model.scripted().takes(new PassPlan(batch, sessions))).isEqualTo(scripted);
      sessions.forEach(LogitSession::close);
    }
  }
}
