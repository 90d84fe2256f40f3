package io.proxytune.bench;

import io.proxytune.LogitSource;
import io.proxytune.core.TorchModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Loading the base beside reading its file, in turns: both from the page cache, and both from the
 * disk where the process may empty that cache, which takes the superuser on Linux.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 4)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class LoadBenchmark {
  private static final int BUFFER = 8 << 20;

  private static final Figure CACHED =
      Figure.ratio("load / read of the file, page cache").atMost(1.3);
  private static final Figure FROM_DISK = Figure.ratio("load / read of the file, disk").atMost(1.3);

  private Path folder;
  private Path file;
  private ByteBuffer buffer;

  /** Writes the file, once. */
  @Setup
  public void write() {
    folder = RandomCheckpoint.in(DataFolder.path(), ModelShape.BASE, 1);
    file = folder.resolve("model.safetensors");
    buffer = ByteBuffer.allocateDirect(BUFFER);
  }

  /** Reads, loads, reads; then reads and loads from the disk. */
  @Benchmark
  public void round() throws IOException {
    double gigabytes = Files.size(file) / 1e9;
    double before = Stopwatch.milliseconds(this::read);
    double load = load();
    double after = Stopwatch.milliseconds(this::read);
    double read = (before + after) / 2;
    Samples.add(CACHED, load / read);
    Samples.add(Figure.of("load, page cache", "s/GB"), load / 1e3 / gigabytes);
    Samples.add(Figure.of("read of the file, page cache", "s/GB"), read / 1e3 / gigabytes);
    if (PageCache.canDrop()) {
      fromDisk(gigabytes);
    }
  }

  private void fromDisk(double gigabytes) throws IOException {
    PageCache.drop();
    double read = Stopwatch.milliseconds(this::read);
    PageCache.drop();
    double load = load();
    Samples.add(FROM_DISK, load / read);
    Samples.add(Figure.of("load, disk", "s/GB"), load / 1e3 / gigabytes);
    Samples.add(Figure.of("read of the file, disk", "s/GB"), read / 1e3 / gigabytes);
  }

  /** Freeing it again does not count. */
  private double load() {
    long start = System.nanoTime();
    try (LogitSource model = TorchModels.load(folder)) {
      return (System.nanoTime() - start) / 1e6;
    }
  }

  private void read() {
    try (FileChannel channel = FileChannel.open(file)) {
      int count = 0;
      while (count >= 0) {
        buffer.clear();
        count = channel.read(buffer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + file, e);
    }
  }
}
