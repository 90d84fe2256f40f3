package io.proxytune.examples.training;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a family's folder is made of and how far it is: {@code family.json}. For one thread. */
final class FamilyLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Content content;

  private FamilyLog(Path file, Content content) {
    this.file = file;
    this.content = content;
  }

  /**
   * As it is in the file.
   *
   * @param seed of the training
   * @param worldSeed of the world
   * @param recipe the settings, spelled out
   * @param stages the figures of the stages that are complete, by their folder
   */
  @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
  record Content(long seed, long worldSeed, String recipe, Map<String, StageFigures> stages) {}

  /** Opens the log of a folder, or begins one. */
  static FamilyLog open(Path folder, long seed, long worldSeed, FamilyRecipe recipe) {
    Path file = folder.resolve("family.json");
    Content wanted = new Content(seed, worldSeed, recipe.toString(), new LinkedHashMap<>());
    if (!Files.exists(file)) {
      return new FamilyLog(file, wanted);
    }
    Content found = read(file);
    Content same = new Content(seed, worldSeed, wanted.recipe(), found.stages());
    if (!found.equals(same)) {
      throw new IllegalArgumentException(
          "%s is of another family (seed %d, world seed %d, or another recipe): give another --out, or delete the folder"
              .formatted(file, found.seed(), found.worldSeed()));
    }
    return new FamilyLog(file, found);
  }

  private static Content read(Path file) {
    try {
      return JSON.readValue(file.toFile(), Content.class);
    } catch (IOException e) {
      throw new CheckpointException(
          file + " is no log of a family: " + e.getMessage() + "; delete it to train anew", e);
    }
  }

  /** Whether the folder has a log. */
  boolean isWritten() {
    return Files.exists(file);
  }

  Optional<StageFigures> figures(Stage stage) {
    return Optional.ofNullable(content.stages().get(stage.folder()));
  }

  void put(Stage stage, StageFigures figures) {
    content.stages().put(stage.folder(), figures);
    write();
  }

  /** Replaces it in one move, so that a crash leaves the old one or the new one. */
  private static void replace(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    Files.writeString(temporary, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.SYNC);
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Writes it where there is none yet, so that the folder's settings are known from the start. */
  void write() {
    try {
      replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
    }
  }
}
