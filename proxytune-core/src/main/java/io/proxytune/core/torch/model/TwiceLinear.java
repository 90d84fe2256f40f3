package io.proxytune.core.torch.model;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A linear layer whose weight is in memory twice, one time for few tokens and one for many. */
record TwiceLinear(Linear few, Linear many) implements Linear {
  /** For four tokens the two are as fast, for more the packed weight is faster. */
  static final int FEW_TOKENS = 3;

  private Linear linearFor(Tensor x) {
    return x.size(0) <= FEW_TOKENS ? few : many;
  }

  @Override
  public Tensor apply(Tensor x) {
    return linearFor(x).apply(x);
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return linearFor(x).applyAdd(x, addend);
  }

  /** Both ways, or neither. */
  @Override
  public Map<String, Tensor> kept() {
    Map<String, Tensor> ofFew = few.kept();
    Map<String, Tensor> ofMany = many.kept();
    return ofFew.isEmpty() || ofMany.isEmpty()
        ? Map.of()
        : ImmutableMap.<String, Tensor>builder().putAll(ofFew).putAll(ofMany).build();
  }

  @Override
  public Optional<TiledWeight> tiled() {
    return many.tiled();
  }

  @Override
  public String write(ScriptWriter script, String x) {
    return (script.program().isForFewTokens() ? few : many).write(script, x);
  }

  @Override
  public void close() {
    few.close();
    many.close();
  }
}
