package io.proxytune.core.checkpoint;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.proxytune.core.files.FileBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells a checkpoint from another one in its place, or from itself with other weights, without
 * reading it whole: by where its tensors lie in which file, by each file's size and time of change,
 * and by some hundred samples of 4 KiB that are spread evenly over its files.
 */
public final class WeightSamples {
  private static final int SAMPLE_BYTES = 4096;

  /** Of all files together, by their sizes. */
  private static final int SAMPLES = 256;

  /** Of a small file beside large ones. */
  private static final int LEAST = 8;

  private WeightSamples() {}

  /**
   * Looks at the files.
   *
   * @param checkpoint a checkpoint
   * @param adapter what is merged into it
   * @return a text that differs where they do: a SHA-256 in hexadecimal digits
   * @throws IOException if a file can't be read
   */
  public static String of(DecoderCheckpoint checkpoint, Optional<LoraAdapter> adapter)
      throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    add(hasher, checkpoint.all());
    if (adapter.isPresent()) {
      adapter.get().pairs().forEach((module, pair) -> add(hasher, module + " " + pair.scale()));
      adapter.get().wholes().forEach((name, tensor) -> add(hasher, name));
      add(hasher, tensors(adapter.get()));
    }
    return hasher.hash().toString();
  }

  private static List<StoredTensor> tensors(LoraAdapter adapter) {
    Stream<StoredTensor> pairs = adapter.pairs().values().stream().flatMap(LoraTensors::all);
    return Stream.concat(pairs, adapter.wholes().values().stream()).distinct().toList();
  }

  private static void add(Hasher hasher, String text) {
    hasher.putInt(text.length()).putUnencodedChars(text);
  }

  private static void add(Hasher hasher, List<StoredTensor> tensors) throws IOException {
    for (StoredTensor tensor : tensors) {
      add(
          hasher,
          tensor.name() + " " + tensor.type() + tensor.shape() + tensor.file().getFileName());
      hasher.putLong(tensor.offset());
    }
    List<Path> files = tensors.stream().map(StoredTensor::file).distinct().toList();
    long all = 1;
    for (Path file : files) {
      all += Files.size(file);
    }
    for (Path file : files) {
      hasher.putLong(Files.size(file));
      add(hasher, Files.getLastModifiedTime(file).toString());
      addSamples(hasher, file, Math.max(LEAST, SAMPLES * Files.size(file) / all));
    }
  }

  private static void addSamples(Hasher hasher, Path file, long samples) throws IOException {
    long bytes = Files.size(file);
    long distance = Math.max(SAMPLE_BYTES, bytes / samples);
    for (long at = 0; at < bytes; at += distance) {
      ByteBuffer sample = ByteBuffer.allocate((int) Math.min(SAMPLE_BYTES, bytes - at));
      FileBytes.read(file, at, sample);
      hasher.putBytes(sample.flip());
    }
  }
}
