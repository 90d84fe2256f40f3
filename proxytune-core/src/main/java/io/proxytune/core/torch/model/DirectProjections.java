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
    normalize(queryNorm, spec.normalizesWhole() ? flat : heads, 0, spec.heads(), queries());
    normalize(keyNorm, spec.normalizesWhole() ? flat : heads, spec.heads(), spec.kvHeads(), keys());
    if (spec.clip().isPresent()) {
      double most = spec.clip().getAsDouble();
      flat.clamp_(new ScalarOptional(new Scalar(-most)), new ScalarOptional(new Scalar(most)));
    }
    if (rotary >= 0) {
      Tensor rotated = heads.narrow(1, 0, (long) spec.heads() + spec.kvHeads());
      decoder.rotaries().get(rotary).rotate(rotated, batch.angles().get(rotary));
    }
    return heads;
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
    writeNorm(script, queryNorm, spec.normalizesWhole() ? flat : heads, 0, spec.heads());
    writeNorm(script, keyNorm, spec.normalizesWhole() ? flat : heads, spec.heads(), spec.kvHeads());
    if (spec.clip().isPresent()) {
      String most = Double.toString(spec.clip().getAsDouble());
      script.update(flat, "clamp", "-" + most + ", " + most);
    }
    if (rotary >= 0) {
      String rotated = script.let("%s.narrow(1, 0, %d)", heads, spec.heads() + spec.kvHeads());
      writeRotation(script, decoder, rotated);
    }
    return heads;
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
    String queries = writeHeads(script, flat, 0, spec.heads(), queryNorm);
    String keys = writeHeads(script, flat, spec.heads(), kvHeads, keyNorm);
    String values = writeHeads(script, flat, spec.heads() + kvHeads, kvHeads, null);
    return rotary < 0
        ? new Written(queries, keys, values)
        : new Written(
            writeRotation(script, decoder, queries), writeRotation(script, decoder, keys), values);
  }

  private String writeRotation(ScriptWriter script, Decoder decoder, String heads) {
    return decoder.rotaries().get(rotary).writeRotation(script, heads, spec.headDim(), rotary);
  }

  /** Some heads, {@code [tokens, heads, headDim]}, normalised and bounded. */
  private String writeHeads(
      ScriptWriter script, String flat, int first, int heads, @Nullable Norm norm) {
    int dim = spec.headDim();
    String own = script.let("%s.narrow(1, %d, %d)", flat, first * dim, heads * dim);
    if (norm != null && spec.normalizesWhole()) {
      own = norm.write(script, own);
    }
    String split = script.let("%s.reshape([-1, %d, %d])", own, heads, dim);
    String normal = norm == null || spec.normalizesWhole() ? split : norm.write(script, split);
    if (spec.clip().isEmpty()) {
      return normal;
    }
    String most = Double.toString(spec.clip().getAsDouble());
    return script.update(normal, "clamp", "-" + most + ", " + most);
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
