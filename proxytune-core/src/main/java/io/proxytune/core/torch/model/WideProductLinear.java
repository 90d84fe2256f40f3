package io.proxytune.core.torch.model;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A linear layer of a 16-bit model on float16 weights, whose products are float32: they are rounded
 * once, behind the addition.
 *
 * @param product what it takes over
 */
record WideProductLinear(ScaledHalves product) implements Linear {
  @Override
  public Tensor apply(Tensor x) {
    return product.rounded(x, null);
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return product.rounded(x, addend);
  }

  @Override
  public String write(ScriptWriter script, String x) {
    return product.write(script, x);
  }

  @Override
  public Map<String, Tensor> kept() {
    return product.kept();
  }

  @Override
  public void close() {
    product.close();
  }
}
