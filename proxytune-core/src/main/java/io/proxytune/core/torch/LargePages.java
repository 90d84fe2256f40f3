package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks LibTorch to lay tensors of 2 MiB and more in large pages (Linux's transparent huge pages). A
 * step of decoding reads all weights once; with pages of 4 KiB each core enters a new one millions
 * of times a second. A step in bfloat16 was measured to take a tenth less with large ones.
 *
 * <p>LibTorch knows a variable of the environment for it, and looks at it when it allocates its
 * first tensor. What the environment says already goes before.
 *
 * <p>Safe for use by several threads.
 */
public final class LargePages {
  private static final Logger logger = LoggerFactory.getLogger(LargePages.class);

  /** The system property that turns it off. */
  static final String PROPERTY = "proxytune.largePages";

  private static final String VARIABLE = "THP_MEM_ALLOC_ENABLE";
  private static final Path SETTING = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  /** Linux's on x86, and the largest pages that are used on others. */
  private static final long PAGE = 2L << 20;

  /** What is larger than this, the C library asks of the system each time, and gives it back. */
  private static final long LARGEST_REUSED = 31L << 20;

  private static volatile boolean asked;

  private LargePages() {}

  /** Asks for them where they are to be had; LibTorch must be loaded, and not used before. */
  static void ask() {
    if (wanted(System.getProperty(PROPERTY, "true"), SETTING)) {
      torch.set_env(VARIABLE, "1", false);
      asked = true;
      logger.debug("Large tensors lie in large pages");
    }
  }

  /**
   * Marks memory that the C library gives the calling thread next. FBGEMM asks it for memory by
   * itself, which nobody marks.
   *
   * <p>A tensor that is freed again without having been written leaves its addresses marked, and
   * the C library gives them to who asks next. It does so with what is not larger than the largest
   * that it gave back to the system before, up to 32 MiB. Where it does otherwise, nothing is lost
   * but the time of two system calls.
   *
   * @param bytes what will be asked for, not negative; nothing is done below a large page or above
   *     what is reused
   */
  public static void markNext(long bytes) {
    long marked = bytes + 2 * PAGE; // so that the next to be marked begins inside of it
    if (asked && bytes >= PAGE && marked < LARGEST_REUSED) {
      reserve(LARGEST_REUSED);
      reserve(marked);
    }
  }

  private static void reserve(long bytes) {
    torch.empty(new long[] {bytes}, new TensorOptions(ScalarType.Byte), null).close();
  }

  /** Whether to ask: elsewhere LibTorch would print a warning, or nothing would come of it. */
  static boolean wanted(String property, Path setting) {
    return !property.equals("false") && allows(setting);
  }

  private static boolean allows(Path setting) {
    try {
      return !Files.readString(setting).contains("[never]");
    } catch (IOException | SecurityException e) {
      return false; // not Linux, or without them
    }
  }
}
