package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer on a weight that oneDNN reordered once at load: the fastest way on the CPU to read
 * a weight for a few tokens, with the addition in the same pass.
 *
 * <p>In bfloat16 the kernel reads a weight faster for some tokens than for one on some processors:
 * there fewer tokens are padded to as many rows.
 */
final class PackedLinear implements Linear {
  /** oneDNN lays the weight out for about so many tokens at once; 8 serves 1 to 16 well. */
  private static final long TOKENS_HINT = 8;

  /** The fewest rows of bfloat16 that are worth a call; 1 for no padding. */
  static final int LEAST_ROWS = CpuFeatures.readsSomeRowsFaster() ? 5 : 1;

  /** The operators, which not every build and processor has. */
  record Kernels(BoxedOperator reorder, BoxedOperator unary, BoxedOperator binary) {
    static Optional<Kernels> find() {
      Optional<BoxedOperator> reorder = BoxedOperator.find("mkldnn::_reorder_linear_weight", "");
      Optional<BoxedOperator> unary = BoxedOperator.find("mkldnn::_linear_pointwise", "");
      Optional<BoxedOperator> binary = BoxedOperator.find("mkldnn::_linear_pointwise", "binary");
      return reorder.isEmpty() || unary.isEmpty() || binary.isEmpty()
          ? Optional.empty()
          : Optional.of(new Kernels(reorder.get(), unary.get(), binary.get()));
    }
  }

  private static final String SCRIPT =
      "ops.mkldnn._linear_pointwise(%s, %s, %s, \"none\", annotate(List[Optional[number]], []),"
          + " None)";

  private static final String SUM_SCRIPT = "ops.mkldnn._linear_pointwise(%s, %s, %s, %s, \"add\")";

  private final Kernels kernels;
  private final ScalarType type;
  private final OneDnnBlocks blocks = new OneDnnBlocks();
  private final IValue weight;
  private final IValue bias;
  // Arguments that never change.
  private final IValue noScalars;
  private final IValue noAlgorithm;
  private final IValue none;
  private final IValue add;

  /**
   * For one token, two, …: the row that each row of the padded input repeats; empty: no padding.
   */
  private final List<Tensor> paddings;

  /** Copies the weight, {@code [out, in]}, into its packed form; takes over the bias. */
  PackedLinear(Kernels kernels, Tensor weight, @Nullable Tensor bias) {
    this(kernels, weight, bias, LEAST_ROWS);
  }

  /** With fewer rows of bfloat16 padded to so many. */
  PackedLinear(Kernels kernels, Tensor weight, @Nullable Tensor bias, int leastRows) {
    // Constants from native calls are not the enum's own until interned.
    this(kernels, packed(kernels, weight), weight.scalar_type().intern(), bias, leastRows);
  }

  private PackedLinear(
      Kernels kernels, Tensor packed, ScalarType type, @Nullable Tensor bias, int leastRows) {
    this.kernels = kernels;
    this.type = type;
    this.weight = Native.keep(new IValue(packed));
    this.bias = Native.keep(bias == null ? new IValue() : new IValue(bias));
    this.noScalars = Native.keep(kernels.unary.emptyList(4));
    this.noAlgorithm = Native.keep(new IValue());
    this.none = Native.keep(new IValue("none"));
    this.add = Native.keep(new IValue("add"));
    this.paddings = type == ScalarType.BFloat16 ? paddings(leastRows) : List.of();
  }

  private static Tensor packed(Kernels kernels, Tensor weight) {
    return kernels.reorder.call(new IValue(weight), new IValue(TOKENS_HINT));
  }

  /**
   * Makes one again of what {@link #kept} gave.
   *
   * @param type the model's dtype
   * @throws KeptWeight.UnusableException if it is not that, or can't be read
   */
  static PackedLinear restored(
      Kernels kernels,
      KeptWeight kept,
      long outputs,
      long inputs,
      ScalarType type,
      @Nullable Tensor bias) {
    Tensor packed =
        kept.like(
            type + " " + outputs + " x " + inputs,
            () -> packed(kernels, zeros(type, outputs, inputs)));
    OneDnnBlocks.fill(packed, type, kept);
    return new PackedLinear(kernels, packed, type, bias, LEAST_ROWS);
  }

  private static Tensor zeros(ScalarType type, long... shape) {
    return torch.zeros(shape, new TensorOptions(type));
  }

  @Override
  public Map<String, Tensor> kept() {
    return blocks.kept(packed(), type);
  }

  private static List<Tensor> paddings(int leastRows) {
    List<Tensor> paddings = new ArrayList<>();
    for (int tokens = 1; tokens < leastRows; tokens++) {
      paddings.add(
          Native.keep(
              torch
                  .arange(new Scalar(leastRows), new TensorOptions(ScalarType.Long))
                  .clamp_max_(new Scalar(tokens - 1))));
    }
    return List.copyOf(paddings);
  }

  @Override
  public Tensor apply(Tensor x) {
    int tokens = (int) x.size(0);
    if (!padded(tokens)) {
      return product(x);
    }
    Tensor rows = torch.index_select(x, 0, paddings.get(tokens - 1));
    return product(rows).narrow(0, 0, tokens);
  }

  private Tensor product(Tensor x) {
    return kernels.unary.call(new IValue(x), weight, bias, none, noScalars, noAlgorithm);
  }

  boolean padded(long tokens) {
    return tokens <= paddings.size();
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    if (padded(x.size(0))) {
      return apply(x).add_(addend); // one pass over a few rows: less than padding the addend
    }
    return kernels.binary.call(new IValue(x), new IValue(addend), weight, bias, add);
  }

  /** The weight as oneDNN laid it out. */
  Tensor packed() {
    return weight.toTensor();
  }

  @Override
  public Optional<TiledWeight> tiled() {
    return TiledWeight.of(packed());
  }

  @Override
  public String write(ScriptWriter script, String x) {
    if (!paddings.isEmpty()) {
      script.padTo(paddings.size() + 1);
    }
    return script.let(
        SCRIPT, x, script.tensor(weight), bias.isNone() ? "None" : script.tensor(bias));
  }

  /**
   * Writes the product plus an addend of its dtype; of a layer that pads no rows.
   *
   * @return the name of the result, which is new
   */
  String writeAdd(ScriptWriter script, String x, String addend) {
    return script.let(
        SUM_SCRIPT, x, addend, script.tensor(weight), bias.isNone() ? "None" : script.tensor(bias));
  }

  @Override
  public void close() {
    blocks.close();
    weight.close();
    bias.close();
    noScalars.close();
    noAlgorithm.close();
    none.close();
    add.close();
    paddings.forEach(Tensor::close);
  }
}
