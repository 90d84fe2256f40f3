package io.proxytune.bench;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The shipped miniature family at real size: a trained base of 2048 × 22, a trained small pair of
 * 768 × 12 and its expert as an adapter.
 *
 * @param base the model to steer
 * @param expert the tuned small model
 * @param antiExpert the small model
 * @param adapter the small model's tuning as a LoRA adapter
 */
record WidenedFamily(Path base, Path expert, Path antiExpert, Path adapter) {
  private static final List<String> PARTS =
      List.of(
          "config.json", "model.safetensors", "adapter_config.json", "adapter_model.safetensors");

  /** Writes what is not there yet: 2.8 GB. */
  static WidenedFamily in(Path parent) {
    Path family = shipped();
    return new WidenedFamily(
        widened(family.resolve("base"), ModelShape.BASE, parent),
        widened(family.resolve("expert"), ModelShape.FAMILY_SMALL, parent),
        widened(family.resolve("small"), ModelShape.FAMILY_SMALL, parent),
        adapter(family, parent));
  }

  /** The folder of the shipped family. */
  static Path shipped() {
    String given = System.getProperty("proxytune.bench.family");
    Path relative = Path.of("proxytune-examples", "family");
    Path here = Path.of("").toAbsolutePath();
    Stream<Path> candidates =
        given == null
            ? Stream.iterate(here, folder -> folder != null, Path::getParent)
                .map(folder -> folder.resolve(relative))
            : Stream.of(Path.of(given));
    return candidates
        .filter(folder -> Files.isDirectory(folder.resolve("base")))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no family of models at "
                        + (given == null ? relative + " above or in " + here : given)
                        + ": run from the project's folder, or name proxytune-examples/family with"
                        + " -Dproxytune.bench.family"));
  }

  private static Path widened(Path source, ModelShape shape, Path parent) {
    return DataFolder.cached(
        parent.resolve("widened-" + source.getFileName()),
        origin(source, shape),
        target -> CheckpointWidener.widen(source, shape, target));
  }

  private static Path adapter(Path family, Path parent) {
    Path source = family.resolve("expert-lora");
    ModelShape shape = ModelShape.FAMILY_SMALL;
    return DataFolder.cached(
        parent.resolve("widened-expert-lora"),
        origin(source, shape),
        target -> CheckpointWidener.widenAdapter(source, family.resolve("small"), shape, target));
  }

  /** The shape, and a hash of the weights and of their config. */
  private static String origin(Path source, ModelShape shape) {
    Hasher hasher = Hashing.sha256().newHasher();
    try {
      for (String part : PARTS) {
        Path file = source.resolve(part);
        if (Files.exists(file)) {
          hasher.putString(part, StandardCharsets.UTF_8).putBytes(Files.readAllBytes(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + source, e);
    }
    return "format " + CheckpointWidener.FORMAT + ", " + shape + ", from " + hasher.hash();
  }
}
