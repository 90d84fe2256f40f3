package io.proxytune.core.torch.model;

/** {@link PartialAttention} in TorchScript, once for all segments that read the same memory. */
final class PartsScript {
  private static final String IN_PARTS =
      """
          if len(shared) > 0:
            return self.{inParts}(heads, caches, shared, layer, segments, runs, masks, lookups)
      """;

  /**
   * Of each segment what it has of its own, then for all that share memory what lies before: {@link
   * PartialAttention}.
   */
  private static final String PARTS =
      """
          none = annotate(List[Tensor], [])
          values = annotate(List[Tensor], [])
          sums = annotate(List[Tensor], [])
          row = 0
          for s in range(len(caches)):
            count = segments[4 * s]
            position = segments[4 * s + 1] - segments[4 * s + 2]
            own = heads.narrow(0, row, count)
            if segments[4 * s + 2] == 0: # as ever: no run has its rows
              lookup = lookups[4 * s:4 * s + 4]
              only = self.{one}(own, caches[s][layer], position, masks[s], lookup, none)
              values.append(only.view([count, {heads}, {dim}]))
              sums.append(torch.zeros([count, {heads}]))
            else:
              queries, stored = torch.split_with_sizes(own, [{heads}, {stored}], 1)
              store = caches[s][layer]
              store.narrow(1, position, count).copy_(stored.transpose(0, 1))
              past = store.narrow(1, 0, position + count).unsqueeze(0)
              keys, values_ = torch.chunk(past, 2, 1)
              if count == 1 and len(caches) == 1 and len(shared) == 1:
                alone = queries.view([1, {kvHeads}, {group}, {dim}])
                mask = masks[s]
                mine, sum = {fused:alone}
                keys = shared[0][2 * layer]
                values_ = shared[0][2 * layer + 1]
                before, other = {fused:alone}
                share = other.sub_(sum).sigmoid_().unsqueeze(3)
                return mine.lerp_(before, share).reshape([1, {width}])
              mine, sum = self.{part}(queries, keys, values_, masks[s])
              values.append(mine)
              sums.append(sum)
            row = row + count
          attended = values[0]
          whole = sums[0]
          if len(values) > 1:
            attended = torch.cat(values, 0)
            whole = torch.cat(sums, 0)
          for r in range(len(shared)):
            queries = heads.narrow(0, runs[2 * r], runs[2 * r + 1]).narrow(1, 0, {heads})
            keys = shared[r][2 * layer]
            before, sum = self.{part}(queries, keys, shared[r][2 * layer + 1], None)
            mine = attended.narrow(0, runs[2 * r], runs[2 * r + 1])
            beside = whole.narrow(0, runs[2 * r], runs[2 * r + 1])
            mine.lerp_(before, torch.sigmoid(torch.sub(sum, beside)).unsqueeze(2))
            if r + 1 < len(shared):
              beside.copy_(torch.logaddexp(beside, sum))
          return attended.reshape([-1, {width}])
      """;

  /** What a part of the keys gives: [count, heads, headDim], and [count, heads] of log-sums. */
  private static final String PART =
      """
          count = queries.size(0)
          if count == 1:
            alone = queries.view([1, {kvHeads}, {group}, {dim}])
            only, total = {fused:alone}
            return (only.reshape([1, {heads}, {dim}]), total.reshape([1, {heads}]))
          split = queries.reshape([count, {kvHeads}, {group}, {dim}]).permute([1, 2, 0, 3])
          stacked = split.reshape([1, {kvHeads}, {group} * count, {dim}])
          own, sum = {fused:stacked}
          unstacked = own.reshape([{kvHeads}, {group}, count, {dim}]).permute([2, 0, 1, 3])
          sums = sum.reshape([{kvHeads}, {group}, count]).permute([2, 0, 1])
          return (unstacked.reshape([count, {heads}, {dim}]), sums.reshape([count, {heads}]))
      """;

  private PartsScript() {}

  /**
   * Writes it.
   *
   * @param one the method that attends for a segment
   * @return what a batch's attention begins with
   */
  static String write(ScriptProgram program, AttentionShape shape, String one) {
    String part =
        program.method(
            "attendPart",
            "queries: Tensor, keys: Tensor, values_: Tensor, mask: Optional[Tensor])"
                + " -> Tuple[Tensor, Tensor]",
            withFused(PART, shape));
    String inParts =
        program.method(
            "attendParts",
            AttentionScript.BATCH + ") -> Tensor",
            withFused(PARTS, shape).replace("{part}", part).replace("{one}", one));
    return IN_PARTS.replace("{inParts}", inParts);
  }

  /** What LibTorch's attention calls on the CPU, which keeps the sums for itself. */
  private static String withFused(String text, AttentionShape shape) {
    String called =
        "torch._scaled_dot_product_flash_attention_for_cpu(%s, keys, values_, 0., False,"
            + " attn_mask=mask, scale="
            + shape.scale()
            + ")";
    return AttentionScript.sized(text, shape)
        .replace("{fused:alone}", called.replace("%s", "alone"))
        .replace("{fused:stacked}", called.replace("%s", "stacked"));
  }
}
