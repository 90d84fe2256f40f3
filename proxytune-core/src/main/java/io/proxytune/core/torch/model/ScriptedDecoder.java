package io.proxytune.core.torch.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
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
  private final Programs decoding;
  private @Nullable Programs adapting; // guarded by this

  private ScriptedDecoder(Decoder decoder, Programs decoding) {
    this.decoder = decoder;
    this.decoding = decoding;
  }

  /** A program for passes of any number of tokens, and where weights are there twice, of few. */
  private record Programs(DecoderScript forMany, @Nullable DecoderScript forFew)
      implements AutoCloseable {
    static Programs compile(Decoder decoder, ScriptProgram.Use many, ScriptProgram.Use few) {
      DecoderScript forMany = new DecoderScript(decoder, many);
      try {
        return new Programs(forMany, isTwice(decoder) ? new DecoderScript(decoder, few) : null);
      } catch (RuntimeException | Error e) {
        forMany.close();
        throw e;
      }
    }

    Tensor logits(PassPlan plan) {
      boolean few = forFew != null && plan.tokens() <= TwiceLinear.FEW_TOKENS;
      return (few ? forFew : forMany).logits(plan);
    }

    @Override
    public void close() {
      forMany.close();
      if (forFew != null) {
        forFew.close();
      }
    }
  }

  /**
   * Compiles a decoder's programs, in the current scope.
   *
   * @return nothing on GPUs and on several devices, or where this LibTorch can't compile them
   */
  static Optional<ScriptedDecoder> of(Decoder decoder, Placement placement) {
    if (placement.isSplit() || !placement.usesCpu()) {
      return Optional.empty();
    }
    return compiled(decoder, ScriptProgram.Use.DECODING, ScriptProgram.Use.DECODING_FEW)
        .map(programs -> new ScriptedDecoder(decoder, programs));
  }

  private static Optional<Programs> compiled(
      Decoder decoder, ScriptProgram.Use many, ScriptProgram.Use few) {
    try {
      return Optional.of(Programs.compile(decoder, many, few));
    } catch (RuntimeException e) {
      logger.warn(
          "This LibTorch can't compile a pass: decoding goes operator by operator, which is slower",
          e);
      return Optional.empty();
    }
  }

  private static boolean isTwice(Decoder decoder) {
    return decoder.layers().stream()
        .anyMatch(layer -> layer.attention().output() instanceof TwiceLinear);
  }

  /**
   * Compiles the programs for adapters that are more than products of low rank, in the current
   * scope, unless they are there.
   */
  synchronized void prepareAdapting() {
    if (adapting == null) {
      adapting =
          compiled(decoder, ScriptProgram.Use.ADAPTING, ScriptProgram.Use.ADAPTING_FEW)
              .orElse(null);
    }
  }

  private synchronized @Nullable Programs adapting() {
    return adapting;
  }

  /** An empty list for an adapter's matrices in float16, in the current scope. */
  IValue noHalves() {
    return decoding.forMany.emptyHalves();
  }

  /** Whether a pass is one that these programs can run. */
  boolean takes(PassPlan plan) {
    return plan.tokens() <= MOST_TOKENS
        && plan.adapterRows().size() <= 1
        && programs(plan) != null
        && takesHead(plan)
        && plan.spans().stream().allMatch(this::takes);
  }

  /** The rows wanted come in the segments' order: an adapter's may be several pieces of them. */
  private static boolean takesHead(PassPlan plan) {
    List<AdapterRows> rows = plan.wantedAdapterRows();
    return rows.size() <= 1
        || rows.stream().map(AdapterRows::adapter).allMatch(ScriptedDecoder::takesHeadInPieces);
  }

  private static boolean takesHeadInPieces(AdapterWeights adapter) {
    return adapter.head() == null || !adapter.isPlain();
  }

  private @Nullable Programs programs(PassPlan plan) {
    boolean plain = plan.adapterRows().stream().allMatch(rows -> rows.adapter().isPlain());
    return plain ? decoding : adapting();
  }

  private boolean takes(Span span) {
    return span.count() <= MOST_OF_A_SEGMENT && decoder.isConstant(span.end());
  }

  /**
   * Logits of a pass's wanted rows; nothing of use where it wants none.
   *
   * @param plan one that these programs take
   * @return {@code [wanted rows, vocabulary]}
   */
  Tensor logits(PassPlan plan) {
    return requireNonNull(programs(plan), "programs").logits(plan);
  }

  @Override
  public synchronized void close() {
    decoding.close();
    if (adapting != null) {
      adapting.close();
    }
  }
}
