package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.DecoderSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds a decoder's tensors in a folder and checks that its description and weights agree. */
final class TensorBinder {
  private static final Logger logger = LoggerFactory.getLogger(TensorBinder.class);
  private static final int NAMES_SHOWN = 3;

  /** What decides which tensors a model has, for messages. */
  private static final List<String> SETTINGS =
      List.of(
          "num_hidden_layers",
          "n_layer",
          "num_layers",
          "n_layers",
          "attention_bias",
          "mlp_bias",
          "use_bias",
          "bias",
          "num_experts",
          "num_local_experts");

  private final CheckpointFolder folder;
  private final ConfigJson config;
  private final DecoderSpec spec;
  private final Map<String, StoredTensor> bound = new LinkedHashMap<>();

  private TensorBinder(CheckpointFolder folder, ConfigJson config, DecoderSpec spec) {
    this.folder = folder;
    this.config = config;
    this.spec = spec;
  }

  /**
   * Binds.
   *
   * @param config the part of the folder's config that the description is made from
   * @return the tensors by the names in the description; of a tied embedding and head, both give
   *     the same
   */
  static Map<String, StoredTensor> bind(
      CheckpointFolder folder, ConfigJson config, DecoderSpec spec) {
    return new TensorBinder(folder, config, spec).bind();
  }

  private Map<String, StoredTensor> bind() {
    TensorDemands.body(spec, config).forEach(demand -> bound.put(demand.name(), tensor(demand)));
    TensorDemand head = TensorDemands.head(spec, config);
    StoredTensor embedding = embedding(TensorDemands.embedding(spec, config), head);
    bound.put(spec.embedding().tensor(), embedding);
    bound.put(head.name(), spec.head().tied() ? tiedHead(embedding, head) : head(head));
    reportOthers();
    return Collections.unmodifiableMap(bound);
  }

  // Of two tied tensors, some writers store the head alone.
  private StoredTensor embedding(TensorDemand embedding, TensorDemand head) {
    boolean headAlone = spec.head().tied() && isStored(head.name()) && !isStored(embedding.name());
    return tensor(headAlone ? head : embedding);
  }

  private boolean isStored(String name) {
    return folder.tensors().containsKey(name);
  }

  /** Where a head is stored that differs from the embedding, it counts, as in transformers 5. */
  private StoredTensor tiedHead(StoredTensor embedding, TensorDemand demand) {
    if (!isStored(demand.name())) {
      return embedding;
    }
    StoredTensor head = tensor(demand);
    if (head.equals(embedding) || StoredBytes.equal(embedding, head)) {
      return embedding;
    }
    logger.warn(
        "{} holds {} and {}, which differ, though config.json has tie_word_embeddings true: the"
            + " head is used as it is stored, as transformers 5 does; version 4 used the embedding",
        folder.path(),
        embedding.name(),
        head.name());
    return head;
  }

  private StoredTensor head(TensorDemand demand) {
    if (!isStored(demand.name())) {
      throw new CheckpointException(
          lenientFormat(
              "checkpoint folder %s has no tensor \"%s\", which config.json calls for, as"
                  + " tie_word_embeddings is not true; download the missing weights, or set"
                  + " tie_word_embeddings to true if the model shares its embedding with the head",
              folder.path(), demand.name()));
    }
    return tensor(demand);
  }

  private StoredTensor tensor(TensorDemand demand) {
    StoredTensor tensor = folder.tensors().get(demand.name());
    if (tensor == null) {
      throw missing(demand.name());
    }
    checkType(tensor);
    checkShape(tensor, demand);
    return tensor;
  }

  private CheckpointException missing(String name) {
    return new CheckpointException(
        lenientFormat(
            "checkpoint folder %s has no tensor \"%s\", which config.json calls for (%s); %s",
            folder.path(),
            name,
            settings(),
            StoredNames.advice(folder.tensors().keySet(), name)
                .orElse("download the missing weights, or the config.json that belongs to these")));
  }

  private static void checkType(StoredTensor tensor) {
    if (!tensor.type().isWeight()) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s must have dtype F32, BF16, F16 or F64, got %s; save the"
                  + " checkpoint in one of those",
              tensor.name(), tensor.file(), tensor.type()));
    }
  }

  private static void checkShape(StoredTensor tensor, TensorDemand demand) {
    if (!tensor.shape().equals(demand.sizes())) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s must have shape %s, which is %s in config.json, got %s; take"
                  + " the config.json that these weights were saved with",
              tensor.name(), tensor.file(), demand.sizes(), demand.keys(), tensor.shape()));
    }
  }

  /** What the model does not use is passed over, as in transformers. */
  private void reportOthers() {
    Set<String> used = bound.values().stream().map(StoredTensor::name).collect(toSet());
    List<String> others =
        folder.tensors().keySet().stream()
            .filter(name -> !used.contains(name) && !isBuffer(name))
            .sorted()
            .toList();
    if (!others.isEmpty()) {
      logger.warn(
          "{} holds {} tensors that its config.json has no use for ({}), which are passed over:"
              + " {}{}",
          folder.path(),
          others.size(),
          settings(),
          others.stream().limit(NAMES_SHOWN).collect(joining(", ")),
          others.size() > NAMES_SHOWN ? ", …" : "");
    }
  }

  // Old versions of transformers stored these; they follow from the config.
  private static boolean isBuffer(String name) {
    return name.endsWith(".rotary_emb.inv_freq")
        || name.endsWith(".attn.bias")
        || name.endsWith(".attention.bias")
        || name.endsWith(".masked_bias");
  }

  private String settings() {
    List<String> settings = new ArrayList<>();
    settings.add(spec.architecture());
    SETTINGS.stream()
        .filter(config::has)
        .forEach(key -> settings.add(key + " " + config.show(key)));
    settings.add("tie_word_embeddings " + spec.head().tied());
    return String.join(", ", settings);
  }
}
