package io.proxytune.examples;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.AdapterSummary;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A LoRA adapter's summary for people and for programs. */
final class AdapterReport {
  private AdapterReport() {}

  /** One line a fact. */
  static List<String> lines(AdapterSummary summary) {
    String size =
        new TreeMap<>(summary.bytesByDType())
            .entrySet().stream()
                .map(
                    entry ->
                        String.format(
                            Locale.ROOT, "%s %,.1f KiB", entry.getKey(), entry.getValue() / 1024.0))
                .collect(Collectors.joining(", "));
    return List.of(
        line("adapter", summary.name()),
        line("on model", summary.baseModel().orElse("not said")),
        line("rank", summary.rank()),
        line("alpha", summary.alpha() + (summary.rankStabilized() ? ", rank-stabilized" : "")),
        line("targets", String.join(", ", summary.targets())),
        line("linear layers", summary.layers()),
        line("parameters", String.format(Locale.ROOT, "%,d", summary.parameters())),
        line("on disk", size));
  }

  private static String line(String name, Object value) {
    return String.format(Locale.ROOT, "%-16s%s", name, value);
  }

  /** The same as one object. */
  static ObjectNode json(AdapterSummary summary) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", summary.name());
    json.put("base_model", summary.baseModel().orElse(null));
    json.put("rank", summary.rank());
    json.put("alpha", summary.alpha());
    json.put("rank_stabilized", summary.rankStabilized());
    summary.targets().forEach(json.putArray("targets")::add);
    json.put("linear_layers", summary.layers());
    json.put("parameters", summary.parameters());
    ObjectNode bytes = json.putObject("bytes_by_dtype");
    new TreeMap<>(summary.bytesByDType()).forEach(bytes::put);
    return json;
  }
}
