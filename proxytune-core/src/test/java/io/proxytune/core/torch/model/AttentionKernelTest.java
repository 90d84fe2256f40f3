package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.TinyDecoder;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way to compute it, against the formula in float64. */
@Tag("processor")
class AttentionKernelTest {
  private static final int HEAD_DIM = 16;
  private static final int CAPACITY = 320;

  /** The formula, number by number, would take long for more. */
  private static final int MANY_PAIRS = 15_000;

  private static final TorchDevice DEVICE = TorchDevice.CPU;

  @ParameterizedTest
  @CsvSource({
    "4, 4, 0, 1, true",
    "4, 4, 70, 1, true",
    "8, 2, 70, 1, true",
    "4, 4, 0, 16, true",
    "8, 2, 63, 2, true",
    "8, 2, 5, 16, true",
    "4, 4, 0, 17, true",
    "8, 2, 0, 17, true",
    "8, 2, 61, 20, true",
    "4, 1, 64, 64, true",
    "4, 1, 64, 64, false",
    "4, 4, 0, 129, true",
    "4, 2, 7, 150, true",
    "4, 2, 7, 150, false",
  })
  void ofBFloat16IsTheFormulas(int heads, int kvHeads, int position, int tokens, boolean fast) {
    for (AttentionSpec spec : List.of(plain(heads, kvHeads), rich(heads, kvHeads))) {
      try (TorchScope scope = TorchScope.open();
          AttentionKernel wide =
              AttentionKernel.of(AttentionShape.of(spec), DEVICE, ScalarType.Float);
          AttentionKernel kernel = new BFloat16Kernel(wide, fast)) {
        double error = error(kernel, spec, position, tokens, ScalarType.BFloat16);
        assertThat(error).isLessThan(0.03);
      }
    }
  }

  /** Windows that begin within the past, within the span and before both. */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 1, none",
    "1, 90, 1, none",
    "1, 90, 1, 7",
    "2, 90, 12, 7",
    "2, 90, 12, 90",
    "1, 3, 40, 5",
    "1, 3, 40, 500",
    "2, 0, 33, none",
    "2, 9, 150, none",
    "2, 9, 150, 30",
  })
  void ofFloat32IsTheFormulas(int group, int position, int tokens, String window) {
    int heads = 4;
    for (AttentionSpec spec :
        List.of(
            plain(heads, heads / group),
            plain(heads, heads / group).withLinearBias(),
            plain(heads, heads / group).withScale(0.3),
            plain(heads, heads / group).withScoreCap(OptionalDouble.of(1.5)),
            plain(heads, heads / group).withSinks("sinks"),
            rich(heads, heads / group))) {
      OptionalInt size =
          window.equals("none") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(window));
      AttentionSpec windowed = spec.withWindow(size);
      AttentionShape shape = AttentionShape.of(windowed);
      try (TorchScope scope = TorchScope.open();
          AttentionKernel kernel =
              shape.isPlain()
                  ? new FusedKernel(shape, DEVICE, ScalarType.Float)
                  : new ProductsKernel(shape, DEVICE, ScalarType.Float)) {
        double error = error(kernel, windowed, position, tokens, ScalarType.Float);
        assertThat(error).as(shape.toString()).isLessThan(1e-5);
      }
    }
  }

  /** Over as many keys as are summed at once, fewer, and more; alone, and several beside. */
  @ParameterizedTest
  @CsvSource({
    "4, 4, 0, 1, none",
    "4, 4, 299, 1, none",
    "4, 4, 90, 2, 7",
    "4, 2, 1023, 1, none",
    "4, 2, 1023, 2, none",
    "2, 1, 2300, 4, 1500",
  })
  void rowByRowIsTheFormulas(int heads, int kvHeads, int position, int tokens, String window) {
    OptionalInt size =
        window.equals("none") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(window));
    for (AttentionSpec spec :
        List.of(
            plain(heads, kvHeads),
            plain(heads, kvHeads).withLinearBias().withScale(0.3),
            plain(heads, kvHeads).withScoreCap(OptionalDouble.of(1.5)),
            plain(heads, kvHeads).withSinks("sinks"),
            rich(heads, kvHeads))) {
      AttentionSpec windowed = spec.withWindow(size);
      AttentionShape shape = AttentionShape.of(windowed);
      RowwiseKernel.Limits limits = new RowwiseKernel.Limits(tokens * shape.group(), 1);
      try (TorchScope scope = TorchScope.open();
          AttentionKernel kernel =
              new RowwiseKernel(AttentionKernel.of(shape, DEVICE, ScalarType.Float), limits)) {
        double error = error(kernel, windowed, position, tokens, ScalarType.Float);
        assertThat(error).as(shape.toString()).isLessThan(1e-5);
      }
    }
  }

  /** With keys that are attended apart, few and many, and tokens that are split and are not. */
  @ParameterizedTest
  @CsvSource({
    "4, 4, 1023, 17",
    "4, 4, 1024, 16",
    "4, 4, 1024, 17",
    "8, 2, 1500, 140",
    "4, 1, 2048, 64",
    "4, 2, 3333, 129",
    "4, 2, 4096, 600",
  })
  void behindMuchIsTheFormulas(int heads, int kvHeads, int position, int tokens) {
    AttentionSpec spec = plain(heads, kvHeads).withScale(0.3);
    AttentionShape shape = AttentionShape.of(spec);
    try (TorchScope scope = TorchScope.open();
        AttentionKernel wide = new FusedKernel(shape, DEVICE, ScalarType.Float);
        AttentionKernel fast =
            new BFloat16Kernel(new FusedKernel(shape, DEVICE, ScalarType.Float), true)) {
      assertThat(error(wide, spec, position, tokens, ScalarType.Float)).isLessThan(1e-5);
      assertThat(error(fast, spec, position, tokens, ScalarType.BFloat16)).isLessThan(0.03);
    }
  }

  private static AttentionSpec plain(int heads, int kvHeads) {
    return TinyDecoder.attention(heads, kvHeads, HEAD_DIM);
  }

  /** Everything but sinks, which keep bfloat16's fast way out of use. */
  private static AttentionSpec rich(int heads, int kvHeads) {
    return plain(heads, kvHeads)
        .withScale(0.2)
        .withScoreCap(OptionalDouble.of(2))
        .withLinearBias()
        .withWindow(OptionalInt.of(70));
  }

  /** The largest, in parts of the largest value. */
  private static double error(
      AttentionKernel kernel, AttentionSpec spec, int position, int tokens, ScalarType type) {
    int capacity = Math.max(CAPACITY, position + tokens);
    DecoderSpec decoder = TinyDecoder.of(spec, capacity);
    int heads = spec.heads();
    int kvHeads = spec.kvHeads();
    try (KvCache cache = cache(decoder, capacity, kernel)) {
      torch.manual_seed(31L * position + tokens);
      Tensor all = torch.randn(position + tokens, heads + 2L * kvHeads, HEAD_DIM).to(type);
      Tensor sinks = spec.sinks().isPresent() ? torch.randn(heads) : null;
      Tensor past = all.narrow(0, 0, position).narrow(1, heads, 2L * kvHeads).transpose(0, 1);
      cache.write(0, 0, past);
      AttentionKernel.Parts parts = kernel.parts(List.of(new Span(cache, 0, tokens, position)));
      Tensor own = all.narrow(0, position, tokens).clone();
      Tensor actual = kernel.apply(own, parts, 0, sinks);
      assertThat(actual.scalar_type().intern()).isEqualTo(type);
      Tensor exact = all.to(ScalarType.Double);
      Tensor expected =
          position * (long) tokens > MANY_PAIRS
              ? products(exact, spec, position)
              : formula(exact, spec, sinks, position);
      return actual.to(ScalarType.Double).sub(expected).abs().max().item_double()
          / expected.abs().max().item_double();
    }
  }

  private static KvCache cache(DecoderSpec decoder, int capacity, AttentionKernel kernel) {
    AttentionSpec attention = decoder.layers().get(0).attention();
    KvLayout.Layer layer = KvLayout.Layer.of(attention, false, DEVICE, kernel.cacheDType());
    return KvCache.empty(new KvLayout(List.of(layer)), capacity);
  }

  /** {@code all} is {@code [position + tokens, heads + 2 · kvHeads, headDim]}. */
  private static Tensor formula(Tensor all, AttentionSpec spec, Tensor sinks, int position) {
    List<Tensor> rows = new ArrayList<>();
    for (int token = position; token < all.size(0); token++) {
      TensorVector attended = new TensorVector();
      for (int head = 0; head < spec.heads(); head++) {
        attended.push_back(one(all, spec, sinks, token, head));
      }
      rows.add(torch.cat(attended, 0));
    }
    return torch.stack(new TensorVector(rows.toArray(Tensor[]::new)), 0);
  }

  /** The same in matrices, for scaled scores alone. */
  private static Tensor products(Tensor all, AttentionSpec spec, int position) {
    int heads = spec.heads();
    int group = heads / spec.kvHeads();
    long count = all.size(0) - position;
    Tensor queries = all.narrow(0, position, count).narrow(1, 0, heads).transpose(0, 1);
    Tensor keys = all.narrow(1, heads, spec.kvHeads()).transpose(0, 1);
    Tensor values = all.narrow(1, heads + (long) spec.kvHeads(), spec.kvHeads()).transpose(0, 1);
    Tensor scores =
        torch
            .matmul(
                queries,
                keys.repeat_interleave(group, new LongOptional(0), new LongOptional())
                    .transpose(1, 2))
            .mul_(new Scalar(spec.scale()));
    Tensor hidden = torch.ones_like(scores.select(0, 0)).triu(position + 1L).to(ScalarType.Bool);
    scores.masked_fill_(hidden, new Scalar(Double.NEGATIVE_INFINITY));
    Tensor shares = torch.softmax(scores, -1);
    return torch
        .matmul(shares, values.repeat_interleave(group, new LongOptional(0), new LongOptional()))
        .transpose(0, 1)
        .reshape(count, -1);
  }

  private static Tensor one(Tensor all, AttentionSpec spec, Tensor sinks, int token, int head) {
    int kv = head / (spec.heads() / spec.kvHeads());
    int first = Math.max(0, token + 1 - spec.window().orElse(Integer.MAX_VALUE));
    long count = token + 1L - first;
    Tensor query = all.select(0, token).select(0, head);
    Tensor keys = all.narrow(0, first, count).select(1, spec.heads() + kv);
    Tensor values = all.narrow(0, first, count).select(1, spec.heads() + spec.kvHeads() + kv);
    double[] scores = new double[(int) count + (sinks == null ? 0 : 1)];
    for (int i = 0; i < count; i++) {
      double score = keys.select(0, i).dot(query).item_double() * spec.scale();
      if (spec.scoreCap().isPresent()) {
        double cap = spec.scoreCap().getAsDouble();
        score = cap * Math.tanh(score / cap);
      }
      int distance = token - (first + i);
      double slope = spec.linearBias() ? AttentionMasks.slopes(spec.heads())[head] : 0;
      scores[i] = score - slope * distance;
    }
    if (sinks != null) {
      scores[(int) count] = sinks.select(0, head).item_double();
    }
    double sum = IntStream.range(0, scores.length).mapToDouble(i -> Math.exp(scores[i])).sum();
    Tensor result = torch.zeros_like(query);
    for (int i = 0; i < count; i++) {
      result.add_(values.select(0, i), new Scalar(Math.exp(scores[i]) / sum));
    }
    return result;
  }
}
