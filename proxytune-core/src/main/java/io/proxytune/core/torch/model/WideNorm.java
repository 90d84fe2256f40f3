package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A norm in a model of 16 bits that computes in float32, with float32 factors. */
record WideNorm(Norm norm) implements Norm {
  @Override
  public Tensor apply(Tensor x) {
    return norm.apply(x.to(ScalarType.Float)).to(x.scalar_type());
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String wide = script.let("%s.to(6)", x); // 6: float32
    return script.let("%s.to(%s.dtype)", norm.write(script, wide), x);
  }

  @Override
  public void close() {
    norm.close();
  }
}
