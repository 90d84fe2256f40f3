package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A decoder's passes of few tokens on the CPU, each as one call of a TorchScript program. With few
 * tokens the small operators between the products count: weights that stream through the caches
 * leave them cold, and called one by one from Java an operator then costs many times what it does
 * in a tight loop. What it can't take, {@link Decoder} does layer by layer.
 *
 * <p>Immutable but for {@link #close()}; safe for use by several threads.
 */
final class ScriptedDecoder implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ScriptedDecoder.class);

  /**
   * Enough for checking the drafts of several sequences: those passes then round as the plain steps
   * do, and agree with them but for the products.
   */
  private static final int MOST_TOKENS = 64;

  /** As in {@link BFloat16Attention}: for more, other operators are faster. */
  private static final int MOST_OF_A_SEGMENT = 16;

  private final Decoder decoder;
  private final DecoderScript packed;
  private final @Nullable DecoderScript half;

  private ScriptedDecoder(Decoder decoder, DecoderScript packed, @Nullable DecoderScript half) {
    this.decoder = decoder;
    this.packed = packed;
    this.half = half;
  }

  /**
   * Compiles a decoder's programs, in the current scope.
   *
   * @return nothing where the decoder's layers are of other kinds than packed ones
   */
  static Optional<ScriptedDecoder> of(Decoder decoder) {
    List<ScriptedLinear> few = new ArrayList<>();
    List<ScriptedLinear> many = new ArrayList<>();
    for (Linear linear : linears(decoder)) {
      Linear forMany = linear instanceof TwiceLinear twice ? twice.many() : linear;
      if (!(forMany instanceof PackedLinear packed)) {
        return Optional.empty();
      }
      many.add(packed);
      if (linear instanceof TwiceLinear twice && twice.few() instanceof HalfLinear half) {
        few.add(half);
      }
    }
    return decoder.attention().cacheDType() == ScalarType.Float
        ? compiled(decoder, few, many)
        : Optional.empty();
  }

  private static List<Linear> linears(Decoder decoder) {
    List<Linear> linears = new ArrayList<>();
    for (DecoderLayer layer : decoder.layers()) {
      linears.addAll(List.of(layer.queryKeyValue(), layer.output(), layer.gateUp(), layer.down()));
    }
    linears.add(decoder.head());
    return linears;
  }

  private static Optional<ScriptedDecoder> compiled(
      Decoder decoder, List<ScriptedLinear> few, List<ScriptedLinear> many) {
    try {
      DecoderScript packed = new DecoderScript(decoder, many);
      try {
        // Where one weight is beyond float16, all are computed from their packed form.
        boolean halves = few.size() == many.size();
        DecoderScript half = halves ? new DecoderScript(decoder, few) : null;
        return Optional.of(new ScriptedDecoder(decoder, packed, half));
      } catch (RuntimeException | Error e) {
        packed.close();
        throw e;
      }
    } catch (RuntimeException e) {
      logger.warn(
          "This LibTorch can't compile a pass: decoding goes operator by operator, which is slower",
          e);
      return Optional.empty();
    }
  }

  /** Whether a pass is one that these programs can run. */
  boolean takes(PassPlan plan) {
    return plan.tokens() <= MOST_TOKENS
        && plan.adapterRows().size() <= 1
        && plan.spans().stream().allMatch(this::takes);
  }

  private boolean takes(Span span) {
    return span.count() <= MOST_OF_A_SEGMENT && decoder.rotary().isConstant(span.end());
  }

  /**
   * Logits of a pass's wanted rows; nothing of use where it wants none.
   *
   * @return {@code [wanted rows, vocabulary]}
   */
  Tensor logits(PassPlan plan) {
    boolean few = half != null && plan.tokens() <= TwiceLinear.FEW_TOKENS;
    return (few ? half : packed).logits(plan);
  }

  @Override
  public void close() {
    packed.close();
    if (half != null) {
      half.close();
    }
  }
}
