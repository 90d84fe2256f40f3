package io.proxytune.core.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.google.common.base.Strings;
import io.proxytune.ProxyTuneException;
import io.proxytune.core.natives.CacheFolder;
import io.proxytune.core.natives.NativeFailure;
import java.nio.file.Path;
import java.util.Optional;

/** Loads the native tokenizers library. */
final class TokenizersLoader {
  private static final String LIBRARY = "The native tokenizers library";
  private static final String FLAVOR = "RUST_FLAVOR";
  private static final String OWN_FILE = "RUST_LIBRARY_PATH";
  private static final String CACHE = "DJL_CACHE_DIR";
  private static final String ENGINE_CACHE = "ENGINE_CACHE_DIR";

  private static boolean loaded;

  private TokenizersLoader() {}

  /**
   * Loads the library for the CPU: it has no other use here, and the loader would download a build
   * for CUDA where it sees a GPU. A choice made by the environment or the application stays.
   *
   * @return the library
   * @throws ProxyTuneException if it can't be loaded, with the cause and the remedy
   */
  static synchronized TokenizersLibrary load() {
    if (!loaded) {
      requireCache();
      loadForTheCpu();
      loaded = true;
    }
    return TokenizersLibrary.LIB;
  }

  private static void requireCache() {
    if (!isSet(OWN_FILE)) {
      new CacheFolder(
              LIBRARY, folder(), "the environment variable or system property " + CACHE + "=FOLDER")
          .problem()
          .ifPresent(
              problem -> {
                throw new ProxyTuneException(problem);
              });
    }
  }

  /** Where the loader unpacks to; never among all users' temporary files, where it would turn. */
  private static Path folder() {
    Path cache =
        setting(ENGINE_CACHE)
            .or(() -> setting(CACHE))
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".djl.ai"));
    return cache.resolve("tokenizers");
  }

  private static boolean isSet(String name) {
    return setting(name).isPresent();
  }

  private static Optional<String> setting(String name) {
    return Optional.ofNullable(Strings.emptyToNull(System.getenv(name)))
        .or(() -> Optional.ofNullable(Strings.emptyToNull(System.getProperty(name))));
  }

  private static void loadForTheCpu() {
    boolean chosen = System.getenv(FLAVOR) != null || System.getProperty(FLAVOR) != null;
    if (!chosen) {
      System.setProperty(FLAVOR, "cpu");
    }
    try {
      LibUtils.checkStatus();
    } catch (RuntimeException | LinkageError e) {
      throw new ProxyTuneException(
          NativeFailure.explain(
              LIBRARY,
              "ai.djl.huggingface:tokenizers and ai.djl:api",
              e,
              "It needs Linux, macOS or Windows on x86-64 or arm64, and space in "
                  + folder()
                  + ", which the environment variable DJL_CACHE_DIR can move"),
          e);
    } finally {
      if (!chosen) {
        System.clearProperty(FLAVOR);
      }
    }
  }
}
