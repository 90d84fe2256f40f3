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
  static final long BYTES = 1L << 30;

  private final long bytes;
  private final Tensor values;
  private double millisecondsPerByte;

  /** Allocates and touches {@link #BYTES}. */
  MemoryRead() {
    this(BYTES);
  }

  /** Allocates and touches so many bytes, whole float32. */
  MemoryRead(long bytes) {
    this.bytes = bytes;
    TorchRuntime.load(); // so that it lies in pages of the size that weights have
    values = ComputeThread.inScope(this::ones);
  }

  private Tensor ones() {
    TensorOptions float32 = new TensorOptions(torch.ScalarType.Float);
    return torch.ones(new long[] {bytes / Float.BYTES}, float32).retainReference();
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
    millisecondsPerByte = Stopwatch.milliseconds(this::sum) / bytes;
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

  /** The time of the latest measurement. */
  double milliseconds() {
    return millisecondsPerByte * bytes;
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
