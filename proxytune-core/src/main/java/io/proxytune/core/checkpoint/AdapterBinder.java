package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;
import static java.util.stream.Collectors.toSet;

import io.proxytune.CheckpointException;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Checks that an adapter's tensors are those that its config calls for on a given model. */
final class AdapterBinder {
  private final AdapterFolder adapter;
  private final DecoderCheckpoint checkpoint;

  /** The shape of each weight that can be added to, {@code [out, in]}, by the module's name. */
  private final Map<String, List<Long>> modules = new LinkedHashMap<>();

  AdapterBinder(AdapterFolder adapter, DecoderCheckpoint checkpoint) {
    this.adapter = adapter;
    this.checkpoint = checkpoint;
    Stream<LinearSpec> inLayers =
        checkpoint.spec().layers().stream().flatMap(AdapterBinder::adaptable);
    Stream.concat(inLayers, Stream.of(checkpoint.spec().head().linear()))
        .forEach(
            linear -> modules.put(linear.module(), List.of(linear.rows().total(), linear.in())));
  }

  private static Stream<LinearSpec> adaptable(LayerSpec layer) {
    return layer.groups().stream().flatMap(List::stream);
  }

  static String head(DecoderCheckpoint checkpoint) {
    return checkpoint.spec().head().linear().module();
  }

  private static String embedding(DecoderCheckpoint checkpoint) {
    String tensor = checkpoint.spec().embedding().tensor();
    return tensor.substring(0, tensor.length() - ".weight".length());
  }

  /** Of experts and what chooses them, to which nothing can be added. */
  private static Stream<LinearSpec> unadaptable(DecoderCheckpoint checkpoint) {
    return checkpoint.spec().layers().stream()
        .flatMap(
            layer -> {
              Set<LinearSpec> adaptable = adaptable(layer).collect(toSet());
              return layer.linears().filter(linear -> !adaptable.contains(linear));
            });
  }

  void check() {
    String embedding = embedding(checkpoint);
    TargetModules targets = adapter.config().targets(Set.of(embedding, head(checkpoint)));
    if (targets.contains(embedding)) {
      throw refusal("adapts the embedding, which is not supported: " + merge());
    }
    unadaptable(checkpoint).map(LinearSpec::module).forEach(this::refusePair);
    adapter.pairs().values().forEach(pair -> check(pair, targets));
    modules.keySet().stream().filter(targets::contains).forEach(this::requirePair);
    if (adapter.pairs().isEmpty()) {
      throw refusal("targets no linear layer of it: check target_modules in adapter_config.json");
    }
    adapter.copies().forEach(this::checkCopy);
  }

  private void refusePair(String module) {
    if (adapter.pairs().containsKey(module)) {
      throw refusal(
          lenientFormat(
              "adapts %s, an expert's layer or what chooses experts, which is not supported: %s",
              module, AdapterConfig.MERGE));
    }
  }

  private void check(LoraTensors pair, TargetModules targets) {
    List<Long> shape = modules.get(pair.module());
    if (shape == null) {
      throw refusal(
          lenientFormat(
              "has tensor \"%s\", but there is no linear layer %s: load the model that the adapter"
                  + " was trained on",
              pair.a().name(), pair.module()));
    }
    if (!targets.contains(pair.module())) {
      throw refusal(
          lenientFormat(
              "has tensor \"%s\", but its adapter_config.json (target_modules) does not target %s:"
                  + " take the config that was saved with the adapter",
              pair.a().name(), pair.module()));
    }
    checkShape(pair.a(), List.of((long) pair.rank(), shape.get(1)));
    checkShape(pair.b(), List.of(shape.get(0), (long) pair.rank()));
  }

  private void checkShape(StoredTensor tensor, List<Long> expected) {
    if (!tensor.shape().equals(expected)) {
      throw refusal(
          lenientFormat(
              "has tensor \"%s\" of shape %s, expected %s: load the model that the adapter was"
                  + " trained on",
              tensor.name(), tensor.shape(), expected));
    }
  }

  private void requirePair(String module) {
    if (!adapter.pairs().containsKey(module)) {
      throw refusal(
          lenientFormat(
              "targets %s (target_modules in adapter_config.json) but has no tensors for it:"
                  + " download or save the adapter again",
              module));
    }
  }

  private void checkCopy(StoredTensor copy) {
    checkpoint.folder().files().requireUnchanged(); // a host's may have, long after it was loaded
    boolean ofHead = copy.name().contains(head(checkpoint));
    DecoderSpec spec = checkpoint.spec();
    String own = ofHead ? spec.head().linear().weight() : spec.embedding().tensor();
    if (!StoredBytes.equal(copy, checkpoint.tensor(own))) {
      throw refusal(
          lenientFormat(
              "holds \"%s\", a whole weight that differs from the model's own, which is not"
                  + " supported: %s; if it is a mere copy, save the adapter again with"
                  + " save_embedding_layers=False",
              copy.name(), merge()));
    }
  }

  private String merge() {
    return checkpoint.spec().head().tied() ? AdapterConfig.MERGE_UNTIED : AdapterConfig.MERGE;
  }

  private CheckpointException refusal(String problem) {
    return new CheckpointException(
        lenientFormat(
            "adapter %s on model %s: it %s", adapter.path(), checkpoint.folder().name(), problem));
  }
}
