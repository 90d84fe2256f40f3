package io.proxytune.bench;

import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchRuntime;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * The speed of the machine's memory, measured again and again between pieces of work: the bound
 * that decoding is compared with. A sum over float32 does little but read. For one thread.
 */
final class MemoryRead implements AutoCloseable {
  /** Far more than any cache holds. */
  private static final long BYTES = 1L << 30;

  private final Tensor values;
  private double millisecondsPerByte;

  /** Allocates and touches the memory. */
  MemoryRead() {
    TorchRuntime.load(); // so that it lies in pages of the size that weights have
    values = ComputeThread.inScope(MemoryRead::ones);
  }

  private static Tensor ones() {
    TensorOptions float32 = new TensorOptions(torch.ScalarType.Float);
    return torch.ones(new long[] {BYTES / 4}, float32).retainReference();
  }

  /**
   * A piece of work, done several times in a row, beside what it must read.
   *
   * @param milliseconds its time, the mean
   * @param first the time of the first, which found the caches full of what was read before it
   * @param bound the time in which the memory gave as many bytes just before and just after
   */
  record Timed(double milliseconds, double first, double bound) {
    double ratio() {
      return milliseconds / bound;
    }
  }

  /** Measures the speed now; call it before the first {@link #around} of a round. */
  void read() {
    millisecondsPerByte = Stopwatch.milliseconds(this::sum) / BYTES;
  }

  private void sum() {
    ComputeThread.inScope(() -> values.sum().item_float());
  }

  /**
   * Times work between the measurement before and another one.
   *
   * @param times how often it is done
   * @param bytes what it must read each time
   */
  Timed around(Runnable work, int times, long bytes) {
    double before = millisecondsPerByte;
    double first = Stopwatch.milliseconds(work);
    double all = first;
    for (int i = 1; i < times; i++) {
      all += Stopwatch.milliseconds(work);
    }
    read();
    return new Timed(all / times, first, bytes * (before + millisecondsPerByte) / 2);
  }

  /** The latest measurement in GB/s. */
  double gigabytesPerSecond() {
    return 1e-6 / millisecondsPerByte;
  }

  @Override
  public void close() {
    values.close();
  }
}
