package io.proxytune.core.offsets;

import io.proxytune.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * A number that says whether ids mean the same tokens: SHA-256 of all tokens in the order of their
 * ids, each as its id, the number of its bytes in UTF-8, and these bytes.
 */
final class Fingerprint {
  static final int BYTES = 32;

  private Fingerprint() {}

  static byte[] of(Tokenizer tokenizer) {
    MessageDigest digest = sha256();
    ByteBuffer numbers = ByteBuffer.allocate(2 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      Optional<String> token = tokenizer.token(id);
      if (token.isPresent()) {
        byte[] bytes = token.get().getBytes(StandardCharsets.UTF_8);
        digest.update(numbers.clear().putInt(id).putInt(bytes.length).array());
        digest.update(bytes);
      }
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
