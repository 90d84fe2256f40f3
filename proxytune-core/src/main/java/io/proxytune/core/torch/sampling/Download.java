package io.proxytune.core.torch.sampling;

import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Small tensors, of several rows perhaps, that come to the heap together: one wait for the device.
 * For one use within a scope.
 */
final class Download {
  private final List<Tensor> tensors = new ArrayList<>();
  private double[] all = {};
  private int size;
  private boolean done;

  /** Values that are there after {@link #run}. */
  final class Part {
    private final int from;
    private final int to;

    private Part(int from, int to) {
      this.from = from;
      this.to = to;
    }

    /** The values; nobody changes them. */
    double[] values() {
      checkState(done, "the download was not run");
      return to - from == all.length ? all : Arrays.copyOfRange(all, from, to);
    }
  }

  /** Asks for the values of a tensor. */
  Part add(Tensor tensor) {
    checkState(!done, "the download was run");
    int from = size;
    size += Math.toIntExact(tensor.numel());
    tensors.add(tensor);
    return new Part(from, size);
  }

  /** Waits for all of them. */
  void run() {
    if (size > 0) {
      all = HeapTensors.doubles(tensors.toArray(Tensor[]::new));
    }
    done = true;
  }
}
