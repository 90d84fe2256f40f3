package io.proxytune.core.natives;

import com.google.common.base.Throwables;

/** Tells why a native library can't be loaded. */
public final class NativeFailure {
  /** What the JVM says of a library that it gave to another class loader. */
  private static final String ELSEWHERE = "already loaded in another classloader";

  private NativeFailure() {}

  /**
   * Explains a failure.
   *
   * @param library the library, as a sentence begins with it, such as {@code The native tokenizers
   *     library}
   * @param jars the jars that have it, for messages
   * @param failure what was thrown
   * @param otherwise what to say and do where the class loader is not the cause
   * @return a sentence that names the cause and the remedy
   */
  public static String explain(String library, String jars, Throwable failure, String otherwise) {
    if (isElsewhere(failure)) {
      return library
          + " can't be loaded, since another class loader of this JVM has loaded it already, and a"
          + " JVM gives a native library to one class loader alone. Have one copy for all"
          + " applications: put "
          + jars
          + " where they share a class loader (a server's lib folder), and take them out of each"
          + " application; then restart the JVM";
    }
    return library
        + " can't be loaded ("
        + Throwables.getRootCause(failure).toString()
        + "). "
        + otherwise;
  }

  private static boolean isElsewhere(Throwable failure) {
    return Throwables.getCausalChain(failure).stream()
        .anyMatch(cause -> String.valueOf(cause.getMessage()).contains(ELSEWHERE));
  }
}
