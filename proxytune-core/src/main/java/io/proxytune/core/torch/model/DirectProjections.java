package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Queries, keys and values of the attention's input.
 *
 * @param spec what it computes
 * @param queryKeyValue all three projections, their outputs side by side
 * @param queryNorm of queries, where they have one
 * @param keyNorm of keys, where they have one
 * @param rotary the number of the decoder's rotary embeddings that heads are rotated by; −1: none
 */
record DirectProjections(
    AttentionSpec spec,
    Linear queryKeyValue,
    @Nullable Norm queryNorm,
    @Nullable Norm keyNorm,
    int rotary)
    implements HeadProjections {
  @Override
  public int linears() {
    return 1;
  }

  private long queries() {
    return (long) spec.heads() * spec.headDim();
  }

  private long keys() {
    return (long) spec.kvHeads() * spec.headDim();
  }

  @Override
  public Tensor apply(Tensor x, Decoder decoder, LayerPass pass) {
    RaggedBatch batch = pass.batch();
    Tensor flat = pass.adapted(queryKeyValue, 0).apply(x);
    Tensor heads = flat.view(batch.tokens(), -1, spec.headDim()); // [tokens, all heads, headDim]
    if (spec.rotatesFirst()) {
      rotate(heads, decoder, batch);
    }
    normalize(queryNorm, spec.normalizesWhole() ? flat : heads, 0, spec.heads(), queries());
    normalize(keyNorm, spec.normalizesWhole() ? flat : heads, spec.heads(), spec.kvHeads(), keys());
    if (spec.clip().isPresent()) {
      double most = spec.clip().getAsDouble();
      flat.clamp_(new ScalarOptional(new Scalar(-most)), new ScalarOptional(new Scalar(most)));
    }
    if (!spec.rotatesFirst()) {
      rotate(heads, decoder, batch);
    }
    return heads;
  }

  private void rotate(Tensor heads, Decoder decoder, RaggedBatch batch) {
    if (rotary >= 0) {
      Tensor rotated = heads.narrow(1, 0, (long) spec.heads() + spec.kvHeads());
      decoder.rotaries().get(rotary).rotate(rotated, batch.angles().get(rotary));
    }
  }

  /** In place, a stretch of heads or of their values. */
  private void normalize(@Nullable Norm norm, Tensor all, int firstHead, int heads, long width) {
    if (norm == null) {
      return;
    }
    Tensor own =
        spec.normalizesWhole()
            ? all.narrow(1, (long) firstHead * spec.headDim(), width)
            : all.narrow(1, firstHead, heads);
    own.copy_(norm.apply(own));
  }

  @Override
  public String write(ScriptWriter script, Decoder decoder, String x) {
    String flat = script.let("%s.to(6)", LayerScript.linear(script, queryKeyValue, x));
    int all = spec.heads() + 2 * spec.kvHeads();
    String heads = script.let("%s.view([-1, %d, %d])", flat, all, spec.headDim());
    if (spec.rotatesFirst()) {
      writeRotationInPlace(script, decoder, heads);
    }
    writeNorm(script, queryNorm, spec.normalizesWhole() ? flat : heads, 0, spec.heads());
    writeNorm(script, keyNorm, spec.normalizesWhole() ? flat : heads, spec.heads(), spec.kvHeads());
    if (spec.clip().isPresent()) {
      String most = Double.toString(spec.clip().getAsDouble());
      script.update(flat, "clamp", "-" + most + ", " + most);
    }
    if (!spec.rotatesFirst()) {
      writeRotationInPlace(script, decoder, heads);
    }
    return heads;
  }

  private void writeRotationInPlace(ScriptWriter script, Decoder decoder, String heads) {
    if (rotary >= 0) {
      String rotated = script.let("%s.narrow(1, 0, %d)", heads, spec.heads() + spec.kvHeads());
      writeRotation(script, decoder, rotated);
    }
  }

  private void writeNorm(
      ScriptWriter script, @Nullable Norm norm, String all, int firstHead, int heads) {
    if (norm == null) {
      return;
    }
    int each = spec.normalizesWhole() ? spec.headDim() : 1;
    String own = script.let("%s.narrow(1, %d, %d)", all, firstHead * each, heads * each);
    script.line("%s.copy_(%s)", own, norm.write(script, own));
  }

  @Override
  public Written writeTraining(ScriptWriter script, Decoder decoder, String x) {
    String flat = queryKeyValue.write(script, x);
    int kvHeads = spec.kvHeads();
    return new Written(
        writePlaced(script, decoder, flat, 0, spec.heads(), queryNorm),
        writePlaced(script, decoder, flat, spec.heads(), kvHeads, keyNorm),
        bounded(
            script, split(script, part(script, flat, spec.heads() + kvHeads, kvHeads), kvHeads)));
  }

  private String writeRotation(ScriptWriter script, Decoder decoder, String heads) {
    return rotary < 0
        ? heads
        : decoder.rotaries().get(rotary).writeRotation(script, heads, spec.headDim(), rotary);
  }

  /** Queries or keys, {@code [tokens, heads, headDim]}, normalised, bounded and rotated. */
  private String writePlaced(
      ScriptWriter script,
      Decoder decoder,
      String flat,
      int first,
      int heads,
      @Nullable Norm norm) {
    String own = part(script, flat, first, heads);
    if (norm != null && spec.normalizesWhole()) {
      own = norm.write(script, own);
    }
    String placed = split(script, own, heads);
    if (spec.rotatesFirst()) {
      placed = writeRotation(script, decoder, placed);
    }
    if (norm != null && !spec.normalizesWhole()) {
      placed = norm.write(script, placed);
    }
    placed = bounded(script, placed);
    return spec.rotatesFirst() ? placed : writeRotation(script, decoder, placed);
  }

  private String part(ScriptWriter script, String flat, int first, int heads) {
    int dim = spec.headDim();
    return script.let("%s.narrow(1, %d, %d)", flat, first * dim, heads * dim);
  }

  private String split(ScriptWriter script, String own, int heads) {
    return script.let("%s.reshape([-1, %d, %d])", own, heads, spec.headDim());
  }

  private String bounded(ScriptWriter script, String heads) {
    if (spec.clip().isEmpty()) {
      return heads;
    }
    String most = Double.toString(spec.clip().getAsDouble());
    return script.update(heads, "clamp", "-" + most + ", " + most);
  }

  @Override
  public void close() {
    queryKeyValue.close();
    if (queryNorm != null) {
      queryNorm.close();
    }
    if (keyNorm != null) {
      keyNorm.close();
    }
  }
}
