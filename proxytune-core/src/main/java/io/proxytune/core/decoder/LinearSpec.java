package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * A linear layer, {@code y = x Wᵀ + b}, and where its weight is stored: immutable.
 *
 * @param weight the tensor that holds the weight, such as {@code
 *     model.layers.0.self_attn.q_proj.weight}
 * @param bias the tensor that holds the bias, whose elements lie as the weight's rows do
 * @param in the width of the input
 * @param rows which rows of the tensor are the layer's
 */
public record LinearSpec(String weight, Optional<String> bias, long in, StoredRows rows) {
  private static final String WEIGHT = ".weight";

  public LinearSpec {
    requireNonNull(weight, "weight");
    requireNonNull(bias, "bias");
    checkArgument(in >= 1, "in must be >= 1, got %s", in);
  }

  /**
   * A layer with tensors of its own, as PyTorch's {@code Linear} has them.
   *
   * @param module its name; the tensors are {@code module.weight} and {@code module.bias}
   * @param in the width of the input
   * @param out the width of the output
   * @param bias whether it has a bias
   * @return the layer
   */
  public static LinearSpec of(String module, long in, long out, boolean bias) {
    return of(module, in, StoredRows.all(out), bias);
  }

  /**
   * A layer whose rows are part of a module's.
   *
   * @param module the module's name; the tensors are {@code module.weight} and {@code module.bias}
   * @param in the width of the input
   * @param rows which rows of the module's are the layer's
   * @param bias whether it has a bias
   * @return the layer
   */
  public static LinearSpec of(String module, long in, StoredRows rows, boolean bias) {
    Optional<String> stored = bias ? Optional.of(module + ".bias") : Optional.empty();
    return new LinearSpec(module + WEIGHT, stored, in, rows);
  }

  /**
   * The width of the output.
   *
   * @return the number of the layer's rows
   */
  public long out() {
    return rows.rows();
  }

  /**
   * The module that the weight belongs to, which is what adapters are named after.
   *
   * @return the tensor's name without {@code .weight}
   */
  public String module() {
    return weight.endsWith(WEIGHT)
        ? weight.substring(0, weight.length() - WEIGHT.length())
        : weight;
  }

  /**
   * Whether the tensors of linear layers that read the same input can stand one below the other, as
   * one matrix and, if they have them, one bias.
   *
   * @param linears the layers
   * @return whether none is a part of its tensor or transposed, and all have biases or none
   */
  public static boolean areStackable(List<LinearSpec> linears) {
    long biased = linears.stream().filter(linear -> linear.bias.isPresent()).count();
    return (biased == 0 || biased == linears.size())
        && linears.stream().allMatch(linear -> linear.rows.isAll() && !linear.rows.transposed());
  }

  /**
   * How many weights the layer has.
   *
   * @return {@code out · in}
   */
  public long elements() {
    return out() * in;
  }
}
