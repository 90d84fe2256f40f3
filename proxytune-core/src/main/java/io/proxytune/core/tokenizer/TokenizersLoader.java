package io.proxytune.core.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.proxytune.ProxyTuneException;
import io.proxytune.core.natives.BindingLoader;
import io.proxytune.core.natives.CacheFolder;
import io.proxytune.core.natives.NativeFailure;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    return cache().resolve("tokenizers");
  }

  private static Path cache() {
    return setting(ENGINE_CACHE)
        .or(() -> setting(CACHE))
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".djl.ai"));
  }

  private static boolean isSet(String name) {
    return setting(name).isPresent();
  }

  /** As the loader reads it: an empty variable of the environment hides the property. */
  private static Optional<String> setting(String name) {
    return Optional.ofNullable(System.getenv(name))
        .or(() -> Optional.ofNullable(System.getProperty(name)))
        .filter(value -> !value.isEmpty());
  }

  /** Told where to unpack, the loader doesn't choose by whether the home folder can be written. */
  private static void loadForTheCpu() {
    String cache = cache().toString();
    Runnable load = () -> BindingLoader.load(TokenizersLibrary.class, LibUtils::checkStatus);
    Runnable inFolder =
        () -> withProperty(ENGINE_CACHE, cache, () -> withProperty(CACHE, cache, load));
    boolean chosen = System.getenv(FLAVOR) != null || System.getProperty(FLAVOR) != null;
    try {
      withProperty(FLAVOR, chosen ? System.getProperty(FLAVOR) : "cpu", inFolder);
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
    }
  }

  /** The environment's variable of the name goes before it. */
  private static void withProperty(String name, @Nullable String value, Runnable work) {
    String before = System.getProperty(name);
    set(name, value);
    try {
      work.run();
    } finally {
      set(name, before);
    }
  }

  private static void set(String name, @Nullable String value) {
    if (value == null) {
      System.clearProperty(name);
    } else {
      System.setProperty(name, value);
    }
  }
}
