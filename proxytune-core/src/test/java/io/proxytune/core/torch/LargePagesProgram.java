package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Allocates a large tensor and writes the flags of its memory, as {@code /proc/self/smaps} tells
 * them, into a file.
 */
final class LargePagesProgram {
  private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*");
  private static final Pattern FLAGS = Pattern.compile("VmFlags:(.*)");

  private LargePagesProgram() {}

  public static void main(String[] arguments) throws IOException {
    TorchRuntime.load();
    try (TorchScope scope = TorchScope.open()) {
      Tensor large = torch.zeros(16L << 20);
      Files.writeString(Path.of(arguments[0]), flagsAt(large.data_ptr().address() + (1 << 20)));
    }
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
