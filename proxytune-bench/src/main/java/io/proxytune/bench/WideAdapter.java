package io.proxytune.bench;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.bench.Widening.Matrix;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.LoraTensors;
import io.proxytune.core.checkpoint.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The tensors of a widened LoRA adapter. {@code A}, {@code [rank, in]}, grows as the columns of its
 * matrix, {@code B}, {@code [out, rank]}, as the rows, and added layers get what layer 0 has.
 */
final class WideAdapter {
  private static final String FIRST_LAYER = ".layers.0.";

  private WideAdapter() {}

  static List<WideTensor> tensors(Path adapter, int layersBefore, Widening widening) {
    Map<String, LoraTensors> pairs = new TreeMap<>(AdapterFolder.open(adapter).pairs());
    List<WideTensor> tensors = new ArrayList<>();
    pairs.values().forEach(pair -> add(tensors, pair, pair.module(), widening));
    for (int layer = layersBefore; layer < widening.shape().layers(); layer++) {
      String added = ".layers." + layer + ".";
      pairs.values().stream()
          .filter(pair -> pair.module().contains(FIRST_LAYER))
          .forEach(pair -> add(tensors, pair, pair.module().replace(FIRST_LAYER, added), widening));
    }
    return tensors;
  }

  /** A module's pair; where it is not the pair's own, only the sizes are taken from it. */
  private static void add(
      List<WideTensor> tensors, LoraTensors pair, String module, Widening widening) {
    checkArgument(
        pair.module().contains(".layers."), "%s is in no layer and can't be widened", module);
    Matrix matrix = widening.matrix(module);
    Axis rank = Axis.grown(pair.rank(), pair.rank());
    tensors.add(part(pair.a(), pair, module, new Matrix(rank, matrix.columns(), matrix.writes())));
    tensors.add(part(pair.b(), pair, module, new Matrix(matrix.rows(), rank, matrix.writes())));
  }

  private static WideTensor part(
      StoredTensor stored, LoraTensors pair, String module, Matrix growth) {
    boolean own = module.equals(pair.module());
    return new WideMatrix(
        stored.name().replace(pair.module(), module),
        stored.type(),
        growth,
        0,
        own ? Optional.of(stored) : Optional.empty());
  }
}
