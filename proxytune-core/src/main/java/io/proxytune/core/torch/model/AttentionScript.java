package io.proxytune.core.torch.model;

import java.util.Locale;
import java.util.OptionalInt;

/**
 * Attention of a {@link AttentionShape} in TorchScript: what {@link AttentionKernel} does with
 * float32 keys and values.
 */
final class AttentionScript {
  /** Each segment by itself, unless some share memory. */
  private static final String SEGMENTS =
      """
          {parts}
          parts = annotate(List[Tensor], [])
          row = 0
          for s in range(len(caches)):
            count = segments[4 * s]
            own = heads.narrow(0, row, count)
            at = segments[4 * s + 1]
            lookup = lookups[4 * s:4 * s + 4]
            parts.append(
                self.{one}(own, caches[s][layer], at, {windowStart}masks[s], lookup, sinks))
            row = row + count
          attended = parts[0]
          if len(parts) > 1:
            attended = torch.cat(parts, 0)
          return attended
      """;

  /**
   * heads: [count, heads + 2 · kvHeads, headDim]; store: [2 · kvHeads, room, headDim]. LibTorch's
   * attention takes queries of four dimensions, products those of three.
   */
  private static final String ONE =
      """
          count = heads.size(0)
          queries, stored = torch.split_with_sizes(heads, [{heads}, {stored}], 1)
          {first}
          store.narrow(1, {at}, count).copy_(stored.transpose(0, 1))
          past = store.narrow(1, {from}, {length}){ofOne}
          keys, values = torch.chunk(past, 2, {dimOfHeads})
          if count == 1:
            folded = queries.view([{one}{kvHeads}, {group}, {dim}])
            alone = {attend:folded:alone}
            return alone.reshape([1, {width}])
          split = queries.reshape([count, {kvHeads}, {group}, {dim}]).permute([1, 2, 0, 3])
          stacked = split.reshape([{one}{kvHeads}, {group} * count, {dim}])
          attended = {attend:stacked}
          unstacked = attended.reshape([{kvHeads}, {group}, count, {dim}]).permute([2, 0, 1, 3])
          return unstacked.reshape([count, {width}])
      """;

  private static final String FIRST =
      """
          first = position - {before}
          if first < 0:
            first = 0
          length = position + count - first
      """;

  /** What {@link ProductsKernel} does; queries: [kvHeads, rows, headDim]. */
  private static final String PRODUCTS =
      """
          scores = torch.bmm(queries, keys.transpose(1, 2)).mul_({factor})
          {cap}
          if mask is not None:
            scores.add_(mask)
          {shares}
          return torch.bmm(shares, values)
      """;

  /** What {@link RowwiseKernel} does within its limits. */
  private static final String ROWWISE =
      """
          count = keys.size(-2)
          length = ({kvHeads} - 1) * (torch.stride(keys, -3) // {dim}) + count
          own = queries.reshape([-1, {dim}])
          table = torch.as_strided(keys, [length, {dim}], [{dim}, 1])
          dots = torch._embedding_bag_per_sample_weights_backward(
              own, table, lookup[0], lookup[1], lookup[2], 0, -1)
          scores = dots.view([{kvHeads}, -1, count]).mul_({factor})
          {cap}
          if mask is not None:
            scores.add_(mask)
          {shares}
          table = torch.as_strided(values, [length, {dim}], [{dim}, 1])
          weights = shares.reshape([-1])
          sums = torch.embedding_bag(table, lookup[0], lookup[3], False, 0, False, weights)[0]
          if count <= {stretch}:
            return sums.view([{kvHeads}, -1, {dim}])
          return torch.sum(sums.view([{kvHeads}, -1, (count - 1) // {stretch} + 1, {dim}]), [2])
      """;

  /** {@link RowLookup}, or empty tensors where a segment is beyond the limits. */
  private static final String LOOKUP =
      """
          {first}
          keys = {length}
          rows = {kvHeads} * {group} * count
          if {group} * count > {mostRows} or keys < {leastKeys}{orShared}:
            nothing = torch.empty([0], dtype=3)
            return [nothing, nothing, nothing, nothing]
          heads = torch.arange(0, {kvHeads} * room, room, dtype=3).view([-1, 1, 1])
          each = torch.add(heads, torch.arange(keys, dtype=3))
          places = each.expand([{kvHeads}, {group} * count, keys]).contiguous().view([-1])
          firsts = torch.arange(0, rows * keys, keys, dtype=3)
          column = torch.arange(rows, dtype=3).view([-1, 1])
          numbers = column.expand([rows, keys]).contiguous().view([-1])
          starts = torch.add(firsts.view([-1, 1]), torch.arange(0, keys, {stretch}, dtype=3))
          return [places, firsts, numbers, starts.view([-1])]
      """;

  private static final String WITHIN_LIMITS =
      """
          if lookup[0].size(0) > 0:
            return self.{rowwise}(queries, keys, values, mask, lookup, sinks)
          return {otherwise}
      """;

  private static final String ATTENDING =
      "queries: Tensor, keys: Tensor, values: Tensor, mask: Optional[Tensor],"
          + " lookup: List[Tensor], sinks: List[Tensor]) -> Tensor";

  private static final String CAP =
      """
          scores.tanh_().mul_({cap})
      """;

  private static final String SHARES_BESIDE_SINKS =
      """
          beside = sinks[0].view([{kvHeads}, {group}, 1]).repeat([1, 1, scores.size(1) // {group}])
          both = torch.softmax(torch.cat([scores, beside.view([{kvHeads}, -1, 1])], 2), -1)
          shares = both.narrow(2, 0, scores.size(2))
      """;

  /**
   * All tokens of all rows at once: heads are [tokens, heads, headDim], the mask [length, length]
   * or [heads, length, length]. Not LibTorch's fused attention: in bfloat16 on the CPU it is many
   * times slower.
   */
  private static final String ROWS =
      """
          q = queries.view([rows, length, {heads}, {dim}]).permute([2, 0, 1, 3])
          k = keys.view([rows, length, {kvHeads}, {dim}]).permute([2, 0, 1, 3])
          v = values.view([rows, length, {kvHeads}, {dim}]).permute([2, 0, 1, 3])
          k = k.unsqueeze(1).expand([{kvHeads}, {group}, rows, length, {dim}])
          v = v.unsqueeze(1).expand([{kvHeads}, {group}, rows, length, {dim}])
          q = q.reshape([{heads} * rows, length, {dim}])
          k = k.reshape([{heads} * rows, length, {dim}])
          v = v.reshape([{heads} * rows, length, {dim}])
          added = mask
          if mask.dim() == 3:
            wide = mask.unsqueeze(1).expand([{heads}, rows, length, length])
            added = wide.reshape([{heads} * rows, length, length])
          {scores}
          {shares}
          attended = torch.bmm(shares, v).view([{heads}, rows, length, {dim}])
          return attended.permute([1, 2, 0, 3]).reshape([rows * length, {width}])
      """;

  private static final String PLAIN_SCORES =
      """
          scores = torch.baddbmm(added, q, k.transpose(1, 2), beta=1., alpha={scale})
      """;

  private static final String CAPPED_SCORES =
      """
          raw = torch.mul(torch.bmm(q, k.transpose(1, 2)), {factor})
          scores = torch.add(torch.mul(torch.tanh(raw), {cap}), added)
      """;

  private static final String SHARES =
      """
          shares = torch.softmax(scores, -1)
      """;

  private static final String SHARES_OF_ROWS_BESIDE_SINKS =
      """
          own = sinks[0].to(q.dtype).view([{heads}, 1, 1, 1]).expand([{heads}, rows, length, 1])
          beside = own.reshape([{heads} * rows, length, 1])
          shares = torch.softmax(torch.cat([scores, beside], 2), -1).narrow(2, 0, length)
      """;

  /** What all of a batch's attention takes. */
  static final String BATCH =
      "heads: Tensor, caches: List[List[Tensor]], shared: List[List[Tensor]], layer: int,"
          + " segments: List[int], runs: List[int], masks: List[Optional[Tensor]],"
          + " lookups: List[Tensor]";

  private AttentionScript() {}

  /**
   * Writes the attention of rows in training.
   *
   * @return its name; it takes queries, keys and values, the number of rows and their length, the
   *     mask, and a list of the sinks or an empty one
   */
  static String writeTraining(ScriptProgram program, AttentionShape shape) {
    double cap = shape.cap().orElse(1);
    String scores =
        (shape.cap().isPresent() ? CAPPED_SCORES : PLAIN_SCORES)
            .replace("{factor}", Double.toString(shape.scale() / cap))
            .replace("{cap}", Double.toString(cap))
            .replace("{scale}", Double.toString(shape.scale()));
    String text =
        ROWS.replace("    {scores}\n", scores)
            .replace("    {shares}\n", shape.sinks() ? SHARES_OF_ROWS_BESIDE_SINKS : SHARES);
    return program.method(
        "attendRows",
        "queries: Tensor, keys: Tensor, values: Tensor, rows: int, length: int, mask: Tensor,"
            + " sinks: List[Tensor]) -> Tensor",
        sized(text, shape));
  }

  /**
   * Writes the attention of a batch's segments.
   *
   * @param limits what is attended row by row
   * @return its name; it takes heads, the caches, what is shared, the layer's number, each
   *     segment's count, position, number of shared tokens and first token of windows that slide,
   *     the runs that share, each one's mask and lookup, and a list of the sinks or an empty one
   */
  static String write(ScriptProgram program, AttentionShape shape, RowwiseKernel.Limits limits) {
    boolean windowed = shape.window().isPresent();
    String one =
        program.method(
            "attendOne",
            "heads: Tensor, store: Tensor, position: int, {windowStart}mask: Optional[Tensor],"
                    .replace("{windowStart}", windowed ? "windowStart: int, " : "")
                + " lookup: List[Tensor], sinks: List[Tensor]) -> Tensor",
            one(program, shape, limits));
    return program.method(
        "attend",
        BATCH + ", sinks: List[Tensor]) -> Tensor",
        SEGMENTS
            .replace("{one}", one)
            .replace("{windowStart}", windowed ? "segments[4 * s + 3], " : "")
            .replace(
                "    {parts}\n", shape.takesParts() ? PartsScript.write(program, shape, one) : ""));
  }

  /**
   * Writes what segments look up in their memory where they are attended row by row: the same in
   * all layers of a kernel.
   *
   * @return the name of a method that gives four tensors, empty ones beyond the limits; it takes
   *     the number of tokens that a layer's memory has room for, the count and position of a
   *     segment, and how many tokens of others' memory it reads
   */
  static String writeLookup(
      ScriptProgram program, AttentionShape shape, RowwiseKernel.Limits limits) {
    return program.method(
        "lookup",
        "room: int, count: int, position: int, ofOthers: int) -> List[Tensor]",
        sized(withLength(LOOKUP, shape), shape)
            .replace("{orShared}", shape.takesParts() ? " or ofOthers > 0" : "")
            .replace("{mostRows}", number(limits.mostRows()))
            .replace("{leastKeys}", number(limits.leastKeys()))
            .replace("{stretch}", number(RowwiseKernel.STRETCH)));
  }

  /** How many keys the tokens of a segment see, from the first that any of them does. */
  private static String withLength(String text, AttentionShape shape) {
    OptionalInt window = shape.window();
    String first =
        window.isPresent() ? FIRST.replace("{before}", "" + (window.getAsInt() - 1)) : "";
    return text.replace("    {first}\n", first)
        .replace("{length}", window.isPresent() ? "length" : "position + count");
  }

  private static String one(
      ScriptProgram program, AttentionShape shape, RowwiseKernel.Limits limits) {
    boolean windowed = shape.window().isPresent();
    String text =
        withLength(ONE, shape)
            .replace("{at}", windowed ? "position - windowStart" : "position")
            .replace("{from}", windowed ? "first - windowStart" : "0")
            .replace("{ofOne}", shape.isPlain() ? ".unsqueeze(0)" : "")
            .replace("{dimOfHeads}", shape.isPlain() ? "1" : "0")
            .replace("{one}", shape.isPlain() ? "1, " : "")
            .replace("{attend:folded:alone}", attending(program, shape, limits, "folded", true))
            .replace("{attend:stacked}", attending(program, shape, limits, "stacked", false));
    return sized(text, shape);
  }

  /** Of one token, which sees all keys: a mask is there only where it has biases. */
  private static String attending(
      ScriptProgram program,
      AttentionShape shape,
      RowwiseKernel.Limits limits,
      String queries,
      boolean alone) {
    return limits.mostRows() == 0
        ? attending(program, shape, queries, alone)
        : "self." + chosen(program, shape) + "(" + queries + ", keys, values, mask, lookup, sinks)";
  }

  /** Row by row within the limits; a single token that needs no mask has none. */
  private static String chosen(ScriptProgram program, AttentionShape shape) {
    String rowwise = program.method("rowwise", ATTENDING, scored(ROWWISE, shape));
    String text =
        WITHIN_LIMITS
            .replace("{rowwise}", rowwise)
            .replace("{otherwise}", attending(program, shape, "queries", false));
    return program.method("chosen", ATTENDING, text);
  }

  private static String attending(
      ScriptProgram program, AttentionShape shape, String queries, boolean alone) {
    if (!shape.isPlain()) {
      return "self."
          + products(program, shape)
          + "("
          + queries
          + ", keys, values, mask, lookup, sinks)";
    }
    boolean masked = !alone || shape.linearBias();
    String arguments = masked ? ", mask" : "";
    if (!shape.hasDefaultScale()) {
      arguments = (masked ? ", mask" : ", None") + ", 0., False, scale=" + shape.scale();
    }
    return "torch.scaled_dot_product_attention(" + queries + ", keys, values" + arguments + ")";
  }

  private static String products(ScriptProgram program, AttentionShape shape) {
    return program.method("products", ATTENDING, scored(PRODUCTS, shape));
  }

  private static String scored(String text, AttentionShape shape) {
    double cap = shape.cap().orElse(1);
    String complete =
        text.replace("    {cap}\n", shape.cap().isPresent() ? CAP : "")
            .replace("    {shares}\n", shape.sinks() ? SHARES_BESIDE_SINKS : SHARES)
            .replace("{factor}", Double.toString(shape.scale() / cap))
            .replace("{cap}", Double.toString(cap))
            .replace("{stretch}", number(RowwiseKernel.STRETCH));
    return sized(complete, shape);
  }

  static String sized(String text, AttentionShape shape) {
    return text.replace("{heads}", number(shape.heads()))
        .replace("{stored}", number(2 * shape.kvHeads()))
        .replace("{kvHeads}", number(shape.kvHeads()))
        .replace("{group}", number(shape.group()))
        .replace("{dim}", number(shape.headDim()))
        .replace("{width}", number(shape.heads() * shape.headDim()));
  }

  private static String number(int value) {
    return String.format(Locale.ROOT, "%d", value);
  }
}
