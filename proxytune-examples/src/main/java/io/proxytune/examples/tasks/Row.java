package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An object of a file, which knows where it stands. What it lacks is refused with that place.
 *
 * @param place such as {@code test.jsonl, line 3}
 * @param json the object, not to be changed
 */
public record Row(String place, ObjectNode json) {
  /**
   * A text.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public String text(String name) {
    JsonNode value = json.path(name);
    check(value.isTextual(), "\"%s\" must be a text, got %s", name, JsonText.show(value));
    return value.textValue();
  }

  /** A text, if there is one. */
  public Optional<String> textIfAny(String name) {
    return Optional.ofNullable(json.path(name).textValue());
  }

  /** A number, if there is one. */
  public Optional<Double> numberIfAny(String name) {
    JsonNode value = json.path(name);
    return value.isNumber() ? Optional.of(value.doubleValue()) : Optional.empty();
  }

  /**
   * A list of texts, at least one.
   *
   * @throws IllegalArgumentException if there is no such list
   */
  public List<String> texts(String name) {
    JsonNode list = json.path(name);
    check(
        list.isArray() && !list.isEmpty(),
        "\"%s\" must be a list of texts, got %s",
        name,
        JsonText.show(list));
    List<String> texts = new ArrayList<>();
    for (JsonNode value : list) {
      check(value.isTextual(), "\"%s\" must hold texts, got %s", name, JsonText.show(value));
      texts.add(value.textValue());
    }
    return texts;
  }

  /** Refuses the row where something does not hold, with a message for {@link String#format}. */
  public void check(boolean holds, String format, Object... args) {
    if (!holds) {
      throw refused(String.format(Locale.ROOT, format, args), null);
    }
  }

  /** What is thrown where the row is wrong. */
  public IllegalArgumentException refused(String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(place + ": " + why, cause);
  }
}
