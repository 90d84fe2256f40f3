package io.proxytune.core.torch.model;

import io.proxytune.LogitSession;
import io.proxytune.LogitSource;
import io.proxytune.Logits;
import io.proxytune.Segment;
import io.proxytune.core.TorchModels;
import io.proxytune.core.torch.NativeMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process of its own for {@link LoadMemoryTest}: loads a tiny checkpoint so that the natives are
 * there, then the one to measure, and writes figures in bytes.
 */
final class LoadPeakProgram {
  /** The exit status where the system can't measure a peak from a moment on. */
  static final int CANNOT_MEASURE = 77;

  private static final int AGAIN = 5;

  private LoadPeakProgram() {}

  /** Arguments: the tiny checkpoint, the one to measure, the file for the figures. */
  public static void main(String[] args) throws Exception {
    use(Path.of(args[0]));
    long before = NativeMemory.residentBytes();
    resetPeak();
    long peak;
    try (LogitSource model = TorchModels.load(Path.of(args[1]))) {
      peak = NativeMemory.status("VmHWM");
      forward(model);
    }
    long closed = NativeMemory.status("VmRSS");
    for (int i = 0; i < AGAIN; i++) {
      use(Path.of(args[1]));
    }
    long closedAgain = NativeMemory.status("VmRSS");
    Files.writeString(
        Path.of(args[2]), before + "\n" + peak + "\n" + closed + "\n" + closedAgain + "\n");
  }

  /** Loading the natives took more for a moment than it left. */
  private static void resetPeak() {
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      System.exit(CANNOT_MEASURE);
    }
  }

  private static void use(Path checkpoint) {
    try (LogitSource model = TorchModels.load(checkpoint)) {
      forward(model);
    }
  }

  private static void forward(LogitSource model) {
    try (LogitSession session = model.newSession(1);
        Logits logits =
            model.forward(List.of(new Segment(session, new int[] {1}, Segment.Rows.LAST)))) {
      logits.row(0);
    }
  }
}
