package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that open a server: immutable. Only their hashes are kept, and nothing prints them.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class ApiKeys {
  private static final String SCHEME = "Bearer ";

  private final List<byte[]> hashes;

  private ApiKeys(List<byte[]> hashes) {
    this.hashes = hashes;
  }

  /** No key: everybody may come in. */
  public static ApiKeys none() {
    return new ApiKeys(List.of());
  }

  /**
   * The keys of a file's text, one a line; blank lines and those that begin with # hold none.
   *
   * @param name what the text is, for the message
   * @throws IllegalArgumentException if it holds no key
   */
  public static ApiKeys parse(String name, String text) {
    List<byte[]> hashes =
        text.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .map(ApiKeys::hash)
            .toList();
    if (hashes.isEmpty()) {
      throw new IllegalArgumentException(
          name + " holds no key: write one into it, such as what \"openssl rand -hex 32\" prints");
    }
    return new ApiKeys(hashes);
  }

  /** Whether everybody may come in. */
  public boolean isOpen() {
    return hashes.isEmpty();
  }

  /**
   * Refuses a request without a key. How long it takes does not depend on what a key and the one
   * given have in common.
   *
   * @param authorization the value of the header of this name, or nothing
   */
  void check(@Nullable String authorization) {
    if (isOpen()) {
      return;
    }
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw ApiException.unauthorized(
          "this server asks for a key: send the header \"Authorization: Bearer KEY\"");
    }
    byte[] given = hash(authorization.substring(SCHEME.length()).strip());
    boolean known = false;
    for (byte[] hash : hashes) {
      known |= MessageDigest.isEqual(hash, given);
    }
    if (!known) {
      throw ApiException.unauthorized("the key given is none of this server's");
    }
  }

  private static byte[] hash(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every JDK has it
    }
  }

  @Override
  public String toString() {
    return "ApiKeys[" + hashes.size() + "]";
  }
}
