package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer of float32 whose inputs are taken in parts, one after the other: the product with
 * each is added to that of the parts before it. oneDNN's kernel for vectors of eight numbers
 * multiplies 2 to 80 rows at half of its speed where a sum has more than some 2,048 inputs, and at
 * a quarter from some 4,100 on.
 */
final class PackedColumns implements Linear {
  /** The most inputs of a part. */
  static final long MOST = 2048;

  /** Parts are multiples of oneDNN's blocks, and of a cache line. */
  private static final long BLOCK = 64;

  private final List<PackedLinear> parts;
  private final long columns; // of each part but the last

  private PackedColumns(List<PackedLinear> parts, long columns) {
    this.parts = parts;
    this.columns = columns;
  }

  /** Copies the weight, {@code [out, in]}, part by part; takes over the bias. */
  static PackedColumns of(PackedLinear.Kernels kernels, Tensor weight, @Nullable Tensor bias) {
    long inputs = weight.size(1);
    long count = (inputs + MOST - 1) / MOST;
    long columns = ((inputs + count - 1) / count + BLOCK - 1) / BLOCK * BLOCK;
    List<PackedLinear> parts = new ArrayList<>();
    try {
      for (long from = 0; from < inputs; from += columns) {
        Tensor part = weight.narrow(1, from, Math.min(columns, inputs - from));
        parts.add(new PackedLinear(kernels, part.contiguous(), from == 0 ? bias : null));
      }
      return new PackedColumns(parts, columns);
    } catch (RuntimeException | Error e) {
      parts.forEach(PackedLinear::close);
      throw e;
    }
  }

  @Override
  public Tensor apply(Tensor x) {
    return addRest(x, parts.get(0).apply(part(x, 0)));
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return addRest(x, parts.get(0).applyAdd(part(x, 0), addend));
  }

  private Tensor addRest(Tensor x, Tensor first) {
    Tensor sum = first;
    for (int i = 1; i < parts.size(); i++) {
      sum = parts.get(i).applyAdd(part(x, i), sum);
    }
    return sum;
  }

  private Tensor part(Tensor x, int number) {
    long from = number * columns;
    return x.narrow(1, from, Math.min(columns, x.size(1) - from));
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String sum = parts.get(0).write(script, x + ".narrow(1, 0, " + columns + ")");
    for (int i = 1; i < parts.size(); i++) {
      String part = x + "[:, " + i * columns + ":" + (i + 1) * columns + "]";
      sum = parts.get(i).writeAdd(script, part, sum);
    }
    return sum;
  }

  @Override
  public void close() {
    parts.forEach(PackedLinear::close);
  }
}
