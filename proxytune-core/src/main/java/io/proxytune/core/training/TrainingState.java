package io.proxytune.core.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.SafetensorsFile;
import io.proxytune.core.torch.training.TrainableModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What training needs to go on after an interruption: the weights and moments in a file of the
 * step's number, and {@code progress.json}, which names it and is replaced in one move.
 */
final class TrainingState {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROGRESS = "progress.json";

  private final Path folder;
  private final String fingerprint;

  /**
   * How far training was.
   *
   * @param fingerprint what was trained, how, and with which data
   * @param step the steps done
   * @param losses the loss of each
   * @param heldOutLosses the held-out losses by step
   * @param seconds the time taken
   * @param tokens the positions trained
   */
  record Progress(
      String fingerprint,
      int step,
      List<Double> losses,
      TreeMap<Integer, Double> heldOutLosses,
      double seconds,
      long tokens) {
    static Progress none(String fingerprint) {
      return new Progress(fingerprint, 0, new ArrayList<>(), new TreeMap<>(), 0, 0);
    }
  }

  TrainingState(Path folder, String fingerprint) {
    this.folder = folder;
    this.fingerprint = fingerprint;
  }

  /** What was saved, if it is of the same training. */
  Optional<Progress> read() {
    Path file = folder.resolve(PROGRESS);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Progress progress = parse(file);
    if (!progress.fingerprint().equals(fingerprint)) {
      throw new CheckpointException(
          folder
              + " holds the state of a training with other data, sizes or options; repeat the call"
              + " that began it, or delete the folder to begin anew");
    }
    return Optional.of(progress);
  }

  private static Progress parse(Path file) {
    try {
      return JSON.readValue(Files.readString(file), Progress.class);
    } catch (IOException e) {
      throw damaged(file, e);
    }
  }

  private static CheckpointException damaged(Path file, IOException e) {
    return new CheckpointException(
        file + " can't be read: " + e + "; delete its folder to begin training anew", e);
  }

  void restore(Progress progress, TrainableModel model) {
    model.restoreState(SafetensorsFile.read(tensors(progress.step())));
  }

  void save(Progress progress, TrainableModel model) {
    try {
      Files.createDirectories(folder);
      model.saveState(tensors(progress.step()));
      OutputFolder.write(folder.resolve(PROGRESS), JSON.writeValueAsString(progress));
      deleteOthers(tensors(progress.step()));
    } catch (IOException e) {
      throw OutputFolder.unwritable(folder, e);
    }
  }

  private Path tensors(int step) {
    return folder.resolve("step-" + step + ".safetensors");
  }

  private void deleteOthers(Path current) throws IOException {
    List<Path> old;
    try (Stream<Path> files = Files.list(folder)) {
      old = files.filter(file -> isState(file) && !file.equals(current)).toList();
    }
    for (Path file : old) {
      Files.delete(file);
    }
  }

  private static boolean isState(Path file) {
    return file.getFileName().toString().startsWith("step-");
  }
}
