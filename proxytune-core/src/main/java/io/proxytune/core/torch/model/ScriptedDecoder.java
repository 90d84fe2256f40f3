package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.IValue;
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
  private final DecoderScript forMany;
  private final @Nullable DecoderScript forFew; // null: the same

  private ScriptedDecoder(Decoder decoder, DecoderScript forMany, @Nullable DecoderScript forFew) {
    this.decoder = decoder;
    this.forMany = forMany;
    this.forFew = forFew;
  }

  /**
   * Compiles a decoder's programs, in the current scope.
   *
   * @return nothing where the decoder's layers are of kinds that programs can't compute
   */
  static Optional<ScriptedDecoder> of(Decoder decoder) {
    if (decoder.attention().cacheDType() != ScalarType.Float || decoder.embedding().is_cuda()) {
      return Optional.empty();
    }
    List<Linear> linears = linears(decoder);
    List<ScriptedProduct> many =
        products(linears, linear -> linear instanceof TwiceLinear twice ? twice.many() : linear);
    List<ScriptedProduct> few =
        products(linears, linear -> linear instanceof TwiceLinear twice ? twice.few() : linear);
    boolean twice = linears.stream().anyMatch(TwiceLinear.class::isInstance);
    return many.isEmpty() ? Optional.empty() : compiled(decoder, many, twice ? few : List.of());
  }

  private static List<Linear> linears(Decoder decoder) {
    List<Linear> linears = new ArrayList<>();
    for (DecoderLayer layer : decoder.layers()) {
      linears.addAll(List.of(layer.queryKeyValue(), layer.output(), layer.gateUp(), layer.down()));
    }
    linears.add(decoder.head());
    return linears;
  }

  /** One for each; none at all where one can't be had, or a layer's are of different kinds. */
  private static List<ScriptedProduct> products(
      List<Linear> linears, UnaryOperator<Linear> choice) {
    List<ScriptedProduct> products =
        linears.stream().map(choice).map(Linear::script).flatMap(Optional::stream).toList();
    boolean complete = products.size() == linears.size();
    return complete && inLayers(products).allMatch(products.get(0)::isLike) ? products : List.of();
  }

  /** All but the head's. */
  private static Stream<ScriptedProduct> inLayers(List<ScriptedProduct> products) {
    return products.stream().limit(products.size() - 1L);
  }

  private static Optional<ScriptedDecoder> compiled(
      Decoder decoder, List<ScriptedProduct> many, List<ScriptedProduct> few) {
    try {
      DecoderScript forMany = new DecoderScript(decoder, many);
      try {
        // Where one weight is beyond float16, all are computed from the form for many tokens.
        DecoderScript forFew = few.isEmpty() ? null : new DecoderScript(decoder, few);
        return Optional.of(new ScriptedDecoder(decoder, forMany, forFew));
      } catch (RuntimeException | Error e) {
        forMany.close();
        throw e;
      }
    } catch (RuntimeException e) {
      logger.warn(
          "This LibTorch can't compile a pass: decoding goes operator by operator, which is slower",
          e);
      return Optional.empty();
    }
  }

  /** An empty list for an adapter's matrices in float16, in the current scope. */
  IValue noHalves() {
    return forMany.emptyHalves();
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
