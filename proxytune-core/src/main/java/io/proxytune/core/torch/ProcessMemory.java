package io.proxytune.core.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The memory of native records that have no Java class. What is not known to be memory is looked up
 * in what the system says of this process before it is touched, since a read of anything else ends
 * the process. Safe for use by several threads.
 */
public final class ProcessMemory {
  private static final Path MAPPINGS = Path.of("/proc/self/maps");
  private static final Pattern WRITABLE = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) rw.*");

  private ProcessMemory() {}

  /**
   * Looks memory up that may not be there.
   *
   * @param address where it begins
   * @param bytes its length, positive
   * @return it, in the processor's order of bytes, or nothing where it is not known that this
   *     process may read and write all of it; always nothing on systems other than Linux
   */
  public static Optional<ByteBuffer> find(long address, int bytes) {
    try (Stream<String> mappings = Files.lines(MAPPINGS)) {
      boolean whole = mappings.anyMatch(line -> holds(line, address, bytes));
      return whole ? Optional.of(at(address, bytes)) : Optional.empty();
    } catch (IOException | UncheckedIOException | SecurityException e) {
      return Optional.empty(); // not Linux, or no right to know
    }
  }

  private static boolean holds(String line, long address, int bytes) {
    Matcher mapping = WRITABLE.matcher(line);
    if (!mapping.matches()) {
      return false;
    }
    long first = new BigInteger(mapping.group(1), 16).longValue();
    long end = new BigInteger(mapping.group(2), 16).longValue();
    return Long.compareUnsigned(first, address) <= 0
        && Long.compareUnsigned(address, end) < 0
        && Long.compareUnsigned(end - address, bytes) >= 0;
  }

  /**
   * Memory that is known to be there.
   *
   * @param address where it begins
   * @param bytes its length, positive
   * @return it, in the processor's order of bytes; it must not be used longer than it is there
   */
  public static ByteBuffer at(long address, int bytes) {
    return new Located(address, bytes).asBuffer().order(ByteOrder.nativeOrder());
  }

  /**
   * Memory that is known to be there, as a tensor.
   *
   * @param address where it begins
   * @param numbers its length
   * @param type what it is of
   * @return {@code [numbers]}, which owns nothing; it must not be used longer than the memory is
   *     there
   */
  public static Tensor tensorAt(long address, long numbers, ScalarType type) {
    return torch.from_blob(new Located(address, 0), new long[] {numbers}, new TensorOptions(type));
  }

  /** A pointer to an address, which owns nothing. */
  private static final class Located extends BytePointer {
    Located(long address, int bytes) {
      super((Pointer) null);
      this.address = address;
      this.limit = bytes;
      this.capacity = bytes;
    }
  }
}
