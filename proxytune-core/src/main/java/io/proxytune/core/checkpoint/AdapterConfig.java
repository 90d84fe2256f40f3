package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** A PEFT {@code adapter_config.json} of LoRA, checked: immutable. */
final class AdapterConfig {
  static final String FILE = "adapter_config.json";

  /** What is said about an adapter that is more than LoRA. */
  static final String MERGE =
      "merge the adapter into its model with PEFT (merge_and_unload, then save_pretrained) and load"
          + " the result as a checkpoint";

  /** Keys of what would change the result, were it not refused, with its name. */
  private static final Map<String, String> UNSUPPORTED =
      Map.ofEntries(
          Map.entry("use_dora", "DoRA"),
          Map.entry("modules_to_save", "modules trained whole (modules_to_save)"),
          Map.entry("lora_bias", "biases of its own (lora_bias)"),
          Map.entry("trainable_token_indices", "trained tokens (trainable_token_indices)"),
          Map.entry("target_parameters", "parameters that are no modules (target_parameters)"),
          Map.entry("layer_replication", "replicated layers (layer_replication)"),
          Map.entry("alora_invocation_tokens", "activated LoRA (alora_invocation_tokens)"),
          Map.entry("use_qalora", "QALoRA"),
          Map.entry("use_bdlora", "BD-LoRA"),
          Map.entry("arrow_config", "Arrow routing"),
          Map.entry("monteclora_config", "MonteCLoRA"),
          Map.entry("kasa_config", "KaSA"),
          Map.entry("velora_config", "VeLoRA"),
          Map.entry("megatron_config", "Megatron layers"));

  /** Initialisations that leave the model's own weights as they were. */
  private static final Set<String> PLAIN_INITIALISATIONS = Set.of("gaussian", "eva", "orthogonal");

  private final ConfigJson json;
  private final int rank;
  private final double alpha;
  private final boolean rankStabilized;
  private final Map<Pattern, Integer> rankPattern;
  private final Map<Pattern, Double> alphaPattern;

  private AdapterConfig(ConfigJson json) {
    this.json = json;
    this.rank = json.positiveInt("r");
    this.alpha = json.positive("lora_alpha");
    this.rankStabilized = json.flag("use_rslora", false);
    this.rankPattern = patterns("rank_pattern", json::positiveInts);
    this.alphaPattern = patterns("alpha_pattern", json::positives);
  }

  /**
   * Reads and checks a file.
   *
   * @throws CheckpointException if it is damaged, or asks for more than LoRA
   */
  static AdapterConfig read(Path file) {
    ConfigJson json = ConfigJson.read(file);
    checkSupported(json);
    return new AdapterConfig(json);
  }

  private static void checkSupported(ConfigJson json) {
    String type = json.text("peft_type").orElse("LORA");
    if (!type.equals("LORA")) {
      throw unsupported(json, "PEFT's method " + type);
    }
    UNSUPPORTED.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(entry -> json.isSet(entry.getKey()))
        .findFirst()
        .ifPresent(
            entry -> {
              throw unsupported(json, entry.getValue());
            });
    if (!json.text("bias").orElse("none").equals("none")) {
      throw unsupported(json, "trained biases (bias \"" + json.text("bias").get() + "\")");
    }
    checkInitialisation(json);
  }

  /** Of others PEFT changes the model's weights too, before it loads the adapter. */
  private static void checkInitialisation(ConfigJson json) {
    String key = "init_lora_weights";
    if (json.isText(key) && !PLAIN_INITIALISATIONS.contains(json.text(key).get())) {
      throw unsupported(json, "a changed model (" + key + " \"" + json.text(key).get() + "\")");
    }
  }

  private static CheckpointException unsupported(ConfigJson json, String what) {
    return new CheckpointException(
        lenientFormat("%s asks for %s, which is not supported: %s", json.file(), what, MERGE));
  }

  private <V> Map<Pattern, V> patterns(String key, Function<String, Map<String, V>> read) {
    Map<Pattern, V> patterns = new LinkedHashMap<>();
    read.apply(key)
        .forEach(
            (name, value) ->
                patterns.put(ModulePattern.compile(json, key, name, "(?:.*\\.)?(?:", ")$"), value));
    return patterns;
  }

  /** The rank of a module that no pattern names. */
  int rank() {
    return rank;
  }

  /** {@code lora_alpha} of a module that no pattern names. */
  double alpha() {
    return alpha;
  }

  boolean rankStabilized() {
    return rankStabilized;
  }

  int rank(String module) {
    return first(rankPattern, module).orElse(rank);
  }

  /** α / r, or α / √r where rank-stabilized (arXiv 2312.03732). */
  double scale(String module) {
    double rank = rank(module);
    return first(alphaPattern, module).orElse(alpha) / (rankStabilized ? Math.sqrt(rank) : rank);
  }

  /** The first pattern that fits decides. */
  private static <V> Optional<V> first(Map<Pattern, V> patterns, String module) {
    return patterns.entrySet().stream()
        .filter(entry -> entry.getKey().matcher(module).lookingAt())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  Optional<String> baseModel() {
    return json.text("base_model_name_or_path").filter(name -> !name.isBlank());
  }

  TargetModules targets(String head) {
    return TargetModules.read(json, head);
  }

  Path file() {
    return json.file();
  }
}
