package io.proxytune.core.tokenizer;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.google.common.primitives.Ints;
import io.proxytune.core.tokenizer.format.CheckedTokenizer;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger logger = LoggerFactory.getLogger(NativeTokenizer.class);
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int SMALL = 1 << 20;
  private static final long MOST_DECODED = 1 << 28;

  private final long handle;
  private final CheckedTokenizer checked;

  /**
   * Makes a tokenizer.
   *
   * @param checked a {@code tokenizer.json} that was checked: the library ends the process where a
   *     file surprises it, and no {@code catch} sees that
   * @throws IllegalArgumentException if the library can't make a tokenizer of it
   */
  NativeTokenizer(CheckedTokenizer checked) {
    this.checked = checked;
    handle = create(TokenizersLoader.load(), checked.json());
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
   * Encodes a text.
   *
   * @param text the text; half surrogate pairs are read as U+FFFD
   * @param addSpecialTokens whether the post-processor adds its tokens
   * @return the ids
   * @throws IllegalArgumentException if the library can't read the text safely: because of its
   *     length, or of a run of characters that its regular expressions get lost in
   */
  int[] encode(String text, boolean addSpecialTokens) {
    List<String> parts = checked.texts().parts(text);
    if (parts.size() == 1) {
      return encodePart(text, addSpecialTokens);
    }
    List<int[]> ids = new ArrayList<>();
    if (addSpecialTokens) {
      ids.add(Ints.toArray(checked.before()));
    }
    parts.forEach(part -> ids.add(encodePart(part, false)));
    if (addSpecialTokens) {
      ids.add(Ints.toArray(checked.behind()));
    }
    return Ints.concat(ids.toArray(new int[0][]));
  }

  private int[] encodePart(String text, boolean addSpecialTokens) {
    requireHeap(Long.BYTES * (long) text.length());
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
   * The fewest tokens that a text can have.
   *
   * @param text the text
   * @return the number; 0 where nothing is known
   */
  int fewestTokens(String text) {
    return checked.texts().fewestTokens(text);
  }

  /**
   * Decodes ids.
   *
   * @param ids the ids, none negative; ids that have no token are skipped
   * @param skipSpecialTokens whether special tokens leave no text
   * @param bytesOfTokens the UTF-8 bytes of all their tokens, or more
   * @return the text
   * @throws IllegalArgumentException if the text may be longer than the library can return
   */
  String decode(int[] ids, boolean skipSpecialTokens, long bytesOfTokens) {
    double most = bytesOfTokens * checked.decoderGrowth();
    checkArgument(
        most <= MOST_DECODED,
        "%s ids may be a text of %s bytes, but at most %s are decoded at once: decode fewer ids",
        ids.length,
        (long) most,
        MOST_DECODED);
    requireHeap((long) most);
    try {
      long[] wide = Arrays.stream(ids).asLongStream().toArray();
      return TokenizersLibrary.LIB.decode(handle, wide, skipSpecialTokens);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Ends with Java's own OutOfMemoryError where the heap has no room for what the library returns:
   * there, it would end the process.
   */
  private static void requireHeap(long bytes) {
    byte[] room = new byte[bytes > SMALL ? Ints.saturatedCast(bytes) : 0];
    try {
      logger.trace("the heap has room for {} bytes", room.length);
    } finally {
      Reference.reachabilityFence(room); // so that it is really allocated
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
