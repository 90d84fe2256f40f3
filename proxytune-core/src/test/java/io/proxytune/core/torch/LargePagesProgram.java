package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Writes the flags of memory, as {@code /proc/self/smaps} tells them, into a file: of a large
 * tensor's, and of what the C library gives, unmarked and then marked, a line each.
 */
final class LargePagesProgram {
  private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*");
  private static final Pattern FLAGS = Pattern.compile("VmFlags:(.*)");

  /** What one part of a packed weight takes. */
  private static final long BYTES = 8L << 20;

  private LargePagesProgram() {}

  public static void main(String[] arguments) throws IOException {
    TorchRuntime.load();
    try (TorchScope scope = TorchScope.open()) {
      Tensor large = torch.zeros(16L << 20);
      String ofTensor = flagsAt(large.data_ptr().address() + (1 << 20));
      List<String> lines = new ArrayList<>(List.of(ofTensor, flagsOfAllocated()));
      for (int i = 0; i < 4; i++) {
        LargePages.markNext(BYTES);
        lines.add(flagsOfAllocated());
      }
      Files.write(Path.of(arguments[0]), lines);
    }
  }

  /** Of memory that stays the process's. */
  private static String flagsOfAllocated() throws IOException {
    return flagsAt(Pointer.malloc(BYTES).address() + BYTES / 2);
  }

  private static String flagsAt(long address) throws IOException {
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.matches()) {
        long first = Long.parseUnsignedLong(mapping.group(1), 16);
        long end = Long.parseUnsignedLong(mapping.group(2), 16);
        inside =
            Long.compareUnsigned(first, address) <= 0 && Long.compareUnsigned(address, end) < 0;
      }
      Matcher flags = FLAGS.matcher(line);
      if (inside && flags.matches()) {
        return flags.group(1);
      }
    }
    throw new IllegalStateException("no memory at " + Long.toHexString(address));
  }
}
