package io.proxytune.core.torch.model;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LinearSpec;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What an adapter can change beside the weights of a model: the embedding's rows, the head, and in
 * layers the linear ones that every token goes through.
 */
final class BesideHost {
  private BesideHost() {}

  /**
   * Checks that an adapter changes nothing else.
   *
   * @throws CheckpointException if it does
   */
  static void check(LoraAdapter adapter, DecoderSpec spec, String host) {
    Set<String> modules = new HashSet<>();
    Set<String> tensors = new HashSet<>();
    linears(spec)
        .forEach(
            linear -> {
              modules.add(linear.module());
              linear.bias().ifPresent(tensors::add);
            });
    String embedding = spec.embedding().tensor();
    modules.add(embedding.replaceFirst("\\.weight$", ""));
    tensors.add(embedding);
    tensors.add(spec.head().linear().weight());
    check(adapter, host, adapter.pairs().keySet(), modules);
    check(adapter, host, adapter.wholes().keySet(), tensors);
  }

  private static Stream<LinearSpec> linears(DecoderSpec spec) {
    return Stream.concat(
        spec.layers().stream().flatMap(layer -> layer.groups().stream()).flatMap(List::stream),
        Stream.of(spec.head().linear()));
  }

  private static void check(
      LoraAdapter adapter, String host, Collection<String> changed, Set<String> possible) {
    changed.stream()
        .filter(name -> !possible.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new CheckpointException(
                  lenientFormat(
                      "adapter %s changes %s, which it can't beside the weights of %s: load the"
                          + " model with the adapter merged (LoadOptions.withAdapter, or the"
                          + " adapter's folder as --expert)",
                      adapter.folder().path(), name, host));
            });
  }
}
