package io.proxytune.core.checkpoint;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a tensor lies on disk: immutable. Its bytes are little-endian, row-major and without gaps.
 *
 * @param name the tensor's name, such as {@code model.norm.weight}
 * @param file the safetensors file
 * @param type the dtype
 * @param shape the sizes of its dimensions, each at least 0; empty for a scalar
 * @param offset where its bytes begin, counted from the start of the file; not always a multiple of
 *     the element's size
 * @param byteLength how many bytes it has
 */
public record StoredTensor(
    String name, Path file, StoredType type, List<Long> shape, long offset, long byteLength) {
  public StoredTensor {
    requireNonNull(name, "name");
    requireNonNull(file, "file");
    requireNonNull(type, "type");
    shape = List.copyOf(shape);
    checkArgument(offset >= 0, "offset must be >= 0, got %s", offset);
    checkArgument(byteLength >= 0, "byteLength must be >= 0, got %s", byteLength);
  }

  /**
   * The number of elements.
   *
   * @return the product of the shape
   */
  public long elements() {
    return shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
  }

  /**
   * One of a stack of tensors.
   *
   * @param index its place in the first dimension
   * @return where it lies, without that dimension
   */
  public StoredTensor slice(int index) {
    checkElementIndex(index, Math.toIntExact(shape.get(0)));
    long bytes = byteLength / shape.get(0);
    return new StoredTensor(
        name, file, type, shape.subList(1, shape.size()), offset + index * bytes, bytes);
  }

  /** The same tensor under another name. */
  StoredTensor named(String other) {
    return new StoredTensor(other, file, type, shape, offset, byteLength);
  }

  long end() {
    return offset + byteLength;
  }
}
