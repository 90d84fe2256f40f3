package io.proxytune.examples.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.cli.TextFiles;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The items of one evaluation set: immutable.
 *
 * @param name such as {@code test}
 * @param items the items, in the order of the file
 */
public record ItemSet(String name, List<Item> items) {
  public ItemSet {
    items = List.copyOf(items);
  }

  /**
   * Reads a JSONL file, one item a line.
   *
   * @throws IllegalArgumentException naming file and line, if an item is wrong
   */
  public static ItemSet read(String name, Path file) {
    String text = TextFiles.read("evaluation set", file, InputStream.nullInputStream());
    List<Item> items = new ArrayList<>();
    int line = 0;
    for (String json : text.lines().toList()) {
      line++;
      if (!json.isBlank()) {
        items.add(parse(file + ", line " + line, json));
      }
    }
    if (items.isEmpty()) {
      throw new IllegalArgumentException(file + " holds no items");
    }
    return new ItemSet(name, items);
  }

  private static Item parse(String place, String line) {
    try {
      return item(JsonText.parse(line));
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException(
          place + ": no JSON object: column " + e.column() + ": " + e.problem(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(place + ": " + e.getMessage(), e);
    }
  }

  private static Item item(JsonNode json) {
    String task = text(json, "task");
    return new Item(
        Task.of(task)
            .orElseThrow(() -> new IllegalArgumentException("unknown \"task\" \"" + task + "\"")),
        text(json, "prompt"),
        text(json, "answer"),
        texts(json.path("options")),
        texts(json.path("facts")),
        json.path("subject").asText(""));
  }

  private static String text(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isTextual()) {
      throw new IllegalArgumentException("the text \"" + name + "\" is missing, got " + json);
    }
    return value.textValue();
  }

  private static List<String> texts(JsonNode json) {
    List<String> texts = new ArrayList<>();
    json.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** The items of each task that has any, tasks in their usual order. */
  public Map<Task, List<Item>> byTask() {
    Map<Task, List<Item>> tasks = new EnumMap<>(Task.class);
    items.forEach(item -> tasks.computeIfAbsent(item.task(), task -> new ArrayList<>()).add(item));
    return tasks;
  }

  /** The first items of each task. */
  public ItemSet limit(int perTask) {
    List<Item> kept =
        byTask().values().stream().flatMap(list -> list.stream().limit(perTask)).toList();
    return new ItemSet(name, kept);
  }
}
