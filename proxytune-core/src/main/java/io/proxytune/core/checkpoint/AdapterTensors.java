package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sorts an adapter's tensors by the module that they are for. For one thread. */
final class AdapterTensors {
  private static final String PREFIX = "base_model.model.";

  /** What stands between a module's name and what it stores: an adapter's name. */
  private static final String ADAPTER = "(?:\\.[^.]+)?";

  private static final Pattern LORA = Pattern.compile("(.+)\\.lora_([AB])" + ADAPTER + "\\.weight");
  private static final Pattern EMBEDDING =
      Pattern.compile("(.+)\\.lora_embedding_([AB])" + ADAPTER);
  private static final Pattern MAGNITUDE =
      Pattern.compile("(.+)\\.lora_magnitude_vector(?:\\.[^.]+){0,2}");

  /** A weight or bias of the model's own, as it was or trained, and PEFT's names for such. */
  private static final Pattern WHOLE =
      Pattern.compile(
          "(.+?)(?:\\.(base_layer|original_module)|\\.modules_to_save"
              + ADAPTER
              + ")?\\.(weight|bias)");

  private final AdapterConfig config;
  private final Map<String, StoredTensor> as = new TreeMap<>();
  private final Map<String, StoredTensor> bs = new TreeMap<>();
  private final Map<String, StoredTensor> magnitudes = new TreeMap<>();
  private final Map<String, StoredTensor> wholes = new TreeMap<>();
  private final Map<String, StoredTensor> copies = new TreeMap<>();

  AdapterTensors(AdapterConfig config, Map<String, StoredTensor> stored) {
    this.config = config;
    stored.values().forEach(this::sort);
  }

  private void sort(StoredTensor tensor) {
    if (!StoredNames.withoutWrappers(tensor.name()).equals(tensor.name())) {
      throw new CheckpointException(
          lenientFormat("%s: %s", tensor.file(), StoredNames.wrapped(tensor.name())));
    }
    String name =
        tensor.name().startsWith(PREFIX) ? tensor.name().substring(PREFIX.length()) : tensor.name();
    if (!sortPair(LORA.matcher(name), tensor)
        && !sortPair(EMBEDDING.matcher(name), tensor)
        && !sortMagnitude(MAGNITUDE.matcher(name), tensor)
        && !sortWhole(WHOLE.matcher(name), tensor)) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s is not of the form MODULE.lora_A.weight, MODULE.lora_B.weight or"
                  + " another of PEFT's: %s",
              tensor.name(), tensor.file(), AdapterConfig.MERGE));
    }
  }

  private boolean sortPair(Matcher name, StoredTensor tensor) {
    if (name.matches()) {
      put(name.group(2).equals("A") ? as : bs, name.group(1), tensor, 2);
      return true;
    }
    return false;
  }

  private boolean sortMagnitude(Matcher name, StoredTensor tensor) {
    if (name.matches()) {
      put(magnitudes, name.group(1), tensor, 1);
      return true;
    }
    return false;
  }

  private boolean sortWhole(Matcher name, StoredTensor tensor) {
    if (!name.matches() || name.group(1).contains(".lora_")) {
      return false;
    }
    boolean isWeight = name.group(3).equals("weight");
    boolean isCopy = isWeight && name.group(2) != null;
    put(isCopy ? copies : wholes, name.group(1) + "." + name.group(3), tensor, 0);
    return true;
  }

  /** Takes a tensor of so many dimensions; 0: of any number. */
  private static void put(
      Map<String, StoredTensor> tensors, String place, StoredTensor tensor, int dimensions) {
    check(tensor, dimensions);
    StoredTensor other = tensors.put(place, tensor);
    if (other != null) {
      throw new CheckpointException(
          lenientFormat(
              "%s holds two tensors for one place, \"%s\" and \"%s\"; save one adapter to a folder",
              tensor.file(), other.name(), tensor.name()));
    }
  }

  private static void check(StoredTensor tensor, int dimensions) {
    if (!tensor.type().isWeight()) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s must have dtype F32, BF16, F16 or F64, got %s; save the adapter"
                  + " in one of those",
              tensor.name(), tensor.file(), tensor.type()));
    }
    if (dimensions > 0 && tensor.shape().size() != dimensions) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s must have %s, got shape %s; only linear layers and embeddings"
                  + " can have an adapter: %s",
              tensor.name(),
              tensor.file(),
              dimensions == 1 ? "1 dimension" : dimensions + " dimensions",
              tensor.shape(),
              AdapterConfig.MERGE));
    }
  }

  /** The pairs by their modules' names, each of the rank that the config gives it. */
  Map<String, LoraTensors> pairs() {
    Map<String, LoraTensors> pairs = new TreeMap<>();
    as.forEach((module, a) -> pairs.put(module, pair(module, a, bs.get(module))));
    bs.forEach((module, b) -> pairs.computeIfAbsent(module, m -> pair(m, null, b)));
    magnitudes.forEach((module, magnitude) -> checkMagnitude(magnitude, pairs.get(module)));
    return pairs;
  }

  private LoraTensors pair(String module, @Nullable StoredTensor a, @Nullable StoredTensor b) {
    if (a == null || b == null) {
      throw missing(module, a == null ? b : a, a == null ? "lora_A" : "lora_B");
    }
    int rank = config.rank(module);
    checkRank(a, 0, rank);
    checkRank(b, 1, rank);
    StoredTensor magnitude = magnitudes.get(module);
    if (magnitude == null && config.usesDora()) {
      throw missing(module, a, "lora_magnitude_vector");
    }
    return new LoraTensors(module, a, b, config.scale(module), Optional.ofNullable(magnitude));
  }

  private CheckpointException missing(String module, @Nullable StoredTensor only, String other) {
    return new CheckpointException(
        lenientFormat(
            "%s holds tensor \"%s\" but not the %s that belongs to it%s",
            only == null ? config.file() : only.file(),
            only == null ? module : only.name(),
            other,
            SafetensorsFile.DAMAGED));
  }

  private void checkMagnitude(StoredTensor magnitude, @Nullable LoraTensors pair) {
    if (pair == null || !config.usesDora()) {
      throw new CheckpointException(
          lenientFormat(
              "%s holds tensor \"%s\" but %s; take the config that was saved with the adapter",
              magnitude.file(),
              magnitude.name(),
              pair == null
                  ? "no lora_A and lora_B that it belongs to"
                  : config.file() + " does not ask for DoRA (use_dora)"));
    }
  }

  private void checkRank(StoredTensor tensor, int dimension, int rank) {
    if (tensor.shape().get(dimension) != rank) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s must have %s in dimension %s, the rank (r or rank_pattern) in"
                  + " %s, got shape %s; take the config that was saved with the adapter",
              tensor.name(), tensor.file(), rank, dimension, config.file(), tensor.shape()));
    }
  }

  /** Weights and biases that stand for the model's own, by the names of those. */
  Map<String, StoredTensor> wholes() {
    return wholes;
  }

  /** Weights that are stored beside the pairs and must equal the model's own, likewise. */
  Map<String, StoredTensor> copies() {
    return copies;
  }
}
