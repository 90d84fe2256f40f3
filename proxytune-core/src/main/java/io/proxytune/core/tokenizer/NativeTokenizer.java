package io.proxytune.core.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.google.common.base.Throwables;
import com.google.common.primitives.Ints;
import io.proxytune.ProxyTuneException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * A tokenizer inside the native Hugging Face tokenizers library.
 *
 * <p>It calls the binding's native methods rather than its {@code HuggingFaceTokenizer}, whose
 * factory methods send telemetry over the network.
 *
 * <p><b>Threads:</b> safe for use by several threads: the native tokenizer never changes once its
 * truncation and padding are off. Its memory is freed when this object becomes unreachable.
 */
final class NativeTokenizer {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final String FLAVOR = "RUST_FLAVOR";

  private final long handle;

  /**
   * Makes a tokenizer.
   *
   * @param json the text of a {@code tokenizer.json}
   * @throws IllegalArgumentException if the library can't make a tokenizer of it
   */
  NativeTokenizer(String json) {
    handle = create(library(), json);
    TokenizersLibrary.LIB.disableTruncation(handle);
    TokenizersLibrary.LIB.disablePadding(handle);
    CLEANER.register(this, new Release(handle));
  }

  /** Frees the native memory; a record, so that it can't hold on to the tokenizer. */
  private record Release(long handle) implements Runnable {
    @Override
    public void run() {
      TokenizersLibrary.LIB.deleteTokenizer(handle);
    }
  }

  private static long create(TokenizersLibrary library, String json) {
    try {
      return library.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Loads the library for the CPU: it has no other use here, and the loader would download a build
   * for CUDA where it sees a GPU. A choice made by the environment or the application stays.
   */
  private static synchronized TokenizersLibrary library() {
    boolean chosen = System.getenv(FLAVOR) != null || System.getProperty(FLAVOR) != null;
    if (!chosen) {
      System.setProperty(FLAVOR, "cpu");
    }
    try {
      LibUtils.checkStatus();
      return TokenizersLibrary.LIB;
    } catch (RuntimeException | LinkageError e) {
      throw new ProxyTuneException(
          "the native tokenizers library can't be loaded on this machine ("
              + Throwables.getRootCause(e).getMessage()
              + "); it needs Linux, macOS or Windows on x86-64 or arm64 and a writable cache folder,"
              + " which the environment variable DJL_CACHE_DIR can name",
          e);
    } finally {
      if (!chosen) {
        System.clearProperty(FLAVOR);
      }
    }
  }

  /**
   * Encodes a text.
   *
   * @param text the text; half surrogate pairs are read as U+FFFD
   * @param addSpecialTokens whether the post-processor adds its tokens
   * @return the ids
   */
  int[] encode(String text, boolean addSpecialTokens) {
    try {
      long encoding = TokenizersLibrary.LIB.encode(handle, wellFormed(text), addSpecialTokens);
      try {
        long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
        return Arrays.stream(ids).mapToInt(Ints::checkedCast).toArray();
      } finally {
        TokenizersLibrary.LIB.deleteEncoding(encoding);
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Decodes ids.
   *
   * @param ids the ids, none negative; ids that have no token are skipped
   * @param skipSpecialTokens whether special tokens leave no text
   * @return the text
   */
  String decode(int[] ids, boolean skipSpecialTokens) {
    try {
      long[] wide = Arrays.stream(ids).asLongStream().toArray();
      return TokenizersLibrary.LIB.decode(handle, wide, skipSpecialTokens);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** The binding would replace every character outside the BMP where one surrogate is alone. */
  private static String wellFormed(String text) {
    boolean broken = text.codePoints().anyMatch(NativeTokenizer::isSurrogate);
    return broken
        ? text.codePoints()
            .map(c -> isSurrogate(c) ? 0xFFFD : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString()
        : text;
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
