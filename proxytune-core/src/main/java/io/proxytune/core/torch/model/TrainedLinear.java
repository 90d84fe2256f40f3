package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Linear layers that read the same input, in training: rows are taken out of stored tensors by
 * operators that have gradients. Owns nothing.
 */
record TrainedLinear(List<LinearSpec> parts, TrainingWeights weights) implements Linear {
  @Override
  public Tensor apply(Tensor x) {
    throw new UnsupportedOperationException("training runs programs alone");
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    throw new UnsupportedOperationException("training runs programs alone");
  }

  @Override
  public String write(ScriptWriter script, String x) {
    Optional<Tensor> all = stacked();
    String y =
        all.isPresent()
            ? script.let("torch.linear(%s, %s, %s)", x, script.tensor(all.get()), allBiases(script))
            : joined(script, parts.stream().map(part -> product(script, part, x)).toList());
    boolean adapted = parts.stream().anyMatch(part -> weights.adapter(part).isPresent());
    return adapted ? script.let("torch.add(%s, %s)", y, delta(script, x)) : y;
  }

  /** One matrix for all, where none is a part of a stored tensor. */
  private Optional<Tensor> stacked() {
    return LinearSpec.areStackable(parts)
        ? Optional.of(weights.stacked(parts.stream().map(LinearSpec::weight).toList()))
        : Optional.empty();
  }

  private String allBiases(ScriptWriter script) {
    List<String> names = parts.stream().flatMap(part -> part.bias().stream()).toList();
    return names.isEmpty() ? "None" : script.tensor(weights.stacked(names));
  }

  private static String joined(ScriptWriter script, List<String> parts) {
    return parts.size() == 1
        ? parts.get(0)
        : script.let("torch.cat([%s], 1)", String.join(", ", parts));
  }

  private String product(ScriptWriter script, LinearSpec part, String x) {
    String stored = script.tensor(weights.tensor(part.weight()));
    String matrix = part.rows().transposed() ? script.let("torch.t(%s)", stored) : stored;
    String bias =
        part.bias()
            .map(name -> rows(script, script.tensor(weights.tensor(name)), part.rows()))
            .orElse("None");
    return script.let("torch.linear(%s, %s, %s)", x, rows(script, matrix, part.rows()), bias);
  }

  /** What {@link StoredWeights#rows} takes. */
  private static String rows(ScriptWriter script, String all, StoredRows rows) {
    if (rows.rows() == rows.total()) {
      return all;
    }
    if (rows.blocks() == 1) {
      return script.let("%s.narrow(0, %d, %d)", all, rows.first(), rows.count());
    }
    return script.let(
        "torch.flatten(torch.unflatten(%s, 0, [%d, -1]).narrow(1, %d, %d), 0, 1)",
        all, rows.blocks(), rows.first(), rows.count());
  }

  private String delta(ScriptWriter script, String x) {
    List<String> deltas = new ArrayList<>();
    for (LinearSpec part : parts) {
      deltas.add(
          weights
              .adapter(part)
              .map(adapter -> delta(script, part, adapter, x))
              .orElseGet(() -> zeros(script, part, x)));
    }
    return joined(script, deltas);
  }

  private static String delta(
      ScriptWriter script, LinearSpec part, TrainingWeights.Adapter adapter, String x) {
    String low = script.let("torch.linear(%s, %s)", x, script.tensor(adapter.a()));
    String scaled = script.let("torch.mul(%s, %s)", low, Double.toString(adapter.scale()));
    String up = rows(script, script.tensor(adapter.b()), part.rows());
    return script.let("torch.linear(%s, %s)", scaled, up);
  }

  private static String zeros(ScriptWriter script, LinearSpec part, String x) {
    return script.let("torch.zeros([%s.size(0), %d], dtype=%s.dtype)", x, part.out(), x);
  }

  @Override
  public void close() {}
}
