package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a batch that an adapter takes part in.
 *
 * @param row the first
 * @param count how many, at least 1
 */
record AdapterRows(AdapterWeights adapter, int row, int count) {

  /** Adds rows behind those of a list, in one piece with its last where they adjoin. */
  static void append(List<AdapterRows> list, @Nullable AdapterWeights adapter, int row, int count) {
    if (adapter == null || count == 0) {
      return;
    }
    AdapterRows last = list.isEmpty() ? null : list.get(list.size() - 1);
    if (last != null && last.adapter == adapter && last.row + last.count == row) {
      list.set(list.size() - 1, new AdapterRows(adapter, last.row, last.count + count));
    } else {
      list.add(new AdapterRows(adapter, row, count));
    }
  }

  /** A linear layer of the model with every adapter's part in it; itself where there is none. */
  static Linear adapt(
      Linear linear,
      List<AdapterRows> rows,
      Function<AdapterWeights, @Nullable LinearChange> change) {
    List<AdaptedLinear.Part> parts = new ArrayList<>();
    for (AdapterRows each : rows) {
      LinearChange own = change.apply(each.adapter);
      if (own != null) {
        parts.add(new AdaptedLinear.Part(own, each));
      }
    }
    return parts.isEmpty() ? linear : new AdaptedLinear(linear, parts);
  }

  /** These rows of a batch's; or what the batch has for each of its rows. */
  Tensor of(Tensor all) {
    return all.size(0) == count ? all : all.narrow(0, row, count);
  }
}
