package io.proxytune.core.torch.model;

import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A process of its own for {@link LoadMemoryTest}: loads a tiny checkpoint so that the natives are
 * there, then the one to measure, and writes figures in bytes.
 */
final class LoadPeakProgram {
  /** The exit status where the system can't measure a peak from a moment on. */
  static final int CANNOT_MEASURE = 77;

  private static final int AGAIN = 5;

  private final LoadOptions options;

  private LoadPeakProgram(LoadOptions options) {
    this.options = options;
  }

  /**
   * Arguments: the tiny checkpoint, the one to measure, the file for the figures, an adapter, a
   * quantization, and the folder of packed weights that are kept, or nothing.
   */
  public static void main(String[] args) throws Exception {
    LoadOptions options = LoadOptions.defaults().withQuantization(Quantization.parse(args[4]));
    if (args[5].isEmpty()) {
      new LoadPeakProgram(options).measure(args);
    } else {
      LoadPeakProgram kept = new LoadPeakProgram(options.withWeightCache(Path.of(args[5])));
      kept.use(Path.of(args[1]));
      kept.measure(args);
    }
  }

  private void measure(String[] args) throws IOException {
    use(Path.of(args[0]));
    long before = NativeMemory.residentBytes();
    resetPeak();
    long peak;
    try (LogitModel model = TorchModels.load(Path.of(args[1]), options)) {
      peak = NativeMemory.status("VmHWM");
      forward(model);
    }
    long closed = NativeMemory.status("VmRSS");
    for (int i = 0; i < AGAIN; i++) {
      use(Path.of(args[1]));
    }
    long closedAgain = NativeMemory.status("VmRSS");
    long adapter = adapterBytes(Path.of(args[1]), Path.of(args[3]));
    Files.write(
        Path.of(args[2]),
        LongStream.of(before, peak, closed, closedAgain, adapter)
            .mapToObj(Long::toString)
            .toList());
  }

  /** What an adapter beside a model that is in use takes more. */
  private long adapterBytes(Path checkpoint, Path adapter) throws IOException {
    try (LogitModel host = TorchModels.load(checkpoint, options)) {
      forward(host);
      long alone = NativeMemory.residentBytes();
      try (LogitModel adapted = TorchModels.loadAdapter(host, adapter)) {
        forward(adapted);
        forward(host);
        return NativeMemory.residentBytes() - alone;
      }
    }
  }

  /** Loading the natives took more for a moment than it left. */
  private static void resetPeak() {
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      System.exit(CANNOT_MEASURE);
    }
  }

  private void use(Path checkpoint) {
    try (LogitModel model = TorchModels.load(checkpoint, options)) {
      forward(model);
    }
  }

  private static void forward(LogitModel model) {
    try (LogitSession session = model.newSession(1);
        Logits logits =
            model.forward(List.of(new Segment(session, new int[] {1}, Segment.Rows.LAST)))) {
      logits.row(0);
    }
  }
}
