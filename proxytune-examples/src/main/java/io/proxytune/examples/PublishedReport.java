package io.proxytune.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.PublishedDefaults;
import java.util.Collection;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Published generation settings for people and for programs. Names and values are a file's, so that
 * none of them may fill a terminal or steer it.
 */
final class PublishedReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHOWN_CHARACTERS = 60;
  private static final int SHOWN_NAMES = 30;

  private PublishedReport() {}

  /** The settings, and what of them has no effect here, as a part of a line. */
  static String text(PublishedDefaults published) {
    if (published.isEmpty()) {
      return "no settings";
    }
    String settings =
        joined(
            published.settings().entrySet(),
            setting -> fit(setting.getKey()) + "=" + fit(json(setting.getValue()).toString()));
    return published.withoutEffect().isEmpty()
        ? settings
        : settings + "; without effect: " + joined(published.withoutEffect(), PublishedReport::fit);
  }

  private static <T> String joined(Collection<T> parts, Function<T, String> text) {
    String some = parts.stream().limit(SHOWN_NAMES).map(text).collect(Collectors.joining(", "));
    return parts.size() <= SHOWN_NAMES
        ? some
        : some + " and " + (parts.size() - SHOWN_NAMES) + " more";
  }

  /** Any value of a setting. */
  static JsonNode json(Object value) {
    return JSON.valueToTree(value);
  }

  /** Cut where it is long, without control characters and those that turn the direction of text. */
  private static String fit(String text) {
    String shown =
        text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
    return shown.replaceAll("\\p{C}", "�");
  }
}
