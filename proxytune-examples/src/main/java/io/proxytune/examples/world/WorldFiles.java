package io.proxytune.examples.world;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A world written down: {@code data/} with the raw text, the chats to tune on and the development
 * and test sets, and {@code tokenizer/} with what a checkpoint folder needs besides its weights,
 * and the chat template that only tuned models get. Immutable.
 */
public final class WorldFiles {
  /** Positions of the models that are made for this world. */
  public static final int CONTEXT_LENGTH = 128;

  /** The same of models that read it in pieces of words. */
  public static final int CONTEXT_OF_PIECES = 256;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DefaultIndenter LINE_FEEDS = new DefaultIndenter("  ", "\n");
  private static final ObjectWriter PRETTY =
      JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(LINE_FEEDS));

  private final World world;
  private final List<String> documents;
  private final ExerciseSets chats;
  private final WorldTokenizer tokenizer;
  private final WorldSummary summary;

  private WorldFiles(World world) {
    this.world = world;
    this.documents = RawText.documents(world);
    this.chats = ExerciseSets.of(world);
    this.tokenizer = WorldTokenizer.of(documents);
    this.summary = summarize();
  }

  /**
   * Draws a world and all that is said of it.
   *
   * @param seed any number; the same one gives the same files
   * @return the files, not yet written
   */
  public static WorldFiles of(long seed) {
    return new WorldFiles(World.of(seed));
  }

  /**
   * The files of a folder that {@link #write} would replace by other texts.
   *
   * @param folder where
   * @return their paths, and those of links, which are not followed; empty where nothing is lost
   * @throws UncheckedIOException if a file can't be read
   */
  public List<Path> replacedIn(Path folder) {
    return contents().entrySet().stream()
        .filter(file -> isOther(folder.resolve(file.getKey()), file.getValue()))
        .map(file -> folder.resolve(file.getKey()))
        .toList();
  }

  private static boolean isOther(Path file, String text) {
    try {
      byte[] wanted = text.getBytes(UTF_8);
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
          && !(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
              && Files.size(file) == wanted.length
              && Arrays.equals(Files.readAllBytes(file), wanted));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read: " + e.getMessage(), e);
    }
  }

  /**
   * Writes all files, in place of those that are there.
   *
   * @param folder where; made if it is missing
   * @throws UncheckedIOException if a file can't be written
   */
  public void write(Path folder) {
    contents().forEach((name, text) -> writeFile(folder.resolve(name), text));
  }

  /**
   * Writes another tokenizer for the same texts, whose tokens are pieces of words.
   *
   * @param folder where; files that are there are replaced
   * @param size how many tokens it has
   * @throws IllegalArgumentException if that is less than there are characters
   * @throws UncheckedIOException if a file can't be written
   */
  public void writePieces(Path folder, int size) {
    PieceTokenizer pieces = PieceTokenizer.of(documents, size);
    writeTokenizer(folder, pieces.tokenizerJson(), CONTEXT_OF_PIECES);
  }

  /** Writes a tokenizer of words with what belongs to it. */
  static void writeTokenizer(Path folder, WorldTokenizer tokenizer) {
    writeTokenizer(folder, tokenizer.tokenizerJson(), CONTEXT_LENGTH);
  }

  private static void writeTokenizer(Path folder, JsonNode tokenizer, int positions) {
    writeFile(folder.resolve("tokenizer.json"), pretty(tokenizer));
    writeFile(
        folder.resolve("tokenizer_config.json"), pretty(WorldTokenizer.tokenizerConfig(positions)));
    writeFile(folder.resolve("generation_config.json"), pretty(WorldTokenizer.generationConfig()));
  }

  private static void writeFile(Path file, String text) {
    try {
      Path parent = file.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.deleteIfExists(file); // of a link, the link itself
      Files.writeString(file, text, UTF_8, StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
    }
  }

  /** The text of every file by its name. */
  Map<String, String> contents() {
    Map<String, String> files = new TreeMap<>();
    files.put("data/raw.txt", lines(documents));
    files.put("data/tuning.jsonl", lines(chats.tuning().stream().map(WorldFiles::chat).toList()));
    files.put("data/dev.jsonl", exercises(chats.development()));
    files.put("data/test.jsonl", exercises(chats.test()));
    files.put("tokenizer/tokenizer.json", pretty(tokenizer.tokenizerJson()));
    files.put(
        "tokenizer/tokenizer_config.json", pretty(WorldTokenizer.tokenizerConfig(CONTEXT_LENGTH)));
    files.put("tokenizer/generation_config.json", pretty(WorldTokenizer.generationConfig()));
    files.put("chat_template.jinja", WorldTokenizer.CHAT_TEMPLATE);
    return files;
  }

  private static String lines(List<String> lines) {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  private static String chat(Exercise exercise) {
    ObjectNode json = JSON.createObjectNode();
    ArrayNode messages = json.putArray("messages");
    messages.addObject().put("role", "user").put("content", exercise.prompt());
    messages.addObject().put("role", "assistant").put("content", exercise.answer());
    return json.toString();
  }

  private static String exercises(List<Exercise> exercises) {
    return lines(exercises.stream().map(WorldFiles::exercise).toList());
  }

  private static String exercise(Exercise exercise) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("task", exercise.task().id())
            .put("prompt", exercise.prompt())
            .put("answer", exercise.answer());
    if (!exercise.options().isEmpty()) {
      exercise.options().forEach(json.putArray("options")::add);
    }
    json.put("subject", exercise.subject());
    exercise.facts().forEach(json.putArray("facts")::add);
    return json.toString();
  }

  private static String pretty(JsonNode json) {
    try {
      return PRETTY.writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  World world() {
    return world;
  }

  List<String> documents() {
    return documents;
  }

  ExerciseSets chats() {
    return chats;
  }

  WorldTokenizer tokenizer() {
    return tokenizer;
  }

  private WorldSummary summarize() {
    return new WorldSummary(
        world.seed(),
        world.people().size(),
        documents.size(),
        documents.stream().mapToLong(it -> WorldTokenizer.split(it).size()).sum(),
        tokenizer.tokens().size(),
        chats.tuning().size(),
        chats.development().size(),
        chats.test().size());
  }

  /**
   * What was drawn, in a few figures.
   *
   * @return the figures
   */
  public WorldSummary summary() {
    return summary;
  }

  /**
   * Some of the exercises of the development set, one of every task.
   *
   * @return question and answer of each
   */
  public Map<String, String> examples() {
    Map<String, String> examples = new TreeMap<>();
    for (Task task : Task.values()) {
      chats.development().stream()
          .filter(exercise -> exercise.task() == task)
          .findFirst()
          .ifPresent(exercise -> examples.put(exercise.prompt(), exercise.answer()));
    }
    return examples;
  }
}
