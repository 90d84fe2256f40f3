package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;
import static java.util.stream.Collectors.joining;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.DecoderTensors.LayerTensors;
import io.proxytune.core.checkpoint.DecoderTensors.LinearTensors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds a decoder's tensors in a folder and checks that config and weights agree. */
final class TensorBinder {
  private static final Logger logger = LoggerFactory.getLogger(TensorBinder.class);
  private static final int NAMES_SHOWN = 3;

  private final CheckpointFolder folder;
  private final DecoderConfig config;
  private final TensorNames names;
  private final Set<String> known = new HashSet<>();

  // The sizes that shapes are made of, with the config's keys for messages.
  private final Size hidden;
  private final Size intermediate;
  private final Size vocabulary;
  private final Size queryWidth;
  private final Size keyWidth;

  private TensorBinder(CheckpointFolder folder, DecoderConfig config, TensorNames names) {
    this.folder = folder;
    this.config = config;
    this.names = names;
    hidden = new Size("hidden_size", config.hiddenSize());
    intermediate = new Size("intermediate_size", config.intermediateSize());
    vocabulary = new Size("vocab_size", config.vocabularySize());
    long headDim = config.headDim();
    queryWidth = new Size("num_attention_heads * head_dim", config.heads() * headDim);
    keyWidth = new Size("num_key_value_heads * head_dim", config.kvHeads() * headDim);
  }

  static DecoderTensors bind(CheckpointFolder folder, DecoderConfig config, TensorNames names) {
    return new TensorBinder(folder, config, names).bind();
  }

  private DecoderTensors bind() {
    List<LayerTensors> layers = layers();
    StoredTensor finalNorm = tensor(names.finalNorm(), hidden);
    StoredTensor embedding = embedding();
    StoredTensor head = config.tiedHead() ? tiedHead(embedding) : head();
    reportOthers();
    return new DecoderTensors(embedding, finalNorm, head, layers);
  }

  // Grows as tensors are found: the config's number alone must not size an allocation.
  private List<LayerTensors> layers() {
    List<LayerTensors> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      layers.add(layer(layer));
    }
    return layers;
  }

  private LayerTensors layer(int index) {
    boolean attentionBias = config.attentionBias();
    boolean mlpBias = config.mlpBias();
    return new LayerTensors(
        tensor(names.inLayer(index, names.inputNorm()), hidden),
        linear(index, names.query(), queryWidth, hidden, attentionBias),
        linear(index, names.key(), keyWidth, hidden, attentionBias),
        linear(index, names.value(), keyWidth, hidden, attentionBias),
        linear(index, names.output(), hidden, queryWidth, attentionBias),
        tensor(names.inLayer(index, names.postAttentionNorm()), hidden),
        linear(index, names.gate(), intermediate, hidden, mlpBias),
        linear(index, names.up(), intermediate, hidden, mlpBias),
        linear(index, names.down(), hidden, intermediate, mlpBias));
  }

  private LinearTensors linear(int layer, String name, Size out, Size in, boolean bias) {
    String base = names.inLayer(layer, name);
    StoredTensor weight = tensor(base + ".weight", out, in);
    return new LinearTensors(weight, bias ? tensor(base + ".bias", out) : null);
  }

  // Of two tied tensors, some writers store the head alone.
  private StoredTensor embedding() {
    boolean headAlone = config.tiedHead() && isStored(names.head()) && !isStored(names.embedding());
    return tensor(headAlone ? names.head() : names.embedding(), vocabulary, hidden);
  }

  private boolean isStored(String name) {
    return folder.tensors().containsKey(name);
  }

  /** Where a head is stored that differs from the embedding, it counts, as in transformers 5. */
  private StoredTensor tiedHead(StoredTensor embedding) {
    if (!isStored(names.head())) {
      return embedding;
    }
    StoredTensor head = tensor(names.head(), vocabulary, hidden);
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

  private StoredTensor head() {
    if (!isStored(names.head())) {
      throw new CheckpointException(
          lenientFormat(
              "checkpoint folder %s has no tensor \"%s\", which config.json calls for, as"
                  + " tie_word_embeddings is not true; download the missing weights, or set"
                  + " tie_word_embeddings to true if the model shares its embedding with the head",
              folder.path(), names.head()));
    }
    return tensor(names.head(), vocabulary, hidden);
  }

  private StoredTensor tensor(String name, Size... shape) {
    StoredTensor tensor = folder.tensors().get(name);
    if (tensor == null) {
      throw missing(name);
    }
    known.add(name);
    checkType(tensor);
    checkShape(tensor, List.of(shape));
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

  private static void checkShape(StoredTensor tensor, List<Size> shape) {
    List<Long> expected = shape.stream().map(Size::value).toList();
    if (!tensor.shape().equals(expected)) {
      throw new CheckpointException(
          lenientFormat(
              "tensor \"%s\" in %s must have shape %s, which is [%s] in config.json, got %s; take"
                  + " the config.json that these weights were saved with",
              tensor.name(),
              tensor.file(),
              expected,
              shape.stream().map(Size::keys).collect(joining(", ")),
              tensor.shape()));
    }
  }

  /** What the model does not use is passed over, as in transformers. */
  private void reportOthers() {
    List<String> others =
        folder.tensors().keySet().stream()
            .filter(name -> !known.contains(name) && !isBuffer(name))
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

  // Old versions of transformers stored this; it follows from the config.
  private static boolean isBuffer(String name) {
    return name.endsWith(".rotary_emb.inv_freq");
  }

  private String settings() {
    return lenientFormat(
        "%s, num_hidden_layers %s, attention_bias %s, mlp_bias %s, tie_word_embeddings %s",
        config.architecture(),
        config.layers(),
        config.attentionBias(),
        config.mlpBias(),
        config.tiedHead());
  }

  /** A size and the keys of config.json that it comes from. */
  private record Size(String keys, long value) {}
}
