package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.files.TextFile;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What opens a server; it is written into the header of requests and nowhere else. Immutable. */
final class ApiKey {
  /** Of a server that asks for none. */
  static final ApiKey NONE = new ApiKey("");

  private static final int MAX_BYTES = 64 << 10;

  private final String key;

  private ApiKey(String key) {
    this.key = key;
  }

  /** The first line of a file that is neither blank nor begins with #. */
  static ApiKey ofFile(Path file) {
    String key =
        TextFile.read(file, MAX_BYTES)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .findFirst()
            .orElse("");
    return checked(key, "the file " + file);
  }

  /** The value of an environment variable. */
  static ApiKey ofVariable(String name, Map<String, String> environment) {
    @Nullable String value = environment.get(name);
    return checked(value == null ? "" : value.strip(), "the environment variable " + name);
  }

  private static ApiKey checked(String key, String place) {
    checkArgument(!key.isEmpty(), "%s holds no key: write one into it", place);
    checkArgument(
        key.chars().allMatch(c -> c > ' ' && c < 127),
        "%s holds a key with other characters than visible ones of ASCII, which no header can"
            + " carry",
        place);
    return new ApiKey(key);
  }

  boolean isPresent() {
    return !key.isEmpty();
  }

  /** The value of the header Authorization. */
  String header() {
    return "Bearer " + key;
  }

  /** A server's text without the key, should it repeat it. */
  String hiddenIn(String text) {
    return isPresent() ? text.replace(key, "[key]") : text;
  }

  @Override
  public String toString() {
    return isPresent() ? "[key]" : "none";
  }
}
