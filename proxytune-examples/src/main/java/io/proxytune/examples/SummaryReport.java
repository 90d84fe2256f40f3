package io.proxytune.examples;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.CheckpointSummary;
import io.proxytune.core.DevicePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A checkpoint's summary for people and for programs. */
final class SummaryReport {
  private static final double MIB = 1 << 20;

  private SummaryReport() {}

  /** The weights' bytes in memory by the name of the dtype that {@code --dtype} takes. */
  private static Map<String, Long> memory(CheckpointSummary summary) {
    Map<String, Long> bytes = new LinkedHashMap<>();
    bytes.put("stored", summary.storedBytes());
    bytes.put("float32", summary.parameters() * Float.BYTES);
    bytes.put("bfloat16", summary.parameters() * Short.BYTES);
    bytes.put("float16", summary.parameters() * Short.BYTES);
    return bytes;
  }

  private static long fullCacheBytes(CheckpointSummary summary) {
    return summary.kvBytesPerToken() * summary.contextLength();
  }

  /** One line a fact. */
  static List<String> lines(CheckpointSummary summary) {
    List<String> lines = new ArrayList<>();
    lines.add(line("checkpoint", summary.name()));
    lines.add(line("architecture", summary.architecture()));
    lines.add(line("layers", summary.layers()));
    lines.add(line("hidden size", summary.hiddenSize()));
    lines.add(line("heads", summary.heads() + ", key and value heads " + summary.kvHeads()));
    lines.add(line("parameters", number(summary.parameters())));
    lines.add(line("on disk", sizes(new TreeMap<>(summary.bytesByDType()))));
    lines.add(line("in memory", sizes(memory(summary))));
    lines.add(line("quantized", sizes(summary.quantizedBytes())));
    lines.add(line("on this CPU", layouts(summary)));
    lines.add(line("KV cache", cache(summary)));
    lines.add(line("context", number(summary.contextLength()) + " tokens"));
    lines.add(line("vocabulary", vocabulary(summary)));
    lines.add(line("special tokens", specialTokens(summary)));
    lines.add(line("end of text", endOfText(summary)));
    lines.add(line("chat template", summary.chatTemplate() ? "yes" : "no"));
    lines.add(line("published", published(summary)));
    return lines;
  }

  /** One line a device. */
  static List<String> lines(DevicePlan plan) {
    List<String> lines = new ArrayList<>();
    for (DevicePlan.Part part : plan.parts()) {
      boolean first = lines.isEmpty();
      boolean last = lines.size() == plan.parts().size() - 1;
      lines.add(
          line(
              "on " + part.device(),
              (first ? "embedding, " : "")
                  + "layers "
                  + part.firstLayer()
                  + " to "
                  + (part.endLayer() - 1)
                  + (last ? ", head" : "")
                  + ": "
                  + mebibytes(part.bytes())));
    }
    return lines;
  }

  static ArrayNode json(DevicePlan plan) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (DevicePlan.Part part : plan.parts()) {
      json.addObject()
          .put("device", part.device())
          .put("first_layer", part.firstLayer())
          .put("layers", part.layers())
          .put("bytes", part.bytes());
    }
    return json;
  }

  private static String line(String name, Object value) {
    return String.format(Locale.ROOT, "%-16s%s", name, value);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String sizes(Map<String, Long> bytes) {
    return bytes.entrySet().stream()
        .map(entry -> entry.getKey() + " " + mebibytes(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / MIB);
  }

  private static String layouts(CheckpointSummary summary) {
    return summary.layouts().isEmpty()
        ? "the log says how weights lie in memory when a model is loaded"
        : summary.layouts().entrySet().stream()
            .map(entry -> entry.getKey() + ": " + entry.getValue())
            .collect(Collectors.joining(", "));
  }

  private static String cache(CheckpointSummary summary) {
    return number(summary.kvBytesPerToken())
        + " bytes a token as stored, a full context "
        + mebibytes(fullCacheBytes(summary))
        + (summary.kvBytesSliding() < fullCacheBytes(summary)
            ? ", " + mebibytes(summary.kvBytesSliding()) + " with --sliding-window-cache"
            : "");
  }

  private static String vocabulary(CheckpointSummary summary) {
    return number(summary.vocabularySize()) + " ids, logit width " + number(summary.logitWidth());
  }

  private static String specialTokens(CheckpointSummary summary) {
    return new TreeMap<>(summary.specialTokens())
        .entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
  }

  private static String endOfText(CheckpointSummary summary) {
    return summary.endOfTextIds().stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String published(CheckpointSummary summary) {
    return summary
        .publishedProblem()
        .map(problem -> "malformed settings: " + problem)
        .orElse(PublishedReport.text(summary.published()));
  }

  /** The same as one object. */
  static ObjectNode json(CheckpointSummary summary) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", summary.name());
    json.put("architecture", summary.architecture());
    json.put("layers", summary.layers());
    json.put("hidden_size", summary.hiddenSize());
    json.put("heads", summary.heads());
    json.put("kv_heads", summary.kvHeads());
    json.put("parameters", summary.parameters());
    json.put("stored_bytes", summary.storedBytes());
    putAll(json.putObject("bytes_by_dtype"), new TreeMap<>(summary.bytesByDType()));
    putAll(json.putObject("memory_bytes"), memory(summary));
    putAll(json.putObject("quantized_bytes"), summary.quantizedBytes());
    ObjectNode layouts = json.putObject("layouts");
    summary.layouts().forEach(layouts::put);
    json.put("kv_bytes_per_token", summary.kvBytesPerToken());
    json.put("kv_bytes_full_context", fullCacheBytes(summary));
    json.put("kv_bytes_sliding", summary.kvBytesSliding());
    json.put("context_length", summary.contextLength());
    json.put("vocabulary_size", summary.vocabularySize());
    json.put("logit_width", summary.logitWidth());
    ObjectNode special = json.putObject("special_tokens");
    new TreeMap<>(summary.specialTokens())
        .forEach((id, token) -> special.put(Integer.toString(id), token));
    summary.endOfTextIds().forEach(json.putArray("end_of_text_ids")::add);
    json.put("chat_template", summary.chatTemplate());
    json.set("published_defaults", PublishedReport.json(summary.published().settings()));
    summary.published().withoutEffect().forEach(json.putArray("published_without_effect")::add);
    summary.publishedProblem().ifPresent(problem -> json.put("published_problem", problem));
    return json;
  }

  private static void putAll(ObjectNode json, Map<String, Long> values) {
    values.forEach(json::put);
  }
}
