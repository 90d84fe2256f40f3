package io.proxytune.core.torch.model;

import io.proxytune.CheckpointException;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.torch.kept.KeptFile;
import io.proxytune.core.torch.kept.KeptOutput;
import io.proxytune.core.torch.kept.KeptWeight;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which a model's packed weights are kept, for one load: layers are made of what it
 * holds, and where it lacks one that can be kept, it is written anew when all are made. For one
 * thread at a time.
 */
final class WeightCache implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(WeightCache.class);

  /** Keeps nothing. */
  static final WeightCache NONE = new WeightCache(null, null);

  private final @Nullable KeptPlace place;
  private final @Nullable KeptFile file;
  private final Map<String, Map<String, Tensor>> made = new LinkedHashMap<>();
  private int restored;
  private boolean incomplete;

  private WeightCache(@Nullable KeptPlace place, @Nullable KeptFile file) {
    this.place = place;
    this.file = file;
  }

  /** Opens the file, if there is one that can be used. */
  static WeightCache open(KeptPlace place) {
    return new WeightCache(place, openFile(place));
  }

  private static @Nullable KeptFile openFile(KeptPlace place) {
    if (!Files.exists(place.path())) {
      return null;
    }
    try {
      return KeptFile.open(place.path(), place.metadata());
    } catch (CheckpointException e) {
      logger.info("Packed weights of {} are made anew: {}", place.model(), e.getMessage());
      return null;
    }
  }

  /**
   * Makes a layer of what is kept of it.
   *
   * @param bias {@code [out]}, or null
   * @return nothing where nothing is kept, or it can't be used
   */
  Optional<Linear> restore(LinearFactory factory, List<LinearSpec> parts, @Nullable Tensor bias) {
    if (file == null) {
      return Optional.empty();
    }
    long outputs = parts.stream().mapToLong(LinearSpec::out).sum();
    try {
      Linear linear = factory.restore(file.weight(name(parts)), outputs, parts.get(0).in(), bias);
      restored++;
      made.put(name(parts), linear.kept());
      return Optional.of(linear);
    } catch (KeptWeight.UnusableException e) {
      logger.debug("{} is packed anew", name(parts), e);
      return Optional.empty();
    }
  }

  /** Takes note of a layer that was made of the checkpoint's weight. */
  void packed(List<LinearSpec> parts, Linear linear) {
    if (place == null) {
      return;
    }
    Map<String, Tensor> tensors = linear.kept();
    if (!tensors.isEmpty()) {
      made.put(name(parts), tensors);
      incomplete = true;
    }
  }

  /** Whether a file is open, so that layers may be made of it. */
  boolean isOpen() {
    return file != null;
  }

  private static String name(List<LinearSpec> parts) {
    return parts.stream().map(WeightCache::name).collect(Collectors.joining(" + "));
  }

  private static String name(LinearSpec part) {
    return part.rows().isAll() && !part.rows().transposed()
        ? part.weight()
        : part.weight() + " " + part.rows();
  }

  /** Writes the file if it lacks a layer. All layers must be open yet. */
  void complete() {
    if (place == null || made.isEmpty()) {
      return;
    }
    if (!incomplete) {
      logger.info("{} packed weights of {} came from {}", restored, place.model(), place.path());
      return;
    }
    try {
      boolean written = KeptOutput.write(place.path(), place.metadata(), made);
      logger.info(
          "Packed weights of {} {} {}",
          place.model(),
          written ? "were written to" : "are written by another load to",
          place.path());
    } catch (CheckpointException e) {
      logger.warn("Packed weights of {} are not kept: {}", place.model(), e.getMessage());
    }
  }

  @Override
  public void close() {
    made.clear();
    if (file != null) {
      file.close();
    }
  }
}
