package io.proxytune.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.PublishedDefaults;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.files.JsonFile;
import io.proxytune.core.files.JsonOutput;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The generation settings in a folder's {@code generation_config.json}, or else, as older
 * checkpoints have them, in {@code config.json}. They are read with the folder, and judged when
 * they are asked for: a wrong setting that nobody uses refuses no model. Immutable.
 */
public final class PublishedSettings {
  private static final String FILE = "generation_config.json";
  private static final String MODEL_FILE = "config.json";

  /** What {@link PublishedOptions} honours, with the value that changes nothing. */
  private static final Map<String, String> HONOURED =
      Map.ofEntries(
          Map.entry("do_sample", "false"),
          Map.entry("temperature", "1"),
          Map.entry("top_k", "50"),
          Map.entry("top_p", "1"),
          Map.entry("min_p", "0"),
          Map.entry("typical_p", "1"),
          Map.entry("repetition_penalty", "1"),
          Map.entry("no_repeat_ngram_size", "0"),
          Map.entry("bad_words_ids", "[]"),
          Map.entry("suppress_tokens", "[]"),
          Map.entry("begin_suppress_tokens", "[]"),
          Map.entry("forced_bos_token_id", "null"),
          Map.entry("forced_eos_token_id", "null"),
          Map.entry("min_length", "0"),
          Map.entry("min_new_tokens", "0"),
          Map.entry("max_length", "null"),
          Map.entry("max_new_tokens", "null"),
          Map.entry("stop_strings", "[]"),
          Map.entry("max_time", "null"));

  /** What changes texts in transformers and is not honoured, with the value that does not. */
  private static final Map<String, String> NOT_HONOURED =
      Map.ofEntries(
          Map.entry("num_beams", "1"),
          Map.entry("num_beam_groups", "1"),
          Map.entry("diversity_penalty", "0"),
          Map.entry("penalty_alpha", "0"),
          Map.entry("guidance_scale", "1"),
          Map.entry("encoder_repetition_penalty", "1"),
          Map.entry("encoder_no_repeat_ngram_size", "0"),
          Map.entry("sequence_bias", "[]"),
          Map.entry("exponential_decay_length_penalty", "[]"),
          Map.entry("epsilon_cutoff", "0"),
          Map.entry("eta_cutoff", "0"),
          Map.entry("top_h", "null"),
          Map.entry("token_healing", "false"),
          Map.entry("dola_layers", "null"),
          Map.entry("constraints", "[]"),
          Map.entry("force_words_ids", "[]"),
          Map.entry("watermarking_config", "null"));

  /** What matters only where tokens are drawn. */
  private static final Set<String> SAMPLING =
      Set.of(
          "temperature",
          "top_k",
          "top_p",
          "min_p",
          "typical_p",
          "epsilon_cutoff",
          "eta_cutoff",
          "top_h");

  /** What changes no text: read elsewhere, or about speed, memory, beams or what is returned. */
  private static final Set<String> SILENT =
      Set.of(
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "decoder_start_token_id",
          "transformers_version",
          "_from_model_config",
          "_commit_hash",
          "use_cache",
          "cache_implementation",
          "cache_config",
          "max_cache_len",
          "return_legacy_cache",
          "prefill_chunk_size",
          "compile_config",
          "disable_compile",
          "low_memory",
          "continuous_batching_config",
          "return_dict_in_generate",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "output_logits",
          "num_return_sequences",
          "renormalize_logits",
          "remove_invalid_values",
          "early_stopping",
          "length_penalty",
          "is_assistant",
          "num_assistant_tokens",
          "num_assistant_tokens_schedule",
          "assistant_confidence_threshold",
          "assistant_early_exit",
          "assistant_lookbehind",
          "assistant_ensemble_weight",
          "target_lookbehind",
          "prompt_lookup_num_tokens",
          "max_matching_ngram_size",
          "speculation_type",
          "use_mtp");

  private final SettingsJson json;
  private final List<String> names;

  private PublishedSettings(SettingsJson json, List<String> names) {
    this.json = json;
    this.names = names;
  }

  /** A checkpoint's settings. */
  static PublishedSettings ofCheckpoint(Path folder) {
    return ofAdapter(folder).orElseGet(() -> read(folder.resolve(MODEL_FILE), name -> false));
  }

  /**
   * An adapter's own settings.
   *
   * @param folder a PEFT folder
   * @return the settings; nothing where it has no {@code generation_config.json}
   * @throws io.proxytune.CheckpointException if that is no JSON object
   */
  public static Optional<PublishedSettings> ofAdapter(Path folder) {
    return Optional.of(folder.resolve(FILE))
        .filter(InputFile::isListed)
        .map(file -> read(file, name -> !SILENT.contains(name)));
  }

  /**
   * Reads a file.
   *
   * @param unknownMatters whether a setting of this name, which is not known here, is mentioned
   */
  private static PublishedSettings read(Path file, Predicate<String> unknownMatters) {
    SettingsJson json = new SettingsJson(file, JsonFile.readConfig(file));
    List<String> names =
        json.values().entrySet().stream()
            .filter(entry -> isKnown(entry.getKey()) || unknownMatters.test(entry.getKey()))
            .filter(entry -> !isNeutral(entry.getKey(), entry.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    return new PublishedSettings(json, names);
  }

  private static boolean isKnown(String name) {
    return HONOURED.containsKey(name) || NOT_HONOURED.containsKey(name);
  }

  private static boolean isNeutral(String name, JsonNode value) {
    String neutral = HONOURED.getOrDefault(name, NOT_HONOURED.getOrDefault(name, "null"));
    return value.isNumber()
        ? neutral.matches("\\d+") && value.doubleValue() == Double.parseDouble(neutral)
        : JsonOutput.compact(value).equals(neutral);
  }

  /**
   * The settings as options.
   *
   * @param width the number of the model's logits
   * @param endOfTextIds the ids that end its texts, which no banned sequence of one token bans
   * @return the settings
   * @throws io.proxytune.CheckpointException if one that would be used is malformed
   */
  public PublishedDefaults defaults(int width, Set<Integer> endOfTextIds) {
    if (names.isEmpty()) {
      return PublishedDefaults.NONE;
    }
    boolean samples = json.flag("do_sample");
    Map<String, Object> settings = new LinkedHashMap<>();
    names.forEach(name -> settings.put(name, json.plain(name)));
    List<String> withoutEffect =
        names.stream()
            .filter(name -> !HONOURED.containsKey(name) || (!samples && SAMPLING.contains(name)))
            .toList();
    return new PublishedDefaults(
        new PublishedOptions(json, width, endOfTextIds).options(), settings, withoutEffect);
  }
}
