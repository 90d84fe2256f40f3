package io.proxytune.core.torch.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.lifetime.Forgotten;
import io.proxytune.core.sampling.ColumnOrder;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.model.Logits;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Columns in another order, gathered on the device. The indices are uploaded once to each device
 * that rows come from, and freed when this is garbage.
 */
final class DeviceColumns implements ColumnOrder {
  private final int[] sources;
  private final int[] missing;
  private final int needed;
  private final Uploads uploads = new Uploads();

  DeviceColumns(int[] sources) {
    this.sources = Arrays.stream(sources).map(source -> Math.max(0, source)).toArray();
    this.missing = IntStream.range(0, sources.length).filter(i -> sources[i] < 0).toArray();
    this.needed = 1 + Arrays.stream(sources).max().orElse(-1);
    Uploads held = uploads; // what is freed must not reach this
    Forgotten.watch(this, "an order of columns", held::free);
  }

  @Override
  public Logits of(Logits logits) {
    checkArgument(
        logits.width() >= needed,
        "the order needs rows of at least %s logits, got %s",
        needed,
        logits.width());
    try (DeviceLogits rows = DeviceLogits.of(logits)) {
      Tensor all = rows.tensor();
      return ComputeThread.inScopeOf(all, () -> new TorchLogits(ordered(all)));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private Tensor ordered(Tensor rows) {
    Indices indices = uploads.on(rows, sources, missing);
    Tensor ordered = rows.index_select(1, indices.sources);
    return missing.length == 0
        ? ordered
        : ordered.index_fill_(1, indices.missing, new Scalar(Double.NEGATIVE_INFINITY));
  }

  /** The indices on one device. */
  private record Indices(Tensor sources, Tensor missing) {}

  /** The indices on every device that rows came from. Safe for use by several threads. */
  private static final class Uploads {
    private final TensorSet owned = new TensorSet();
    private final List<Indices> devices = new ArrayList<>();

    private synchronized Indices on(Tensor rows, int[] sources, int[] missing) {
      for (Indices known : devices) {
        if (known.sources.device().equals(rows.device())) {
          return known;
        }
      }
      Indices uploaded =
          new Indices(
              owned.keep(HeapTensors.upload(sources, rows)),
              owned.keep(HeapTensors.upload(missing, rows)));
      devices.add(uploaded);
      return uploaded;
    }

    /** Nobody forgot to close it: that is nothing to speak of. */
    private synchronized boolean free() {
      owned.close();
      return false;
    }
  }
}
