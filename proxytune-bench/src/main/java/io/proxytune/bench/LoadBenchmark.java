package io.proxytune.bench;

import io.proxytune.LogitSource;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Loading the base beside reading its file, in turns: as always, and with packed weights that an
 * earlier load kept. All from the page cache, and all from the disk where the process may empty
 * that cache, which takes the superuser on Linux.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 4)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class LoadBenchmark {
  private static final int BUFFER = 8 << 20;

  /** From where everything is read. */
  private enum From {
    CACHE("page cache"),
    DISK("disk");

    final String name;

    From(String name) {
      this.name = name;
    }

    void prepare() throws IOException {
      if (this == DISK) {
        PageCache.drop();
      }
    }
  }

  /** How the weights are rounded. */
  @Param({"none", "int8"})
  public String quantization = "none";

  private LoadOptions options = LoadOptions.defaults();
  private LoadOptions kept = options;
  private Path folder;
  private Path file;
  private ByteBuffer buffer;

  /** Writes the files, once. */
  @Setup
  public void write() throws IOException {
    folder = RandomCheckpoint.in(DataFolder.path(), ModelShape.BASE, 1);
    file = folder.resolve("model.safetensors");
    buffer = ByteBuffer.allocateDirect(BUFFER);
    options = LoadOptions.defaults().withQuantization(Quantization.parse(quantization));
    kept = options.withWeightCache(Files.createTempDirectory(DataFolder.path(), "kept"));
    load(kept);
  }

  /** Deletes what was kept. */
  @TearDown
  public void delete() throws IOException {
    Path cache = kept.weightCache().orElseThrow();
    try (Stream<Path> files = Files.list(cache)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(cache);
  }

  /** Reads and loads; then reads and loads from the disk. */
  @Benchmark
  public void round() throws IOException {
    measure(From.CACHE);
    if (PageCache.canDrop()) {
      measure(From.DISK);
      load(kept); // so that the next round finds its file in the page cache
    }
  }

  private void measure(From from) throws IOException {
    double gigabytes = Files.size(file) / 1e9;
    from.prepare();
    double before = Stopwatch.milliseconds(this::read);
    from.prepare();
    double load = load(options);
    from.prepare();
    double loadKept = load(kept);
    from.prepare();
    double read = (before + Stopwatch.milliseconds(this::read)) / 2;
    Samples.add(ratio("load / read of the file, ", from), load / read);
    Samples.add(ratio("load, packed weights kept / read of the file, ", from), loadKept / read);
    Samples.add(perGigabyte("load, ", from), load / 1e3 / gigabytes);
    Samples.add(perGigabyte("load, packed weights kept, ", from), loadKept / 1e3 / gigabytes);
    Samples.add(perGigabyte("read of the file, ", from), read / 1e3 / gigabytes);
  }

  private static Figure ratio(String what, From from) {
    return Figure.ratio(what + from.name).atMost(1.3);
  }

  /** Of the checkpoint's file. */
  private static Figure perGigabyte(String what, From from) {
    return Figure.of(what + from.name, "s/GB");
  }

  /** Freeing it again does not count. */
  private double load(LoadOptions how) {
    long start = System.nanoTime();
    try (LogitSource model = TorchModels.load(folder, how)) {
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
