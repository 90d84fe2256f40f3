package io.proxytune.core.torch.model;

/** What the layers of a decoder have in common in TorchScript. */
final class LayerScript {
  /** A layer's parameters but its input. */
  static final String PARAMETERS =
      ", tensors: List[Tensor], packed: List[{packed}], caches: List[List[Tensor]], layer: int,"
          + " first: int, segments: List[int], padding: Tensor, angles: List[Tensor],"
          + " masks: List[List[Optional[Tensor]]], adapter: List[Optional[Tensor]],"
          + " halves: List[Optional[{packed}]], adapted: List[int]";

  /** The same as arguments, behind the layer's own lists. */
  static final String ARGUMENTS =
      ", caches, i, firsts[i], segments, padding, angles, masks, adapter, halves, adapted";

  /** What an adapter adds to the rows that it takes part in. */
  private static final String ADAPT =
      """
          if adapted[1] > 0:
            rows = y.narrow(0, adapted[0], adapted[1])
            own = x.narrow(0, adapted[0], adapted[1])
            if len(halves) > 0: # in every pass, so that all round alike
              c = halves[2 * index]
              d = halves[2 * index + 1]
              if c is not None and d is not None:
                low = ops.quantized.linear_dynamic_fp16(own.to(6), c)
                rows.add_(ops.quantized.linear_dynamic_fp16(low, d))
            else:
              a = adapter[2 * index]
              b = adapter[2 * index + 1]
              if a is not None and b is not None:
                rows.add_(torch.mm(torch.mm(own.to(a.dtype), a), b))
          return y
      """;

  private LayerScript() {}

  static String withTypes(String text) {
    return text.replace("{packed}", HalfLinear.SCRIPT_TYPE);
  }

  /** A linear layer and what an adapter adds to it; the result is new. */
  static String linear(ScriptWriter script, Linear linear, String x) {
    String y = linear.write(script, x);
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
                ADAPT);
    return String.format(
        "%s = self.%s(%s, %s, %s, adapter, halves, %s)", y, method, y, x, index, rows);
  }
}
