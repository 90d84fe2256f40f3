package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.Activation;
import org.bytedeco.pytorch.Tensor;

/**
 * {@code down(activation(up(x)))}, gated or not.
 *
 * @param activation what stands between
 * @param isGated whether the first half of what {@code up} gives is a gate of the second
 * @param up up, or gate and up side by side
 * @param down down
 * @param group the place of {@code up} among the linear layers that an adapter can add to; {@code
 *     down} is next. Or −1: it can't
 */
record Mlp(Activation activation, boolean isGated, Linear up, Linear down, int group)
    implements FeedForward {
  /** The number of its linear layers. */
  static final int LINEARS = 2;

  /** An expert's are beyond an adapter's reach. */
  private static final int NO_GROUP = -1;

  /** One that no adapter can add to. */
  static Mlp unadaptable(Activation activation, boolean isGated, Linear up, Linear down) {
    return new Mlp(activation, isGated, up, down, NO_GROUP);
  }

  @Override
  public Tensor apply(Tensor x, LayerPass pass) {
    return adapted(down, 1, pass).apply(inner(x, pass));
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend, LayerPass pass) {
    return adapted(down, 1, pass).applyAdd(inner(x, pass), addend);
  }

  private Linear adapted(Linear linear, int which, LayerPass pass) {
    return group < 0 ? linear : pass.adapted(linear, group + which);
  }

  private Tensor inner(Tensor x, LayerPass pass) {
    Tensor all = adapted(up, 0, pass).apply(x);
    if (!isGated) {
      return Activations.apply(activation, all);
    }
    long width = all.size(1) / 2;
    return Activations.gated(activation, all.narrow(1, 0, width), all.narrow(1, width, width));
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String all = writeLinear(script, up, x);
    if (!isGated) {
      return writeLinear(script, down, Activations.write(script, activation, all));
    }
    script.line("%1$sGate, %1$sUp = torch.chunk(%1$s, 2, 1)", all);
    String inner = Activations.writeGated(script, activation, all + "Gate", all + "Up");
    return writeLinear(script, down, inner);
  }

  private String writeLinear(ScriptWriter script, Linear linear, String x) {
    return group < 0 ? linear.write(script, x) : LayerScript.linear(script, linear, x);
  }

  @Override
  public void close() {
    up.close();
    down.close();
  }
}
