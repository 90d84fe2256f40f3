package io.proxytune.core.tokenizer;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Streams;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Settings of {@code tokenizer_config.json} that its {@code tokenizer.json} does not do. Versions
 * of transformers differ in which one they follow; here it is {@code tokenizer.json}.
 */
final class Contradictions {
  private final JsonNode config;
  private final List<String> ids = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();

  private Contradictions(JsonNode config) {
    this.config = config;
  }

  /**
   * The contradictions of a folder.
   *
   * @param config {@code tokenizer_config.json}, or a missing node
   * @param json the root of {@code tokenizer.json}
   * @param tokenizer the tokenizer made of it
   * @return what differs
   */
  static Contradictions of(JsonNode config, JsonNode json, CheckpointTokenizer tokenizer) {
    Contradictions found = new Contradictions(config);
    int[] marks = tokenizer.encode("", true);
    Optional<Integer> bos = tokenizer.role("bos_token");
    Optional<Integer> eos = tokenizer.role("eos_token");
    boolean begins = marks.length > 0 && bos.equals(Optional.of(marks[0]));
    boolean ends =
        marks.length > (begins ? 1 : 0) && eos.equals(Optional.of(marks[marks.length - 1]));
    bos.ifPresent(
        id -> found.compare("add_bos_token", begins, "begins a text with", id, tokenizer));
    eos.ifPresent(id -> found.compare("add_eos_token", ends, "ends a text with", id, tokenizer));
    found.comparePrefixSpace(json);
    if (config.path("split_special_tokens").asBoolean()) {
      found.ids.add("split_special_tokens=true, but special tokens in a text are kept whole");
    }
    found.compareLegacy(json);
    boolean cleanUp = config.path("clean_up_tokenization_spaces").asBoolean();
    if (cleanUp && !SpaceCleanup.isWanted(config, json)) {
      found.texts.add("clean_up_tokenization_spaces=true, but a BPE's spaces are kept");
    }
    return found;
  }

  private void compare(
      String setting, boolean does, String what, int id, CheckpointTokenizer tokenizer) {
    JsonNode asked = config.path(setting);
    if (asked.isBoolean() && asked.booleanValue() != does) {
      ids.add(
          lenientFormat(
              "%s=%s, but tokenizer.json %s %s",
              setting,
              asked.booleanValue(),
              does ? what : what.replaceFirst("(begin|end)s", "does not $1"),
              tokenizer.token(id).orElse("")));
    }
  }

  private void comparePrefixSpace(JsonNode json) {
    JsonNode asked = config.path("add_prefix_space");
    boolean does =
        Stream.of("normalizer", "pre_tokenizer").anyMatch(part -> prefixes(json.path(part)));
    if (asked.isBoolean() && asked.booleanValue() != does) {
      ids.add(
          lenientFormat(
              "add_prefix_space=%s, but tokenizer.json %s one",
              asked.booleanValue(), does ? "adds" : "does not add"));
    }
  }

  private static boolean prefixes(JsonNode part) {
    boolean own =
        switch (part.path("type").asText()) {
          case "ByteLevel" -> part.path("add_prefix_space").asBoolean();
          case "Metaspace" ->
              !part.path("prepend_scheme").asText().equals("never")
                  && part.path("add_prefix_space").asBoolean(true);
          case "Prepend" -> true;
          default -> false;
        };
    return own
        || Stream.of("normalizers", "pretokenizers")
            .flatMap(parts -> Streams.stream(part.path(parts)))
            .anyMatch(Contradictions::prefixes);
  }

  /** The form that transformers calls legacy writes a space before the text after each token. */
  private void compareLegacy(JsonNode json) {
    JsonNode asked = config.path("legacy");
    if (asked.isBoolean() && !asked.booleanValue() && prefixes(json.path("normalizer"))) {
      texts.add("legacy=false, but tokenizer.json adds a space after each special token");
    }
  }

  /** Those that change ids. */
  List<String> ids() {
    return ids;
  }

  /** All of them; further ones change text, or ids in transformers 5 alone. */
  List<String> all() {
    return Stream.concat(ids.stream(), texts.stream()).toList();
  }
}
