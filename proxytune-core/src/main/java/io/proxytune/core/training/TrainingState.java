package io.proxytune.core.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.SafetensorsFile;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import io.proxytune.core.files.TextFile;
import io.proxytune.core.torch.training.TrainableModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What training needs to go on after an interruption: the weights and moments in a file of the
 * step's number, and {@code progress.json}, which names it and is replaced in one move.
 */
final class TrainingState {
  private static final ObjectMapper JSON = JsonOutput.mapper();

  private final StateFolder folder;
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
   * @param outputReady whether the output is put together and needs only to be moved into place
   */
  record Progress(
      String fingerprint,
      int step,
      List<Double> losses,
      TreeMap<Integer, Double> heldOutLosses,
      double seconds,
      long tokens,
      boolean outputReady) {
    /** Whether a file gave all of it; {@code NaN} is a loss, too. */
    private boolean isWhole() {
      return fingerprint != null
          && step >= 0
          && losses != null
          && losses.size() == step
          && !losses.contains(null)
          && heldOutLosses != null
          && !heldOutLosses.containsValue(null);
    }

    private Progress withOutputReady() {
      return new Progress(fingerprint, step, losses, heldOutLosses, seconds, tokens, true);
    }
  }

  TrainingState(StateFolder folder, String fingerprint) {
    this.folder = folder;
    this.fingerprint = fingerprint;
  }

  StateFolder folder() {
    return folder;
  }

  /** Before the first step. */
  Progress none() {
    return new Progress(fingerprint, 0, new ArrayList<>(), new TreeMap<>(), 0, 0, false);
  }

  /** What was saved, if it is of the same training. */
  Optional<Progress> read() {
    Path file = folder.progress();
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Progress progress = parse(file);
    if (!progress.fingerprint().equals(fingerprint)) {
      throw new CheckpointException(
          folder.path()
              + " holds the state of a training with other data, sizes or options; repeat the call"
              + " that began it, or delete the folder to begin anew");
    }
    return Optional.of(progress);
  }

  private static Progress parse(Path file) {
    try {
      Progress progress = JSON.treeToValue(JsonText.parse(TextFile.read(file)), Progress.class);
      if (progress == null || !progress.isWhole()) {
        throw damaged(file, "some of its values are missing or don't go together", null);
      }
      return progress;
    } catch (InvalidJsonException e) {
      throw damaged(file, e.getMessage(), e);
    } catch (JsonProcessingException e) {
      throw damaged(file, "its values are not those that training writes", e);
    }
  }

  private static CheckpointException damaged(Path file, String why, @Nullable Exception cause) {
    return new CheckpointException(
        file + " is damaged: " + why + "; delete its folder to begin training anew", cause);
  }

  /** Takes up what was saved; nothing changes where it is not this model's. */
  void restore(Progress progress, TrainableModel model) {
    Path file = folder.tensors(progress.step());
    if (!InputFile.isListed(file)) {
      throw damaged(file, "it is not there", null);
    }
    Map<String, StoredTensor> tensors = SafetensorsFile.read(file);
    if (!model.isState(tensors)) {
      throw damaged(file, "its tensors are not the state of this model", null);
    }
    model.restoreState(tensors);
  }

  /** The old state goes once the new one is on the disk. */
  void save(Progress progress, TrainableModel model) {
    Path tensors = folder.tensors(progress.step());
    try {
      model.saveState(tensors);
      write(progress);
      folder.deleteOthers(tensors);
    } catch (IOException e) {
      throw OutputFolder.unwritable(folder.path(), e);
    }
  }

  /** From here on the same call only moves the output into place. */
  void saveOutputReady(Progress progress) {
    try {
      write(progress.withOutputReady());
    } catch (IOException e) {
      throw OutputFolder.unwritable(folder.path(), e);
    }
  }

  private void write(Progress progress) throws IOException {
    OutputFolder.write(folder.progress(), JSON.writeValueAsString(progress));
  }
}
