package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What every layer of one pass shares: nothing is padded, the tokens of all segments lie one after
 * the other. Lives as long as the scope it was made in.
 *
 * @param tokens the number of tokens
 * @param spans the segments' places, or one after the other the places of their parts, where
 *     attention wants no more tokens at once
 * @param masks the attention mask of each
 * @param angles the rotary angles of each token
 * @param adapters the rows that adapters take part in
 */
record RaggedBatch(
    int tokens,
    List<Span> spans,
    List<@Nullable Tensor> masks,
    Rotary.Angles angles,
    List<AdapterRows> adapters) {

  static RaggedBatch of(List<Span> spans, List<AdapterRows> adapters, Decoder decoder) {
    int tokens = spans.stream().mapToInt(Span::count).sum();
    Attention attention = decoder.attention();
    List<Span> parts = spans.stream().flatMap(span -> span.split(attention.mostTokens())).toList();
    List<@Nullable Tensor> masks = new ArrayList<>();
    for (Span part : parts) {
      masks.add(attention.mask(part));
    }
    return new RaggedBatch(tokens, parts, masks, angles(spans, decoder.rotary()), adapters);
  }

  private static Rotary.Angles angles(List<Span> spans, Rotary rotary) {
    List<Rotary.Angles> each = new ArrayList<>();
    for (Span span : spans) {
      each.add(rotary.angles(span.position(), span.count()));
    }
    if (each.size() == 1) {
      return each.get(0);
    }
    TensorVector cosines = new TensorVector();
    TensorVector sines = new TensorVector();
    for (Rotary.Angles angles : each) {
      cosines.push_back(angles.cosines());
      sines.push_back(angles.signedSines());
    }
    return new Rotary.Angles(torch.cat(cosines, 0), torch.cat(sines, 0));
  }
}
