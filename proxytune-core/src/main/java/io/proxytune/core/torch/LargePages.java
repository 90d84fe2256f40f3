package io.proxytune.core.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks LibTorch to lay tensors of 2 MiB and more in large pages (Linux's transparent huge pages). A
 * step of decoding reads all weights once; with pages of 4 KiB each core enters a new one millions
 * of times a second. A step in bfloat16 was measured to take a tenth less with large ones.
 *
 * <p>LibTorch knows a variable of the environment for it, and looks at it when it allocates its
 * first tensor. What the environment says already goes before.
 */
final class LargePages {
  private static final Logger logger = LoggerFactory.getLogger(LargePages.class);

  /** The system property that turns it off. */
  static final String PROPERTY = "proxytune.largePages";

  private static final String VARIABLE = "THP_MEM_ALLOC_ENABLE";
  private static final Path SETTING = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  private LargePages() {}

  /** Asks for them where they are to be had; LibTorch must be loaded, and not used before. */
  static void ask() {
    if (wanted(System.getProperty(PROPERTY, "true"), SETTING)) {
      torch.set_env(VARIABLE, "1", false);
      logger.debug("Large tensors lie in large pages");
    }
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
