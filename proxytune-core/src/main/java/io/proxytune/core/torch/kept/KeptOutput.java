package io.proxytune.core.torch.kept;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.SafetensorsOutput;
import io.proxytune.core.torch.ProcessMemory;
import io.proxytune.core.torch.TorchScope;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a file of packed weights, from where they lie in memory. Who else writes the same file, in
 * this process or another, is left to it.
 */
public final class KeptOutput {
  private static final String LOCK = ".lock";
  private static final int PIECE_BYTES = 1 << 20;

  private KeptOutput() {}

  /** A tensor, and where it lies. */
  private record Located(SafetensorsOutput.Entry entry, long address) {
    static Located of(String name, Tensor tensor) {
      List<Long> shape =
          LongStream.range(0, tensor.dim()).mapToObj(dimension -> tensor.size(dimension)).toList();
      SafetensorsOutput.Entry entry =
          new SafetensorsOutput.Entry(name, KeptTypes.of(tensor.scalar_type().intern()), shape);
      if (!tensor.is_contiguous() || !tensor.device().is_cpu()) {
        throw new IllegalArgumentException(name + " has gaps, or is not in memory");
      }
      return new Located(entry, tensor.numel() == 0 ? 0 : tensor.data_ptr().address());
    }

    void writeTo(SafetensorsOutput.Sink sink) throws IOException {
      for (long at = 0; at < entry.bytes(); at += PIECE_BYTES) {
        int count = (int) Math.min(PIECE_BYTES, entry.bytes() - at);
        sink.write(ProcessMemory.at(address + at, count));
      }
    }
  }

  /**
   * Writes a file, replacing one that exists.
   *
   * @param file where; its folder is made if there is none
   * @param metadata what the file says of itself
   * @param weights the tensors of each weight, by their names among them; on the CPU, without gaps,
   *     and open until this returns
   * @return whether it was written, and not left to somebody else who is writing it
   * @throws CheckpointException if it can't be written; a file of that name is then as it was
   */
  public static boolean write(
      Path file, Map<String, String> metadata, Map<String, Map<String, Tensor>> weights) {
    List<Located> tensors = located(weights);
    boolean interrupted = Thread.interrupted(); // it would close the channel
    Path lockFile = file.resolveSibling(file.getFileName() + LOCK);
    try {
      makeFolder(file.toAbsolutePath().getParent());
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        if (lock == null) {
          return false;
        }
        write(file, metadata, tensors);
        return true;
      } catch (OverlappingFileLockException e) {
        return false;
      }
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot write " + file + ": " + e + "; check the folder's permissions and the disk", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A link to a folder is one, too. */
  private static void makeFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
  }

  private static void write(Path file, Map<String, String> metadata, List<Located> tensors) {
    SafetensorsOutput.write(
        file,
        tensors.stream().map(Located::entry).toList(),
        metadata,
        (index, sink) -> tensors.get(index).writeTo(sink));
  }

  private static List<Located> located(Map<String, Map<String, Tensor>> weights) {
    List<Located> all = new ArrayList<>();
    try (TorchScope scope = TorchScope.open()) {
      weights.forEach(
          (weight, tensors) ->
              tensors.forEach(
                  (part, tensor) -> all.add(Located.of(KeptFile.name(weight, part), tensor))));
    }
    return all;
  }
}
