package io.proxytune.core.hub;

import static com.google.common.base.Strings.lenientFormat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the cache is, by the variables that Hugging Face's Python package reads, and in its order.
 *
 * @param folder the folder of the models' folders, which may not exist
 * @param reason what says so, for messages
 */
record CacheLocation(Path folder, String reason) {
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

  static CacheLocation of(Map<String, String> environment, Path home) {
    return of("HF_HUB_CACHE", "", environment, home)
        .or(() -> of("HUGGINGFACE_HUB_CACHE", "", environment, home))
        .or(() -> of("HF_HOME", "hub", environment, home))
        .or(() -> of("XDG_CACHE_HOME", "huggingface/hub", environment, home))
        .orElseGet(
            () ->
                new CacheLocation(
                    home.resolve(".cache/huggingface/hub"),
                    "as HF_HUB_CACHE and HF_HOME are not set"));
  }

  private static Optional<CacheLocation> of(
      String variable, String below, Map<String, String> environment, Path home) {
    return Optional.ofNullable(environment.get(variable))
        .filter(value -> !value.isBlank())
        .map(value -> Path.of(expanded(value, environment, home)).resolve(below))
        .map(folder -> new CacheLocation(folder, "set by " + variable));
  }

  /** With the home and other variables put in, as Python's expanduser and expandvars do. */
  private static String expanded(String value, Map<String, String> environment, Path home) {
    String path = value.matches("~([/\\\\].*)?") ? home + value.substring(1) : value;
    return VARIABLE
        .matcher(path)
        .replaceAll(found -> Matcher.quoteReplacement(value(found, environment)));
  }

  private static String value(MatchResult found, Map<String, String> environment) {
    String name = found.group(1) == null ? found.group(2) : found.group(1);
    return environment.getOrDefault(name, found.group());
  }

  /** For messages: the folder, and why it is that one. */
  @Override
  public String toString() {
    return lenientFormat("looked in %s, %s", folder, reason);
  }
}
