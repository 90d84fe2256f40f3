package io.proxytune.core.torch;

import io.proxytune.core.natives.BindingLoader;
import io.proxytune.core.natives.CacheFolder;
import io.proxytune.core.natives.NativeFailure;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads LibTorch's native libraries. */
final class TorchLoader {
  private static final Logger logger = LoggerFactory.getLogger(TorchLoader.class);
  private static final String LIBRARY = "LibTorch";
  private static final String CACHE = "org.bytedeco.javacpp.cachedir";

  private TorchLoader() {}

  /** Why JavaCPP can't unpack the libraries. */
  static Optional<String> cacheProblem() {
    return new CacheFolder(LIBRARY, folder(), "-D" + CACHE + "=FOLDER").problem();
  }

  /** The first folder that JavaCPP tries. */
  private static Path folder() {
    String chosen = System.getProperty(CACHE);
    return chosen == null
        ? Path.of(System.getProperty("user.home"), ".javacpp", "cache")
        : Path.of(chosen);
  }

  /** Loads; tells why that failed. */
  static Optional<String> load() {
    try {
      BindingLoader.load(Loader.class, TorchLoader::loadLibraries);
      LargePages.ask();
      return Optional.empty();
    } catch (Throwable e) { // an Error of the native linker, most likely
      logger.debug("LibTorch can't be loaded", e);
      Optional<String> limit = MemoryCheck.overTheLimit(e);
      return limit.isPresent() ? limit : Optional.of(explained(e));
    }
  }

  private static void loadLibraries() {
    WaitingThreads.shorten();
    Loader.load(torch.class);
  }

  private static String explained(Throwable e) {
    return NativeFailure.explain(
        LIBRARY,
        "org.bytedeco's jars (javacpp, openblas, pytorch)",
        e,
        "Is org.bytedeco:pytorch-platform on the class path with the natives of this platform, "
            + Loader.getPlatform()
            + ", and space in "
            + folder()
            + ", which -D"
            + CACHE
            + " can move? (On the module path, run with --add-modules ALL-MODULE-PATH.)");
  }
}
