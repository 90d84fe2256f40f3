package io.proxytune.core.torch.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.WeightSamples;
import io.proxytune.core.torch.ComputeThread;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch;

/**
 * Where packed weights are kept, and what tells them from others.
 *
 * @param model the model's name, for people
 * @param path the file
 * @param key a SHA-256 of all that packed weights depend on
 */
record KeptPlace(String model, Path path, String key) {
  /** To be counted up where what is made of the same tensors of a file becomes another. */
  private static final String VERSION = "1";

  /** The most letters of a model's name in that of its file. */
  private static final int LETTERS = 80;

  private static final int DIGITS = 16;

  /**
   * Finds the place of a model's weights in a folder.
   *
   * @param model the model's name
   * @param way how its weights are packed: each way has a file of its own
   * @throws IOException if a file of the model's can't be read
   */
  static KeptPlace in(
      Path folder,
      String model,
      DecoderCheckpoint checkpoint,
      Optional<LoraAdapter> adapter,
      String way)
      throws IOException {
    List<String> which = new ArrayList<>(List.of(way, real(checkpoint.folder().path())));
    if (adapter.isPresent()) {
      which.add(real(adapter.get().folder().path()));
    }
    String libTorch = ComputeThread.inScope(() -> torch.show_config().getString());
    String samples = WeightSamples.of(checkpoint, adapter);
    String name = model.replaceAll("[^A-Za-z0-9._-]", "_");
    String file =
        name.substring(0, Math.min(name.length(), LETTERS))
            + "-"
            + hash(which.toString()).substring(0, DIGITS)
            + ".safetensors";
    String key = hash(which + "\n" + samples + "\n" + libTorch);
    return new KeptPlace(model, folder.resolve(file), key);
  }

  private static String real(Path folder) throws IOException {
    return folder.toRealPath().toString();
  }

  private static String hash(String text) {
    return Hashing.sha256().hashString(text, UTF_8).toString();
  }

  /** What the file says of itself. */
  Map<String, String> metadata() {
    return ImmutableMap.of("format", "packed weights of ProxyTune", "version", VERSION, "key", key);
  }
}
