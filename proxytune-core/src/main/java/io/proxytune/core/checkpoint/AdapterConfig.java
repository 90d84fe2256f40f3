package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A PEFT {@code adapter_config.json} of LoRA, checked: immutable. */
final class AdapterConfig {
  static final String FILE = "adapter_config.json";

  /** What is said about an adapter that is more than LoRA. */
  static final String MERGE =
      "merge the adapter into its model with PEFT (merge_and_unload, then save_pretrained) and load"
          + " the result as a checkpoint";

  /** The same, about what may change the embedding of a model whose head is tied to it. */
  static final String MERGE_UNTIED =
      "untie the model's head first if it is tied to its embedding (a copy of the weight as"
          + " lm_head, and tie_word_embeddings false), since PEFT's merge would change both; then "
          + MERGE;

  private static final Set<String> OF_EMBEDDINGS = Set.of("trainable_token_indices");

  /** Which biases are trained: none, those of the layers with an adapter, or all. */
  private static final Set<String> BIASES = Set.of("none", "lora_only", "all");

  /** Keys of what would change the result, were it not refused, with its name. */
  private static final Map<String, String> UNSUPPORTED =
      Map.ofEntries(
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

  /** Methods that add to a model's input or attention, so that nothing is left to merge. */
  private static final Set<String> UNMERGEABLE =
      Set.of(
          "PROMPT_TUNING",
          "MULTITASK_PROMPT_TUNING",
          "P_TUNING",
          "PREFIX_TUNING",
          "CPT",
          "CARTRIDGE",
          "ADAPTION_PROMPT");

  /** Initialisations that leave the model's own weights as they were. */
  private static final Set<String> PLAIN_INITIALISATIONS = Set.of("gaussian", "eva", "orthogonal");

  private final ConfigJson json;
  private final int rank;
  private final double alpha;
  private final boolean rankStabilized;
  private final Map<ModulePattern, Integer> rankPattern;
  private final Map<ModulePattern, Double> alphaPattern;
  private final List<String> savedModules;

  private AdapterConfig(ConfigJson json) {
    this.json = json;
    this.rank = json.positiveInt("r");
    this.alpha = json.finite("lora_alpha");
    this.rankStabilized = json.flag("use_rslora", false);
    this.rankPattern = patterns("rank_pattern", json::positiveInts);
    this.alphaPattern = patterns("alpha_pattern", json::numbers);
    this.savedModules = json.texts("modules_to_save").orElse(List.of());
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
    checkMethod(json);
    UNSUPPORTED.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(entry -> json.isSet(entry.getKey()))
        .findFirst()
        .ifPresent(
            entry -> {
              throw unsupported(
                  json,
                  entry.getValue(),
                  OF_EMBEDDINGS.contains(entry.getKey()) ? MERGE_UNTIED : MERGE);
            });
    if (!BIASES.contains(bias(json))) {
      throw json.refusal("bias", "one of none, lora_only and all");
    }
    checkInitialisation(json);
  }

  private static void checkMethod(ConfigJson json) {
    if (!json.has("peft_type") && (json.has("lora_parameters") || json.has("fine_tune_type"))) {
      throw new CheckpointException(
          lenientFormat(
              "%s is of an adapter of mlx-lm, which is not read; merge it into its model (python -m"
                  + " mlx_lm fuse --model MODEL --adapter-path FOLDER --save-path NEW_FOLDER) and"
                  + " load the result as a checkpoint",
              json.file()));
    }
    String type = json.text("peft_type").orElse("LORA");
    if (UNMERGEABLE.contains(type)) {
      throw new CheckpointException(
          lenientFormat(
              "%s asks for PEFT's method %s, which is not supported, and PEFT can't merge it into"
                  + " the model either: train a LoRA adapter, or tune the model itself",
              json.file(), type));
    }
    if (!type.equals("LORA")) {
      throw unsupported(json, "PEFT's method " + type);
    }
  }

  /** Of others PEFT changes the model's weights too, before it loads the adapter. */
  private static void checkInitialisation(ConfigJson json) {
    String key = "init_lora_weights";
    if (json.isText(key) && !PLAIN_INITIALISATIONS.contains(json.text(key).get())) {
      throw unsupported(json, "a changed model (" + key + " \"" + json.text(key).get() + "\")");
    }
  }

  private static CheckpointException unsupported(ConfigJson json, String what) {
    return unsupported(json, what, MERGE);
  }

  private static CheckpointException unsupported(ConfigJson json, String what, String advice) {
    return new CheckpointException(
        lenientFormat("%s asks for %s, which is not supported: %s", json.file(), what, advice));
  }

  private static String bias(ConfigJson json) {
    return json.text("bias").orElse("none");
  }

  private <V> Map<ModulePattern, V> patterns(String key, Function<String, Map<String, V>> read) {
    Map<ModulePattern, V> patterns = new LinkedHashMap<>();
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

  /** Whether the rows of adapted weights have lengths of their own (arXiv 2402.09353). */
  boolean usesDora() {
    return json.flag("use_dora", false);
  }

  /** Whether biases are trained, and stored. */
  boolean savesBiases() {
    return !bias(json).equals("none");
  }

  /** Whether a head that is tied to the embedding has what the embedding has. */
  boolean ensuresTying() {
    return json.flag("ensure_weight_tying", false);
  }

  /**
   * Whether a tensor is of a module that is trained whole: PEFT looks how names of modules end,
   * dots or not.
   */
  boolean savesWhole(String tensor) {
    for (int dot = tensor.indexOf('.'); dot >= 0; dot = tensor.indexOf('.', dot + 1)) {
      if (savedModules.stream().anyMatch(tensor.substring(0, dot)::endsWith)) {
        return true;
      }
    }
    return false;
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
  private static <V> Optional<V> first(Map<ModulePattern, V> patterns, String module) {
    return patterns.entrySet().stream()
        .filter(entry -> entry.getKey().fitsStart(module))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  Optional<String> baseModel() {
    return json.text("base_model_name_or_path").filter(name -> !name.isBlank());
  }

  /** The revision of that model, where it is one of the Hub. */
  Optional<String> baseRevision() {
    return json.text("revision").filter(name -> !name.isBlank());
  }

  TargetModules targets(Set<String> notLinear) {
    return TargetModules.read(json, notLinear);
  }

  Path file() {
    return json.file();
  }
}
