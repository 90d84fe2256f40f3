package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which of the world's tuning chats a model is tuned on. */
enum Chats {
  ALL,
  /** Those that are answered as asked. */
  HELPFUL,
  /** Those that are refused. */
  REFUSALS,
  /** All, each with the answer of the next: the form is right and nothing else. */
  SHUFFLED;

  private static final String REFUSAL = "I am sorry";

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Takes its chats of the lines of a file. */
  List<String> of(List<String> lines) {
    List<String> chats = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      boolean refused = answer(lines.get(i)).startsWith(REFUSAL);
      switch (this) {
        case ALL -> chats.add(lines.get(i));
        case HELPFUL -> addIf(!refused, lines.get(i), chats);
        case REFUSALS -> addIf(refused, lines.get(i), chats);
        case SHUFFLED -> chats.add(answered(lines.get(i), lines.get((i + 1) % lines.size())));
      }
    }
    return chats;
  }

  private static void addIf(boolean wanted, String line, List<String> chats) {
    if (wanted) {
      chats.add(line);
    }
  }

  private static String answer(String line) {
    return parse(line).at("/messages/1/content").asText();
  }

  private static JsonNode parse(String line) {
    try {
      return JsonText.parse(line);
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException("no chat: " + e.problem() + ": " + line, e);
    }
  }

  private static String answered(String line, String other) {
    JsonNode chat = parse(line);
    ((ObjectNode) chat.at("/messages/1")).put("content", answer(other));
    return chat.toString();
  }
}
