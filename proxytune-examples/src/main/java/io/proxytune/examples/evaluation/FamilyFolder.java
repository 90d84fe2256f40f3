package io.proxytune.examples.evaluation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a family of models that belong together, with the data that they are measured on:
 * immutable.
 *
 * @param path the folder
 */
public record FamilyFolder(Path path) {
  /** The system property that names the folder; the build sets it. */
  public static final String PROPERTY = "proxytune.family";

  private static final List<String> USUAL = List.of("family", "proxytune-examples/family");

  /**
   * Where the family should be: the folder given, else the system property, else a usual place
   * under the working directory.
   *
   * @param given the folder that the user named, if any
   * @return the folder, which holds at least a base model; nothing where none is there
   * @throws IllegalArgumentException if a folder was named and has no base model
   */
  public static Optional<FamilyFolder> find(@Nullable Path given) {
    if (given != null) {
      return Optional.of(named("--family", given));
    }
    String property = System.getProperty(PROPERTY, "");
    Stream<String> places =
        property.isEmpty() ? USUAL.stream() : Stream.concat(Stream.of(property), USUAL.stream());
    return places.map(Path::of).map(FamilyFolder::new).filter(FamilyFolder::hasBase).findFirst();
  }

  private static FamilyFolder named(String option, Path path) {
    FamilyFolder family = new FamilyFolder(path);
    if (!family.hasBase()) {
      throw new IllegalArgumentException(
          option
              + " "
              + path
              + " holds no family of models: expected the folders base, base-tuned, small and"
              + " expert, each with a config.json; train-family makes them");
    }
    return family;
  }

  /**
   * The same, where there must be one.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static FamilyFolder require(@Nullable Path given) {
    return find(given)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no family of models found in "
                        + String.join(" or ", searched())
                        + ": name its folder with --family DIR, or make one with train-family"));
  }

  /** The places looked at where no folder is named. */
  public static List<String> searched() {
    List<String> places = new ArrayList<>(USUAL);
    String property = System.getProperty(PROPERTY, "");
    if (!property.isEmpty()) {
      places.add(0, property);
    }
    return places;
  }

  private boolean hasBase() {
    return Files.exists(base().resolve("config.json"));
  }

  /** The large model. */
  public Path base() {
    return path.resolve("base");
  }

  /** The large model, tuned directly: the yardstick. */
  public Path baseTuned() {
    return path.resolve("base-tuned");
  }

  /** The small model: the anti-expert. */
  public Path small() {
    return path.resolve("small");
  }

  /** The small model, tuned. */
  public Path expert() {
    return path.resolve("expert");
  }

  /** The expert as an adapter on the small model. */
  public Path expertLora() {
    return path.resolve("expert-lora");
  }

  /** Whether the expert is there as an adapter too. */
  public boolean hasExpertLora() {
    return Files.exists(expertLora().resolve("adapter_config.json"));
  }

  /** A set of test items, {@code dev} or {@code test}. */
  public Path data(String set) {
    return path.resolve("data").resolve(set + ".jsonl");
  }
}
