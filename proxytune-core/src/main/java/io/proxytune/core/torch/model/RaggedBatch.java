package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What every layer of one pass shares: nothing is padded, the tokens of all segments lie one after
 * the other. Lives as long as the scope it was made in.
 *
 * @param tokens the number of tokens
 * @param parts for each kernel of the decoder, where the segments lie, and their masks
 * @param angles for each of its rotary embeddings, the angles of each token
 * @param adapters the rows that adapters take part in
 */
record RaggedBatch(
    int tokens,
    List<AttentionKernel.Parts> parts,
    List<Rotary.Angles> angles,
    List<AdapterRows> adapters) {

  static RaggedBatch of(List<Span> spans, List<AdapterRows> adapters, Decoder decoder) {
    int tokens = spans.stream().mapToInt(Span::count).sum();
    return new RaggedBatch(
        tokens,
        decoder.kernels().stream().map(kernel -> kernel.parts(spans)).toList(),
        decoder.rotaries().stream().map(rotary -> angles(spans, rotary)).toList(),
        adapters);
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
