package io.proxytune.core.torch;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.files.FileBytes;
import io.proxytune.core.files.InputFile;
import java.io.EOFException;
import java.io.IOException;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reads stored tensors into memory of their own: what becomes of the file is all one afterwards.
 */
public final class TensorReader {
  private TensorReader() {}

  /**
   * Reads a tensor, in the current scope.
   *
   * @param stored where it lies; bounds, shape and dtype were checked when the checkpoint was
   *     opened
   * @return the tensor on the CPU, in its stored dtype and shape
   * @throws CheckpointException if the file can't be read, or became shorter
   */
  public static Tensor read(StoredTensor stored) {
    long[] bytes = {stored.byteLength()};
    Tensor tensor = torch.empty(bytes, new TensorOptions(ScalarType.Byte), null);
    try {
      ParallelRead.into(
          tensor, (at, target) -> FileBytes.read(stored.file(), stored.offset() + at, target));
    } catch (IOException e) {
      throw unreadable(stored, e);
    }
    return tensor
        .view(ScalarTypes.of(stored.type()))
        .view(stored.shape().stream().mapToLong(Long::longValue).toArray());
  }

  private static CheckpointException unreadable(StoredTensor stored, IOException e) {
    if (!(e instanceof EOFException)) {
      return InputFile.unreadable(stored.file(), e);
    }
    return new CheckpointException(
        lenientFormat(
            "cannot read tensor %s, %s bytes from offset %s of %s: %s since it was opened; load it"
                + " again once nothing writes to it",
            stored.name(), stored.byteLength(), stored.offset(), stored.file(), e.getMessage()),
        e);
  }
}
