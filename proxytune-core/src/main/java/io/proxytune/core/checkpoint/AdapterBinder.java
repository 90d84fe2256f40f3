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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Checks that an adapter's tensors are those that its config calls for on a given model. */
final class AdapterBinder {
  private static final String WEIGHT = ".weight";

  private final AdapterFolder adapter;
  private final DecoderCheckpoint checkpoint;
  private final DecoderSpec spec;
  private final AdapterNames names;
  private final String embedding;
  private final String head;
  private final TargetModules targets;

  /** The shape of every weight that can be added to, {@code [out, in]}, by the module's name. */
  private final Map<String, List<Long>> modules = new LinkedHashMap<>();

  private final Map<String, LoraTensors> pairs = new TreeMap<>(); // by the model's names
  private final Map<String, StoredTensor> wholes = new TreeMap<>();

  AdapterBinder(AdapterFolder adapter, DecoderCheckpoint checkpoint) {
    this.adapter = adapter;
    this.checkpoint = checkpoint;
    this.spec = checkpoint.spec();
    this.names =
        AdapterNames.of(
            Stream.concat(adapter.pairs().keySet().stream(), adapter.wholes().keySet().stream())
                .toList(),
            spec);
    this.embedding = embedding(spec);
    this.head = spec.head().linear().module();
    this.targets =
        adapter.config().targets(Set.of(names.adapters(embedding), names.adapters(head)));
    linears().forEach(this::addModule);
    modules.put(embedding, List.of((long) spec.embedding().size(), (long) spec.vocabulary()));
    adapter.pairs().forEach((module, pair) -> pairs.put(names.own(module), pair));
    adapter.wholes().forEach((name, whole) -> wholes.put(names.own(name), whole));
  }

  static String embedding(DecoderSpec spec) {
    String tensor = spec.embedding().tensor();
    return tensor.substring(0, tensor.length() - WEIGHT.length());
  }

  private void addModule(LinearSpec linear) {
    modules.put(linear.module(), List.of(linear.rows().total(), linear.in()));
  }

  /** Every linear layer that can have a pair. */
  private Stream<LinearSpec> linears() {
    return Stream.of(
            spec.layers().stream().flatMap(AdapterBinder::adaptable),
            spec.embedding().projection().stream(),
            spec.head().projection().stream(),
            Stream.of(spec.head().linear()))
        .flatMap(some -> some);
  }

  private static Stream<LinearSpec> adaptable(LayerSpec layer) {
    return layer.groups().stream().flatMap(List::stream);
  }

  /** Of experts and what chooses them, to which nothing can be added. */
  private Stream<LinearSpec> unadaptable() {
    return spec.layers().stream()
        .flatMap(
            layer -> {
              Set<LinearSpec> adaptable = adaptable(layer).collect(toSet());
              return layer.linears().filter(linear -> !adaptable.contains(linear));
            });
  }

  LoraAdapter bind() {
    unadaptable().map(LinearSpec::module).forEach(this::refusePair);
    pairs.forEach(this::check);
    modules.keySet().stream().filter(this::isTargeted).forEach(this::requirePair);
    checkWholes();
    if (pairs.isEmpty() && wholes.isEmpty()) {
      throw refusal("targets no linear layer of it: check target_modules in adapter_config.json");
    }
    adapter.copies().forEach((name, copy) -> checkCopy(names.own(name), copy));
    return new LoraAdapter(adapter, pairs, wholes, embedding, head);
  }

  private boolean isTargeted(String module) {
    return targets.contains(names.adapters(module))
        || (isTiedBySetting(module) && targets.contains(names.adapters(embedding)));
  }

  private boolean isTiedBySetting(String module) {
    return module.equals(head) && spec.head().tied() && adapter.config().ensuresTying();
  }

  private void refusePair(String module) {
    if (pairs.containsKey(module)) {
      throw refusal(
          lenientFormat(
              "adapts %s, an expert's layer or what chooses experts, which is not supported: %s",
              module, AdapterConfig.MERGE));
    }
  }

  private void check(String module, LoraTensors pair) {
    List<Long> shape = modules.get(module);
    boolean ofEmbedding = pair.a().name().contains(".lora_embedding_A");
    if (shape == null || ofEmbedding != module.equals(embedding)) {
      throw refusal(
          lenientFormat(
              "has tensor \"%s\", but there is no %s %s: load the model that the adapter was"
                  + " trained on",
              pair.a().name(), ofEmbedding ? "embedding" : "linear layer", module));
    }
    if (!isTargeted(module)) {
      throw refusal(
          lenientFormat(
              "has tensor \"%s\", but its adapter_config.json (target_modules) does not target %s:"
                  + " take the config that was saved with the adapter",
              pair.a().name(), module));
    }
    checkShape(pair.a(), List.of((long) pair.rank(), shape.get(1)));
    checkShape(pair.b(), List.of(shape.get(0), (long) pair.rank()));
    pair.magnitude().ifPresent(magnitude -> checkShape(magnitude, List.of(shape.get(0))));
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
    if (!pairs.containsKey(module)) {
      throw refusal(
          lenientFormat(
              "targets %s (target_modules in adapter_config.json) but has no tensors for it:"
                  + " download or save the adapter again",
              module));
    }
  }

  /** Whole weights and biases; what is a mere copy of the model's own is dropped. */
  private void checkWholes() {
    checkpoint.names().stream().filter(this::isSaved).forEach(this::requireWhole);
    Map<String, StoredTensor> all = Map.copyOf(wholes);
    all.forEach(
        (name, whole) -> {
          if (isSaved(name) || (adapter.config().savesBiases() && name.endsWith(".bias"))) {
            checkWhole(name, whole);
          } else {
            checkCopy(name, whole);
            wholes.remove(name);
          }
        });
  }

  private boolean isSaved(String name) {
    String module = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    return adapter.config().savesWhole(names.adapters(name))
        || (isTiedBySetting(module)
            && adapter.config().savesWhole(names.adapters(embedding + WEIGHT)));
  }

  private void requireWhole(String name) {
    if (!wholes.containsKey(name)) {
      throw refusal(
          lenientFormat(
              "saves %s whole (modules_to_save in adapter_config.json) but has no tensor for it:"
                  + " download or save the adapter again",
              name));
    }
  }

  private void checkWhole(String name, StoredTensor whole) {
    checkShape(whole, own(name, whole).shape());
    String module = name.substring(0, name.lastIndexOf('.'));
    if (name.endsWith(WEIGHT) && pairs.containsKey(module)) {
      throw refusal(
          lenientFormat(
              "has both a whole weight, \"%s\", and lora_A and lora_B for %s, of which PEFT saves"
                  + " one: save the adapter again",
              whole.name(), module));
    }
  }

  private StoredTensor own(String name, StoredTensor whole) {
    return Optional.of(name)
        .filter(checkpoint.names()::contains)
        .map(checkpoint::tensor)
        .orElseThrow(
            () ->
                refusal(
                    lenientFormat(
                        "has tensor \"%s\", but the model has no %s: load the model that the"
                            + " adapter was trained on",
                        whole.name(), name)));
  }

  private void checkCopy(String name, StoredTensor copy) {
    boolean canBeCopy = name.equals(embedding + WEIGHT) || name.startsWith(head + ".");
    if (!canBeCopy || !checkpoint.names().contains(name)) {
      throw refusal(
          lenientFormat(
              "has tensor \"%s\", which its adapter_config.json does not ask for (modules_to_save,"
                  + " bias): take the config that was saved with the adapter, or %s",
              copy.name(), AdapterConfig.MERGE));
    }
    checkpoint.folder().files().requireUnchanged(); // a host's may have, long after it was loaded
    if (!StoredBytes.equal(copy, checkpoint.tensor(name))) {
      throw refusal(
          lenientFormat(
              "holds \"%s\", a whole weight that differs from the model's own, though"
                  + " modules_to_save does not name it: %s; if it is a mere copy, save the adapter"
                  + " again with save_embedding_layers=False",
              copy.name(), merge()));
    }
  }

  private String merge() {
    return spec.head().tied() ? AdapterConfig.MERGE_UNTIED : AdapterConfig.MERGE;
  }

  private CheckpointException refusal(String problem) {
    return new CheckpointException(
        lenientFormat(
            "adapter %s on model %s: it %s", adapter.path(), checkpoint.folder().name(), problem));
  }
}
