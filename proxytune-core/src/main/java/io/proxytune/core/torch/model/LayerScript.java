package io.proxytune.core.torch.model;

import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;

/** What the layers of a decoder have in common in TorchScript. */
final class LayerScript {
  /** A layer's parameters but its input. */
  static final String PARAMETERS =
      ", tensors: List[Tensor], packed: List[{packed}], caches: List[List[Tensor]], shared:"
          + " List[List[Tensor]], layer: int, first: int, segments: List[int], runs: List[int],"
          + " padding: Tensor, angles: List[Tensor], masks: List[List[Optional[Tensor]]], lookups:"
          + " List[List[Tensor]], adapter: List[Optional[Tensor]], halves:"
          + " List[Optional[{packed}]], adapted: List[int]";

  /** The same as arguments, behind the layer's own lists. */
  static final String ARGUMENTS =
      ", caches, shared, i, firsts[i], segments, runs, padding, angles, masks, lookups, adapter,"
          + " halves, adapted";

  /** Those of a layer in training. */
  static final String TRAINING_PARAMETERS =
      ", tensors: List[Tensor], rows: int, length: int, angles: List[Tensor],"
          + " masks: List[Tensor]";

  /** The same as arguments, behind the layer's own list. */
  static final String TRAINING_ARGUMENTS = ", rows, length, angles, masks";

  /** What an adapter adds to the rows that it takes part in: two tensors for a layer. */
  private static final String ADAPT = adapting("", 2);

  /** What any adapter changes: four tensors for a layer, of which each may be missing. */
  private static final String CHANGE =
      adapting(
          """
                factor = adapter[4 * index + 2]
                if factor is not None:
                  rows.mul_(factor)
                shift = adapter[4 * index + 3]
                if shift is not None:
                  rows.add_(shift)
          """,
          4);

  private static String adapting(String before, int tensors) {
    return """
        if adapted[1] > 0:
          rows = y.narrow(0, adapted[0], adapted[1])
          own = x.narrow(0, adapted[0], adapted[1])
    {before}\
          if len(halves) > 0: # in every pass, so that all round alike
            c = halves[2 * index]
            d = halves[2 * index + 1]
            if c is not None and d is not None:
              low = ops.quantized.linear_dynamic_fp16(own.to(6), c)
              rows.add_(ops.quantized.linear_dynamic_fp16(low, d))
          else:
            a = adapter[{tensors} * index]
            b = adapter[{tensors} * index + 1]
            if a is not None and b is not None:
              rows.add_(torch.mm(torch.mm(own.to(a.dtype), a), b))
        return y
    """
        .replace("{before}", before)
        .replace("{tensors}", Integer.toString(tensors));
  }

  private LayerScript() {}

  static String withTypes(String text) {
    return text.replace("{packed}", HalfLinear.SCRIPT_TYPE);
  }

  /** A linear layer and what an adapter adds to it; the result is new. */
  static String linear(ScriptWriter script, Linear linear, String x) {
    String y = linear.write(script, x);
    if (script.program().isForTraining()) {
      return y; // an adapter in training is part of the layer
    }
    String index = "first + " + script.nextLinear();
    script.line("%s", adapt(script, y, x, index, "adapted"));
    return y;
  }

  /** What adds to a product {@code y} of {@code x}, in place. */
  static String adapt(ScriptWriter script, String y, String x, String index, String rows) {
    String method =
        script
            .program()
            .method(
                "adapt",
                withTypes(
                    "y: Tensor, x: Tensor, index: int, adapter: List[Optional[Tensor]],"
                        + " halves: List[Optional[{packed}]], adapted: List[int]) -> Tensor"),
                script.program().isForAdapting() ? CHANGE : ADAPT);
    return String.format(
        Locale.ROOT, "%s = self.%s(%s, %s, %s, adapter, halves, %s)", y, method, y, x, index, rows);
  }

  /**
   * Writes a loop over all layers: each one's method by its kind, called with {@code x}, which it
   * gives anew.
   *
   * @param methods the method of each layer
   * @param arguments those behind {@code x}, in terms of the layer's number {@code i}
   */
  static void writeLoop(ScriptWriter script, List<String> methods, String arguments) {
    script.line("for i in range(len(layerTensors)):");
    List<String> distinct = methods.stream().distinct().toList();
    StringBuilder indent = new StringBuilder("  ");
    for (int kind = 0; kind < distinct.size(); kind++) {
      boolean last = kind == distinct.size() - 1;
      if (!last) {
        script.line("%sif kinds[i] == %d:", indent, kind);
      }
      script.line(
          "%s%sx = self.%s(x, %s)", indent, last ? "" : "  ", distinct.get(kind), arguments);
      if (!last) {
        script.line("%selse:", indent);
        indent.append("  ");
      }
    }
  }

  /** The kind of each layer, by which the loop chooses its method. */
  static List<Integer> kinds(List<String> methods) {
    List<String> distinct = methods.stream().distinct().toList();
    return methods.stream().map(distinct::indexOf).toList();
  }

  /** A list with values behind those that it has. */
  static IValue filled(IValue list, List<IValue> values) {
    values.forEach(value -> DecoderScript.append(list, value));
    return list;
  }

  /** A list of whole numbers, filled. */
  static IValue numbers(IValue list, List<Integer> values) {
    try (GenericList numbers = list.toList()) {
      for (int value : values) {
        try (IValue number = new IValue((long) value)) {
          numbers.push_back(number);
        }
      }
    }
    return list;
  }
}
