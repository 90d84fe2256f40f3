package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.ExpertsSpec.Scoring;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LatentSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Descriptions that no family has, with everything that a description can say. For one thread. */
final class RandomDecoder {
  static final int VOCABULARY = 40;
  private static final int CONTEXT = 128;
  private static final int HEAD_DIM = 16;
  private static final int INNER = 48;

  private final Random random;
  private final int width;
  private final boolean withExperts;
  private final int sharing;
  private final int context;

  private RandomDecoder(Random random, boolean withExperts, int sharing, int context) {
    this.random = random;
    this.withExperts = withExperts;
    this.sharing = sharing;
    this.context = context;
    this.width = 32 + 16 * random.nextInt(3);
  }

  static DecoderSpec of(Random random, boolean withExperts) {
    return new RandomDecoder(random, withExperts, 0, CONTEXT).decoder();
  }

  /** One in which forks share the memory of the first layers, of three. */
  static DecoderSpec sharing(Random random, boolean withExperts, int layers) {
    return new RandomDecoder(random, withExperts, layers, CONTEXT).decoder();
  }

  /** One for longer texts, whose last layer at least sees a window of tokens alone. */
  static DecoderSpec windowed(Random random, boolean withExperts, int context) {
    DecoderSpec spec = new RandomDecoder(random, withExperts, 0, context).decoder();
    List<LayerSpec> layers = spec.layers();
    boolean windowed = layers.get(layers.size() - 1).attention().window().isPresent();
    return windowed ? spec : windowed(random, withExperts, context);
  }

  private DecoderSpec decoder() {
    EmbeddingSpec embedding = EmbeddingSpec.of("embedding", VOCABULARY, width);
    if (random.nextBoolean()) {
      embedding = embedding.withScale(1.5);
    }
    if (random.nextBoolean()) {
      embedding =
          embedding.withPositions(new EmbeddingSpec.LearnedPositions("positions", context + 2, 2));
    }
    HeadSpec head =
        HeadSpec.of(
                norm("final", width),
                LinearSpec.of("head", width, VOCABULARY, random.nextBoolean()),
                random.nextBoolean())
            .withScale(random.nextBoolean() ? 1 : 0.5);
    List<LayerSpec> layers = IntStream.range(0, 3).mapToObj(this::layer).toList();
    return new DecoderSpec("Random", width, context, embedding, layers, head);
  }

  private LayerSpec layer(int index) {
    String name = "layer" + index + ".";
    AttentionSpec attention = attention(name);
    while (index < sharing && !AttentionShape.of(attention).takesParts()) {
      attention = attention(name);
    }
    FeedForwardSpec feedForward =
        withExperts && random.nextBoolean() ? experts(name) : mlp(name + "mlp", true);
    Optional<NormSpec> first = some(() -> norm(name + "norm1", width));
    Optional<NormSpec> second = some(() -> norm(name + "norm2", width));
    Optional<NormSpec> third = some(() -> norm(name + "norm3", width));
    Optional<NormSpec> fourth = some(() -> norm(name + "norm4", width));
    return new LayerSpec(
        attention,
        feedForward,
        first,
        second,
        third,
        fourth,
        random.nextInt(3) == 0,
        random.nextInt(4) == 0,
        random.nextBoolean() ? 1 : 0.7);
  }

  private <T> Optional<T> some(Supplier<T> value) {
    return random.nextInt(3) == 0 ? Optional.empty() : Optional.of(value.get());
  }

  private NormSpec norm(String name, int size) {
    return switch (random.nextInt(4)) {
      case 0 -> NormSpec.layer(name, size, 1e-5, true);
      case 1 -> NormSpec.rms(name, size, 1e-6).plusOne();
      default -> NormSpec.rms(name, size, 1e-6);
    };
  }

  private AttentionSpec attention(String name) {
    return random.nextInt(4) == 0 ? latent(name) : direct(name);
  }

  /** Sizes that differ, so that none is taken for another. */
  private AttentionSpec latent(String name) {
    int heads = 1 + random.nextInt(3);
    int plain = 12;
    int rotated = 8;
    int values = random.nextBoolean() ? 10 : plain + rotated;
    int rank = 32;
    boolean bias = random.nextBoolean();
    Optional<LinearSpec> down = some(() -> LinearSpec.of(name + "qDown", width, 48, bias));
    long blocks = (long) heads * (plain + values);
    RotarySpec rotary = rotary();
    LinearSpec query =
        down.isPresent()
            ? LinearSpec.of(name + "qUp", 48, (long) heads * (plain + rotated), false)
            : LinearSpec.of(name + "q", width, (long) heads * (plain + rotated), bias);
    StoredRows keys = StoredRows.ofEachBlock(blocks, heads, 0, plain);
    StoredRows valueRows = StoredRows.ofEachBlock(blocks, heads, plain, values);
    AttentionSpec attention =
        AttentionSpec.of(
                heads,
                heads,
                plain + rotated,
                query,
                LinearSpec.of(name + "kvUp", rank, keys, false),
                LinearSpec.of(name + "kvUp", rank, valueRows, false),
                LinearSpec.of(name + "o", (long) heads * values, width, bias),
                Optional.of(
                    new RotarySpec(
                        rotated, rotary.interleaved(), rotary.theta(), rotary.scaling())))
            .withWindow(random.nextBoolean() ? OptionalInt.of(5) : OptionalInt.empty())
            .withLatent(vectors(name, down, rank, rotated, values, bias));
    return random.nextInt(3) == 0 ? attention.withSinks(name + "sinks") : attention;
  }

  private LatentSpec vectors(
      String name, Optional<LinearSpec> down, int rank, int rotated, int values, boolean bias) {
    StoredRows kept = StoredRows.range(rank + rotated, 0, rank);
    StoredRows turned = StoredRows.range(rank + rotated, rank, rotated);
    return new LatentSpec(
        down,
        down.map(any -> norm(name + "qNorm", 48)),
        LinearSpec.of(name + "kvDown", width, kept, bias),
        norm(name + "kvNorm", rank),
        LinearSpec.of(name + "kvDown", width, turned, bias),
        values);
  }

  private AttentionSpec direct(String name) {
    int kvHeads = 1 + random.nextInt(2);
    int heads = kvHeads * (1 + random.nextInt(2));
    List<LinearSpec> inputs = inputs(name, heads, kvHeads);
    AttentionSpec attention =
        AttentionSpec.of(
                heads,
                kvHeads,
                HEAD_DIM,
                inputs.get(0),
                inputs.get(1),
                inputs.get(2),
                LinearSpec.of(name + "o", (long) heads * HEAD_DIM, width, random.nextBoolean()),
                some(this::rotary))
            .withScale(random.nextBoolean() ? 0.25 : 0.4)
            .withScoreCap(random.nextInt(3) == 0 ? OptionalDouble.of(2) : OptionalDouble.empty())
            .withWindow(random.nextBoolean() ? OptionalInt.of(5) : OptionalInt.empty())
            .withClip(random.nextInt(3) == 0 ? OptionalDouble.of(0.8) : OptionalDouble.empty());
    if (random.nextInt(3) == 0) {
      attention = attention.withLinearBias();
    }
    if (random.nextInt(3) == 0) {
      attention = attention.withSinks(name + "sinks");
    }
    return switch (random.nextInt(3)) {
      case 0 -> attention;
      case 1 -> {
        AttentionSpec normal =
            attention.withNorms(norm(name + "qNorm", HEAD_DIM), norm(name + "kNorm", HEAD_DIM));
        yield random.nextBoolean() ? normal.rotatingFirst() : normal;
      }
      default ->
          attention.withNorms(
              norm(name + "qNorm", heads * HEAD_DIM), norm(name + "kNorm", kvHeads * HEAD_DIM));
    };
  }

  private RotarySpec rotary() {
    int dims = random.nextBoolean() ? HEAD_DIM : HEAD_DIM / 2;
    RopeScaling scaling =
        switch (random.nextInt(3)) {
          case 0 -> new RopeScaling.Linear(2);
          case 1 -> new RopeScaling.Yarn(4, 32, 32, 1, true, 1.1);
          default -> new RopeScaling.None();
        };
    return new RotarySpec(dims, random.nextBoolean(), 10_000, scaling);
  }

  /** Apart, as stretches of one tensor, group by group, or transposed. */
  private List<LinearSpec> inputs(String name, int heads, int kvHeads) {
    long queries = (long) heads * HEAD_DIM;
    long keys = (long) kvHeads * HEAD_DIM;
    long total = queries + 2 * keys;
    boolean bias = random.nextBoolean();
    List<StoredRows> rows = new ArrayList<>();
    switch (random.nextInt(3)) {
      case 0 -> {
        return List.of(
            LinearSpec.of(name + "q", width, queries, bias),
            LinearSpec.of(name + "k", width, keys, random.nextBoolean()),
            LinearSpec.of(name + "v", width, keys, bias));
      }
      case 1 -> {
        rows.add(StoredRows.range(total, 0, queries).asTransposed());
        rows.add(StoredRows.range(total, queries, keys).asTransposed());
        rows.add(StoredRows.range(total, queries + keys, keys).asTransposed());
      }
      default -> {
        long group = queries / kvHeads;
        rows.add(StoredRows.ofEachBlock(total, kvHeads, 0, group));
        rows.add(StoredRows.ofEachBlock(total, kvHeads, group, HEAD_DIM));
        rows.add(StoredRows.ofEachBlock(total, kvHeads, group + HEAD_DIM, HEAD_DIM));
      }
    }
    return rows.stream().map(own -> LinearSpec.of(name + "qkv", width, own, bias)).toList();
  }

  private MlpSpec mlp(String name, boolean bias) {
    boolean gated = random.nextBoolean();
    List<Activation> kinds =
        gated ? List.of(Activation.values()) : List.of(Activation.values()).subList(0, 5);
    Activation activation = kinds.get(random.nextInt(kinds.size()));
    boolean biased = bias && random.nextBoolean();
    return new MlpSpec(
        activation,
        gated ? Optional.of(LinearSpec.of(name + ".gate", width, INNER, biased)) : Optional.empty(),
        LinearSpec.of(name + ".up", width, INNER, biased),
        LinearSpec.of(name + ".down", INNER, width, biased));
  }

  /** Stacked or apart. */
  private ExpertsSpec experts(String name) {
    int count = 4;
    MlpSpec like = mlp(name + "expert", false);
    boolean stacked = random.nextBoolean();
    List<MlpSpec> experts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int expert = i;
      experts.add(
          new MlpSpec(
              like.activation(),
              like.gate().map(gate -> of(gate, expert, stacked)),
              of(like.up(), expert, stacked),
              of(like.down(), expert, stacked)));
    }
    Optional<Scoring.Correction> correction =
        Optional.of(new Scoring.Correction(name + "correction", random.nextBoolean()));
    Scoring scoring =
        switch (random.nextInt(3)) {
          case 0 -> Scoring.SOFTMAX;
          case 1 -> new Scoring(Scoring.Function.SOFTMAX, correction, 1, 1, 1);
          default -> new Scoring(Scoring.Function.SIGMOID, correction, 2, 1, 2);
        };
    Optional<MlpSpec> shared = some(() -> mlp(name + "shared", false));
    return new ExpertsSpec(
        LinearSpec.of(name + "router", width, count, false),
        scoring,
        2,
        random.nextBoolean(),
        random.nextBoolean() ? 1 : 2.5,
        experts,
        shared,
        shared.flatMap(any -> some(() -> LinearSpec.of(name + "sharedGate", width, 1, false))));
  }

  private static LinearSpec of(LinearSpec linear, int expert, boolean stacked) {
    return stacked
        ? LinearSpec.of(linear.module(), linear.in(), linear.rows().ofExpert(expert), false)
        : LinearSpec.of(linear.module() + expert, linear.in(), linear.out(), false);
  }
}
