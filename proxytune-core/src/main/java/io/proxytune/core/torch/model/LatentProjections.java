package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.LatentSpec;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Queries, keys and values of a {@link LatentSpec}. Each head gets a key and a value of its own
 * before they are stored, and zeros stand behind a value that is narrower than a key, so that
 * caches and kernels are those of other attention.
 *
 * @param spec what it computes
 * @param down what reads the input: of queries, of keys and values, and the key that heads share
 * @param queryNorm of the first, where queries are made in two steps
 * @param query the second step, or null
 * @param keyValueNorm of what keys and values are made of
 * @param keyValue makes them, all keys before all values
 * @param rotary the number of the decoder's rotary embeddings
 */
record LatentProjections(
    AttentionSpec spec,
    Linear down,
    @Nullable Norm queryNorm,
    @Nullable Linear query,
    Norm keyValueNorm,
    Linear keyValue,
    int rotary)
    implements HeadProjections {
  private LatentSpec latent() {
    return spec.latent().orElseThrow();
  }

  /** Of a head, what is not rotated. */
  private int plain() {
    return spec.headDim() - latent().rotated();
  }

  /** What {@link #down} gives for queries. */
  private long queryRank() {
    return latent().queryDown().orElse(spec.query()).out();
  }

  private long rank() {
    return latent().keyValueDown().out();
  }

  @Override
  public int linears() {
    return query == null ? 2 : 3;
  }

  @Override
  public Tensor apply(Tensor x, Decoder decoder, LayerPass pass) {
    long tokens = pass.batch().tokens();
    int heads = spec.heads();
    int rotated = latent().rotated();
    Rotary rotation = decoder.rotaries().get(rotary);
    Rotary.Angles angles = pass.batch().angles().get(rotary);
    Tensor all = pass.adapted(down, 0).apply(x);

    Tensor queries = all.narrow(1, 0, queryRank());
    if (query != null && queryNorm != null) {
      queries = pass.adapted(query, 1).apply(queryNorm.apply(queries));
    }
    queries = queries.reshape(tokens, heads, spec.headDim());
    rotation.rotate(queries.narrow(2, plain(), rotated), angles);

    Tensor shared = all.narrow(1, queryRank() + rank(), rotated).unsqueeze(1);
    rotation.rotate(shared, angles);
    Tensor narrow = keyValueNorm.apply(all.narrow(1, queryRank(), rank()));
    Tensor both = pass.adapted(keyValue, linears() - 1).apply(narrow);
    long keyWidth = (long) heads * plain();
    Tensor ownKeys = both.narrow(1, 0, keyWidth).reshape(tokens, heads, plain());
    Tensor keys = torch.cat(new TensorVector(ownKeys, shared.expand(tokens, heads, rotated)), 2);
    Tensor values =
        both.narrow(1, keyWidth, (long) heads * spec.valueDim())
            .reshape(tokens, heads, spec.valueDim());
    long[] behind = {0, spec.headDim() - (long) spec.valueDim()};
    Tensor wide = torch.constant_pad_nd(values, behind, new Scalar(0));
    return torch.cat(new TensorVector(queries, keys, wide), 1);
  }

  @Override
  public String write(ScriptWriter script, Decoder decoder, String x) {
    String all = LayerScript.linear(script, down, x);
    String queries = "%s.narrow(1, 0, %d)".formatted(all, queryRank());
    if (query != null && queryNorm != null) {
      String normal = queryNorm.write(script, script.let("%s.to(%s.dtype)", queries, x));
      queries = LayerScript.linear(script, query, normal);
    }
    queries = script.let("%s.to(6).reshape([-1, %d, %d])", queries, spec.heads(), spec.headDim());
    String rotated = script.let("%s.narrow(2, %d, %d)", queries, plain(), latent().rotated());
    writeRotation(script, decoder, rotated);
    String shared = writeRotation(script, decoder, writeShared(script, all + ".to(6)"));
    String narrow = script.let("%s.narrow(1, %d, %d)", all, queryRank(), rank());
    String normal = keyValueNorm.write(script, script.let("%s.to(%s.dtype)", narrow, x));
    String both = script.let("%s.to(6)", LayerScript.linear(script, keyValue, normal));
    return script.let(
        "torch.cat([%s, %s, %s], 1)",
        queries, writeKeys(script, both, shared), writeValues(script, both));
  }

  @Override
  public Written writeTraining(ScriptWriter script, Decoder decoder, String x) {
    String all = down.write(script, x);
    String queries = script.let("%s.narrow(1, 0, %d)", all, queryRank());
    if (query != null && queryNorm != null) {
      queries = query.write(script, queryNorm.write(script, queries));
    }
    String split = script.let("%s.reshape([-1, %d, %d])", queries, spec.heads(), spec.headDim());
    String own = script.let("%s.narrow(2, 0, %d)", split, plain());
    String end = script.let("%s.narrow(2, %d, %d)", split, plain(), latent().rotated());
    String rotated = writeRotation(script, decoder, end);
    String shared = writeRotation(script, decoder, writeShared(script, all));
    String narrow = script.let("%s.narrow(1, %d, %d)", all, queryRank(), rank());
    String both = keyValue.write(script, keyValueNorm.write(script, narrow));
    return new Written(
        script.let("torch.cat([%s, %s], 2)", own, rotated),
        writeKeys(script, both, shared),
        writeValues(script, both));
  }

  /** The key that heads share, {@code [tokens, 1, rotated]}. */
  private String writeShared(ScriptWriter script, String all) {
    long first = queryRank() + rank();
    return script.let("%s.narrow(1, %d, %d).unsqueeze(1)", all, first, latent().rotated());
  }

  private String writeRotation(ScriptWriter script, Decoder decoder, String ends) {
    return decoder.rotaries().get(rotary).writeRotation(script, ends, latent().rotated(), rotary);
  }

  private String writeKeys(ScriptWriter script, String both, String shared) {
    int heads = spec.heads();
    String own =
        script.let(
            "%s.narrow(1, 0, %d).reshape([-1, %d, %d])", both, heads * plain(), heads, plain());
    return script.let("torch.cat([%s, %s.expand([-1, %d, -1])], 2)", own, shared, heads);
  }

  private String writeValues(ScriptWriter script, String both) {
    int heads = spec.heads();
    int dim = spec.valueDim();
    String own =
        script.let(
            "%s.narrow(1, %d, %d).reshape([-1, %d, %d])",
            both, heads * plain(), heads * dim, heads, dim);
    return script.let("torch.constant_pad_nd(%s, [0, %d], 0)", own, spec.headDim() - dim);
  }

  @Override
  public void close() {
    down.close();
    if (query != null) {
      query.close();
    }
    keyValue.close();
    Stream.of(queryNorm, keyValueNorm).filter(norm -> norm != null).forEach(Norm::close);
  }
}
