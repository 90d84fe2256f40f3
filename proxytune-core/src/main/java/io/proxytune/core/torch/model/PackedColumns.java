package io.proxytune.core.torch.model;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer of float32 whose inputs are taken in parts, one after the other: the product with
 * each is added to that of the parts before it. oneDNN's kernel for vectors of eight numbers
 * multiplies 2 to 80 rows at half of its speed where a sum has more than some 2,048 inputs, and at
 * a quarter from some 4,100 on. Its kernel for sixteen is slower where rows are several pages of 4
 * KiB long, to the byte; those of a part are a page long or begin elsewhere.
 */
final class PackedColumns implements Linear {
  /** The most inputs of a part for vectors of eight numbers. */
  static final long MOST = 2048;

  /** The same for vectors of sixteen, of rows that are multiples of a page. */
  static final long MOST_OF_ALIGNED = 1408;

  /** The numbers of a page of 4 KiB. */
  private static final long PAGE = 1024;

  /** Parts are multiples of oneDNN's blocks, and of a cache line. */
  private static final long BLOCK = 64;

  private final List<PackedLinear> parts;
  private final long columns; // of each part but the last

  private PackedColumns(List<PackedLinear> parts, long columns) {
    this.parts = parts;
    this.columns = columns;
  }

  /** Makes a part. */
  private interface Maker {
    PackedLinear make(int number, long from, long count);
  }

  /**
   * The most inputs of a part of a weight that has so many, on this processor.
   *
   * @return no fewer where the weight is best left whole
   */
  static long most(long inputs) {
    if (CpuFeatures.hasVectors() && !CpuFeatures.hasWideVectors()) {
      return MOST;
    }
    boolean aligned = inputs > PAGE && inputs % PAGE == 0;
    return aligned && CpuFeatures.multipliesAlignedRowsSlower() ? MOST_OF_ALIGNED : inputs;
  }

  /**
   * Copies the weight, {@code [out, in]}, part by part; takes over the bias.
   *
   * @param most inputs of a part
   */
  static PackedColumns of(
      PackedLinear.Kernels kernels, Tensor weight, @Nullable Tensor bias, long most) {
    return of(
        weight.size(1),
        most,
        (number, from, count) -> {
          Tensor part = weight.narrow(1, from, count).contiguous();
          return new PackedLinear(kernels, part, number == 0 ? bias : null);
        });
  }

  /**
   * Makes one again of what {@link #kept} gave.
   *
   * @throws KeptWeight.UnusableException if it is not that, or can't be read
   */
  static PackedColumns restored(
      PackedLinear.Kernels kernels,
      KeptWeight kept,
      long outputs,
      long inputs,
      @Nullable Tensor bias,
      long most) {
    return of(
        inputs,
        most,
        (number, from, count) ->
            PackedLinear.restored(
                kernels,
                kept.part(number),
                outputs,
                count,
                ScalarType.Float,
                number == 0 ? bias : null));
  }

  private static PackedColumns of(long inputs, long most, Maker maker) {
    long count = (inputs + most - 1) / most;
    long columns = ((inputs + count - 1) / count + BLOCK - 1) / BLOCK * BLOCK;
    List<PackedLinear> parts = new ArrayList<>();
    try {
      for (long from = 0; from < inputs; from += columns) {
        parts.add(maker.make(parts.size(), from, Math.min(columns, inputs - from)));
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
  public Map<String, Tensor> kept() {
    ImmutableMap.Builder<String, Tensor> all = ImmutableMap.builder();
    for (int i = 0; i < parts.size(); i++) {
      int number = i;
      parts.get(i).kept().forEach((name, part) -> all.put(KeptWeight.ofPart(name, number), part));
    }
    return all.build();
  }

  @Override
  public void close() {
    parts.forEach(PackedLinear::close);
  }
}
