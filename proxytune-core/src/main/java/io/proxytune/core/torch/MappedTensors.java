package io.proxytune.core.torch;

import io.proxytune.core.checkpoint.StoredTensor;
import java.nio.file.Path;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors that lie in a mapped file: nothing is read until it is used, and the pages belong to the
 * operating system's cache. Mapping costs microseconds, so each tensor gets a mapping of its own:
 * when the tensor is freed its pages leave the process, and loading never holds the weights twice.
 */
public final class MappedTensors {
  private MappedTensors() {}

  /**
   * Maps a tensor, in the current scope. The file must not shrink while the tensor is used.
   *
   * @param stored where it lies; bounds, shape and dtype were checked when the checkpoint was
   *     opened
   * @return the tensor on the CPU, in its stored dtype and shape
   */
  public static Tensor map(StoredTensor stored) {
    Tensor bytes =
        file(stored.file(), stored.offset() + stored.byteLength())
            .narrow(0, stored.offset(), stored.byteLength());
    // A view of wider elements must begin at a multiple of their size; a copy always does.
    Tensor aligned = stored.isAligned() ? bytes : bytes.clone();
    return aligned
        .view(ScalarTypes.of(stored.type()))
        .view(stored.shape().stream().mapToLong(Long::longValue).toArray());
  }

  private static Tensor file(Path path, long bytes) {
    return torch.from_file(
        path.toString(),
        new BoolOptional(false),
        new LongOptional(bytes),
        new TensorOptions(ScalarType.Byte));
  }
}
