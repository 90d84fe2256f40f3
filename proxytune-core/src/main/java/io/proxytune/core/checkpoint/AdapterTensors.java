package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sorts an adapter's tensors into pairs by the module that they are for. For one thread. */
final class AdapterTensors {
  private static final String PREFIX = "base_model.model.";
  private static final Pattern LORA = Pattern.compile("(.+)\\.lora_([AB])(?:\\.[^.]+)?\\.weight");

  /** A whole weight that PEFT may store beside the pairs, of an embedding or a head. */
  private static final Pattern COPY =
      Pattern.compile("(.+\\.embed_tokens|lm_head)(?:\\.base_layer)?\\.weight");

  private final AdapterConfig config;
  private final Map<String, @Nullable StoredTensor> as = new TreeMap<>();
  private final Map<String, @Nullable StoredTensor> bs = new TreeMap<>();
  private final List<StoredTensor> copies = new ArrayList<>();

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
    Matcher lora = LORA.matcher(name);
    if (lora.matches()) {
      put(lora.group(2).equals("A") ? as : bs, lora.group(1), tensor);
    } else if (COPY.matcher(name).matches()) {
      copies.add(tensor);
    } else {
      throw unknown(tensor, name);
    }
  }

  private static void put(
      Map<String, @Nullable StoredTensor> tensors, String module, StoredTensor tensor) {
    checkMatrix(tensor);
    StoredTensor other = tensors.put(module, tensor);
    if (other != null) {
      throw new CheckpointException(
          lenientFormat(
              "%s holds two tensors for one place, \"%s\" and \"%s\"; save one adapter to a folder",
              tensor.file(), other.name(), tensor.name()));
    }
  }

  private static void checkMatrix(StoredTensor tensor) {
    if (!tensor.type().isWeight()) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s must have dtype F32, BF16, F16 or F64, got %s; save the adapter"
                  + " in one of those",
              tensor.name(), tensor.file(), tensor.type()));
    }
    if (tensor.shape().size() != 2) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s must have 2 dimensions, got shape %s; only linear layers can"
                  + " have an adapter: %s",
              tensor.name(), tensor.file(), tensor.shape(), AdapterConfig.MERGE));
    }
  }

  private static CheckpointException unknown(StoredTensor tensor, String name) {
    boolean ofEmbedding = name.contains("lora_embedding_") || name.contains("embed_tokens");
    String what =
        ofEmbedding
            ? "adapts the embedding, which is not supported"
            : "is not of the form MODULE.lora_A.weight or MODULE.lora_B.weight";
    return new CheckpointException(
        lenientFormat(
            "tensor \"%s\" in %s %s: %s",
            tensor.name(),
            tensor.file(),
            what,
            ofEmbedding ? AdapterConfig.MERGE_UNTIED : AdapterConfig.MERGE));
  }

  /** The pairs by their modules' names, each of the rank that the config gives it. */
  Map<String, LoraTensors> pairs() {
    Map<String, LoraTensors> pairs = new TreeMap<>();
    as.forEach((module, a) -> pairs.put(module, pair(module, a, bs.get(module))));
    bs.forEach((module, b) -> pairs.computeIfAbsent(module, m -> pair(m, null, b)));
    return pairs;
  }

  private LoraTensors pair(String module, @Nullable StoredTensor a, @Nullable StoredTensor b) {
    if (a == null || b == null) {
      StoredTensor only = a == null ? b : a;
      throw new CheckpointException(
          lenientFormat(
              "%s holds tensor \"%s\" but not the lora_%s that belongs to it%s",
              only == null ? config.file() : only.file(),
              only == null ? module : only.name(),
              a == null ? "A" : "B",
              SafetensorsFile.DAMAGED));
    }
    int rank = config.rank(module);
    checkRank(a, 0, rank);
    checkRank(b, 1, rank);
    return new LoraTensors(module, a, b, config.scale(module));
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

  /** Whole weights that are stored beside the pairs; they must equal the model's own. */
  List<StoredTensor> copies() {
    return copies;
  }
}
