package io.proxytune.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.PublishedDefaults;
import java.util.stream.Collectors;

/** Published generation settings for people and for programs. */
final class PublishedReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHOWN_CHARACTERS = 60;

  private PublishedReport() {}

  /** The settings, and what of them has no effect here, as a part of a line. */
  static String text(PublishedDefaults published) {
    if (published.isEmpty()) {
      return "no settings";
    }
    String settings =
        published.settings().entrySet().stream()
            .map(setting -> setting.getKey() + "=" + cut(json(setting.getValue()).toString()))
            .collect(Collectors.joining(", "));
    return published.withoutEffect().isEmpty()
        ? settings
        : settings + "; without effect: " + String.join(", ", published.withoutEffect());
  }

  /** Any value of a setting. */
  static JsonNode json(Object value) {
    return JSON.valueToTree(value);
  }

  private static String cut(String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }
}
