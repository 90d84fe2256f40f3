package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.ExpertsSpec.Scoring;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A layer's experts in the forms in which they are published: each with tensors of its own, by one
 * of two sets of names, or all of them in two stacked tensors. Immutable.
 */
final class Experts {
  /** More than any published model has; a config alone must not size an allocation. */
  private static final int MOST = 1024;

  private final LayerOutline layer;
  private final Outline outline;
  private final String module;
  private final int inner;

  /** Experts of {@code module}, each as wide as {@code inner}. */
  Experts(LayerOutline layer, String module, int inner) {
    this.layer = layer;
    this.outline = layer.outline();
    this.module = module;
    this.inner = inner;
  }

  /**
   * Shares by softmax.
   *
   * @param router its name within the module
   * @param count how many experts there are where the config says nothing
   * @param active how many a token goes through, likewise
   * @param renormalized whether their shares have the sum 1
   */
  ExpertsSpec spec(String router, int count, int active, boolean renormalized) {
    int number = count(outline.config(), count);
    return spec(
        layer.linear(module + "." + router, layer.width(), number, false),
        active(outline.config(), number, active),
        renormalized,
        all(number));
  }

  /**
   * Shares of each by itself, corrected for the choice, of the experts of the best groups (arXiv
   * 2412.19437), with an MLP beside them as wide as some.
   */
  ExpertsSpec ofGroups() {
    ConfigJson config = outline.config();
    int number = routed();
    int groups = groups(number);
    Scoring scoring =
        new Scoring(
            Scoring.Function.SIGMOID,
            Optional.of(correction(layer.name(module + ".gate.e_score_correction_bias"))),
            groups,
            activeGroups(groups),
            Math.min(2, number / groups));
    return ofGroups(scoring, config.flag("norm_topk_prob", false), false);
  }

  /**
   * Shares by softmax (arXiv 2405.04434), with an MLP beside the experts as wide as some.
   *
   * @param grouped whether the experts are those of the groups that have the best ones
   * @param bias whether the MLP has biases
   */
  ExpertsSpec ofSoftmax(boolean grouped, boolean bias) {
    if (!grouped) {
      return ofGroups(Scoring.SOFTMAX, false, bias);
    }
    int groups = groups(routed());
    Scoring scoring =
        new Scoring(Scoring.Function.SOFTMAX, Optional.empty(), groups, activeGroups(groups), 1);
    return ofGroups(scoring, false, bias);
  }

  static Scoring.Correction correction(String tensor) {
    return new Scoring.Correction(tensor, false);
  }

  private int routed() {
    return bounded(outline.config(), "n_routed_experts", 128);
  }

  private int groups(int number) {
    int groups = outline.config().positiveInt("n_group", 1);
    if (number % groups != 0) {
      throw outline.config().refusal("n_group", "a divisor of n_routed_experts, " + number);
    }
    return groups;
  }

  private int activeGroups(int groups) {
    int active = outline.config().positiveInt("topk_group", 1);
    if (active > groups) {
      throw outline.config().refusal("topk_group", "at most n_group, " + groups);
    }
    return active;
  }

  private ExpertsSpec ofGroups(Scoring scoring, boolean renormalized, boolean bias) {
    ConfigJson config = outline.config();
    int number = routed();
    ExpertsSpec all =
        new ExpertsSpec(
            layer.linear(module + ".gate", layer.width(), number, false),
            scoring,
            active(config, number / scoring.groups() * scoring.activeGroups(), 8),
            renormalized,
            config.positive("routed_scaling_factor", 1),
            all(number),
            Optional.empty(),
            Optional.empty());
    int shared = config.natural("n_shared_experts").orElse(0);
    return shared == 0
        ? all
        : all.withShared(
            layer.gatedMlp(module + ".shared_experts", Math.multiplyExact(shared, inner), bias),
            Optional.empty());
  }

  static ExpertsSpec spec(
      LinearSpec router, int active, boolean renormalized, List<MlpSpec> experts) {
    return new ExpertsSpec(
        router,
        Scoring.SOFTMAX,
        active,
        renormalized,
        1,
        experts,
        Optional.empty(),
        Optional.empty());
  }

  /** The first experts, in the form in which they are published. */
  List<MlpSpec> all(int number) {
    return IntStream.range(0, number).mapToObj(form()).toList();
  }

  /** How many experts there are, by either of two keys. */
  static int count(ConfigJson config, int absent) {
    return bounded(config, config.has("num_experts") ? "num_experts" : "num_local_experts", absent);
  }

  /** How many experts there are, by a key. */
  static int bounded(ConfigJson config, String key, int absent) {
    int count = config.positiveInt(key, absent);
    if (count > MOST) {
      throw config.refusal(key, "an integer in [1, " + MOST + "]");
    }
    return count;
  }

  static int active(ConfigJson config, int count, int absent) {
    return active(config, "num_experts_per_tok", count, absent);
  }

  static int active(ConfigJson config, String key, int count, int absent) {
    int active = config.positiveInt(key, absent);
    if (active > count) {
      throw config.refusal(key, "at most the number of experts, " + count);
    }
    return active;
  }

  private IntFunction<MlpSpec> form() {
    String stack = module + ".experts.";
    if (outline.stores(layer.name(stack + "gate_up_proj"))) {
      return expert -> stacked(stack + "gate_up_proj", stack + "down_proj", expert);
    }
    return outline.stores(layer.name(stack + "0.w1.weight"))
        ? expert -> single(stack + expert + ".", "w1", "w3", "w2")
        : expert -> single(stack + expert + ".", "gate_proj", "up_proj", "down_proj");
  }

  private MlpSpec single(String expert, String gate, String up, String down) {
    return new MlpSpec(
        outline.activation(),
        Optional.of(layer.linear(expert + gate, layer.width(), inner, false)),
        layer.linear(expert + up, layer.width(), inner, false),
        layer.linear(expert + down, inner, layer.width(), false));
  }

  /**
   * An expert of two stacks {@code [experts, 2 · inner, width]} and {@code [experts, width,
   * inner]}.
   */
  MlpSpec stacked(String gateAndUp, String down, int expert) {
    long both = 2L * inner;
    return new MlpSpec(
        outline.activation(),
        Optional.of(stack(gateAndUp, layer.width(), StoredRows.range(both, 0, inner), expert)),
        stack(gateAndUp, layer.width(), StoredRows.range(both, inner, inner), expert),
        stack(down, inner, StoredRows.all(layer.width()), expert));
  }

  private LinearSpec stack(String tensor, int in, StoredRows rows, int expert) {
    return new LinearSpec(layer.name(tensor), Optional.empty(), in, rows.ofExpert(expert));
  }
}
