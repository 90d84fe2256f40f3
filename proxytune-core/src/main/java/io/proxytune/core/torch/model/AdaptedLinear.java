package io.proxytune.core.torch.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A linear layer in one pass, in which adapters add to some of its rows: the weight is read once
 * for all rows. Owns nothing; lives as long as the pass.
 */
record AdaptedLinear(Linear linear, List<Addition> additions) implements Linear {

  /** Rows and what is added to them. */
  record Addition(LowRank added, int row, int count) {
    void addTo(Tensor y, Tensor x) {
      added.addTo(rows(y), rows(x));
    }

    private Tensor rows(Tensor all) {
      return all.size(0) == count ? all : all.narrow(0, row, count);
    }
  }

  @Override
  public Tensor apply(Tensor x) {
    return added(linear.apply(x), x);
  }

  private Tensor added(Tensor y, Tensor x) {
    additions.forEach(addition -> addition.addTo(y, x));
    return y;
  }

  /** Sums commute: the residual may come first, in the same step as the product. */
  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return added(linear.applyAdd(x, addend), x);
  }

  @Override
  public String write(ScriptWriter script, String x) {
    throw new UnsupportedOperationException("a program adds what adapters do by itself");
  }

  @Override
  public void close() {}
}
