package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.CheckpointException;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.PublishedDefaults;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.TokenConstraints;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedSettingsTest {
  private static final int WIDTH = 16;

  @TempDir private Path folder;

  private PublishedDefaults read(String settings) {
    TinyLlama.writeText(folder.resolve("generation_config.json"), settings.replace('\'', '"'));
    return open();
  }

  private PublishedDefaults open() {
    return DecoderCheckpoint.open(new TinyLlama().write(folder))
        .published()
        .defaults(WIDTH, Set.of(2));
  }

  private GenerationOptions options(String settings) {
    return read(settings).options();
  }

  @Test
  void nothingIsPublishedWhereNothingWouldChangeAText() {
    assertThat(open()).isEqualTo(PublishedDefaults.NONE);
    for (String neutral :
        List.of(
            "{}",
            "{'eos_token_id': [2, 3], 'bos_token_id': 1, 'pad_token_id': 0, 'use_cache': true}",
            "{'transformers_version': '4.31.0', '_from_model_config': true, 'num_beams': 1}",
            "{'do_sample': false, 'temperature': 1.0, 'top_k': 50, 'top_p': 1, 'typical_p': 1.0}",
            "{'repetition_penalty': 1.0, 'bad_words_ids': null, 'suppress_tokens': []}",
            "{'max_new_tokens': null, 'min_length': 0, 'guidance_scale': 1, 'my_own': null}")) {
      PublishedDefaults published = read(neutral);
      assertThat(published).as(neutral).isEqualTo(PublishedDefaults.NONE);
      assertThat(published.isEmpty()).isTrue();
    }
  }

  @Test
  void samplingTakesTransformersDefaults() {
    assertThat(options("{'do_sample': true}").sampler())
        .isEqualTo(Sampler.temperature(1).withTopK(50));
    assertThat(options("{'do_sample': true, 'top_k': null, 'temperature': 0.6}").sampler())
        .isEqualTo(Sampler.temperature(0.6).withTopK(50));
    assertThat(
            options(
                    "{'do_sample': true, 'temperature': 0.7, 'top_k': 20, 'top_p': 0.8, 'min_p':"
                        + " 0.05, 'typical_p': 0.9}")
                .sampler())
        .isEqualTo(
            Sampler.temperature(0.7).withTopK(20).withTopP(0.8).withMinP(0.05).withTypicalP(0.9));
    assertThat(options("{'do_sample': true, 'top_k': 0, 'top_p': 1.5, 'typical_p': 2}").sampler())
        .as("beyond 1 keeps all")
        .isEqualTo(Sampler.temperature(1));
  }

  @Test
  void greedyWhereNotToSampleWhateverElseIsSaid() {
    for (String greedy :
        List.of(
            "{'temperature': 0.6, 'top_p': 0.9}",
            "{'do_sample': false, 'temperature': 0.6, 'top_k': -1, 'top_p': 'hot'}",
            "{'do_sample': true, 'temperature': 0}",
            "{'do_sample': true, 'temperature': 0.0}")) {
      Sampler sampler = options(greedy).sampler();
      assertThat(((StandardSampler) sampler).isGreedy()).as(greedy).isTrue();
    }
    PublishedDefaults published = read("{'temperature': 0.6, 'max_new_tokens': 9, 'top_p': 0.9}");
    assertThat(published.settings())
        .containsExactly(
            Map.entry("temperature", 0.6), Map.entry("max_new_tokens", 9), Map.entry("top_p", 0.9));
    assertThat(published.withoutEffect()).containsExactly("temperature", "top_p");
  }

  @Test
  void everySettingHasItsOption() {
    assertThat(
            options(
                "{'repetition_penalty': 2, 'suppress_tokens': [3, 99, -1], 'begin_suppress_tokens':"
                    + " [4, 99], 'bad_words_ids': [[5], [6, 7], [2], [2, 2], []],"
                    + " 'no_repeat_ngram_size': 3, 'forced_bos_token_id': 8, 'forced_eos_token_id':"
                    + " [2, 9], 'stop_strings': ['a', 'b'], 'max_time': 1.5, 'max_new_tokens': 5.0,"
                    + " 'max_length': 100, 'min_new_tokens': 3, 'min_length': 50}"))
        .isEqualTo(
            GenerationOptions.defaults()
                .withPenalties(Penalties.NONE.withRepetition(2))
                .withBannedIds(Set.of(3))
                .withConstraints(
                    new TokenConstraints(
                        List.of(List.of(5), List.of(6, 7), List.of(2, 2)),
                        Set.of(4),
                        3,
                        OptionalInt.of(8),
                        Set.of(2, 9)))
                .withStopStrings("a", "b")
                .withTimeLimit(Duration.ofMillis(1500))
                .withMaxNewTokens(5)
                .withMinNewTokens(3));
    assertThat(options("{'max_length': 40, 'min_length': 7, 'stop_strings': 'x'}"))
        .isEqualTo(
            GenerationOptions.defaults().withMaxLength(40).withMinLength(7).withStopStrings("x"));
    assertThat(options("{'max_new_tokens': 5, 'min_new_tokens': 30}").minNewTokens()).isEqualTo(5);
    assertThat(options("{'min_new_tokens': -3, 'no_repeat_ngram_size': -1}"))
        .isEqualTo(GenerationOptions.defaults());
  }

  @Test
  void whatIsNotHonouredIsNamed() {
    PublishedDefaults published =
        read("{'num_beams': 4, 'top_h': 0.5, 'max_new_tokens': 9, 'my_own': 'x', 'use_cache': 1}");
    assertThat(published.settings().keySet())
        .containsExactly("num_beams", "top_h", "max_new_tokens", "my_own");
    assertThat(published.withoutEffect()).containsExactly("num_beams", "top_h", "my_own");
    assertThat(published.options()).isEqualTo(GenerationOptions.defaults().withMaxNewTokens(9));
  }

  /** As checkpoints had them before there was a file of its own, which replaces all of them. */
  @Test
  void readsConfigWhereThereIsNoOtherFile() {
    TinyLlama old =
        new TinyLlama()
            .config(config -> config.put("repetition_penalty", 1.3).put("pretraining_tp", 1));
    PublishedDefaults published =
        DecoderCheckpoint.open(old.write(folder)).published().defaults(WIDTH, Set.of());
    assertThat(published.settings()).containsExactly(Map.entry("repetition_penalty", 1.3));
    assertThat(published.withoutEffect()).isEmpty();

    TinyLlama.writeText(folder.resolve("generation_config.json"), "{}");
    assertThat(DecoderCheckpoint.open(folder).published().defaults(WIDTH, Set.of()).isEmpty())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "do_sample; 'yes'; true or false",
        "do_sample; 1; true or false",
        "repetition_penalty; 'hot'; a number above 0 that float32 has",
        "repetition_penalty; 0; a number above 0 that float32 has",
        "repetition_penalty; -1.5; a number above 0 that float32 has",
        "repetition_penalty; NaN; a number above 0 that float32 has",
        "repetition_penalty; Infinity; a number above 0 that float32 has",
        "repetition_penalty; 1e999; a number above 0 that float32 has",
        "repetition_penalty; 1e42; a number above 0 that float32 has",
        "repetition_penalty; true; a number above 0 that float32 has",
        "no_repeat_ngram_size; 2.5; an integer",
        "no_repeat_ngram_size; 1e10; an integer",
        "max_new_tokens; 0; an integer of at least 1",
        "max_new_tokens; '5'; an integer of at least 1",
        "max_length; 1; an integer of at least 2",
        "min_new_tokens; []; an integer",
        "bad_words_ids; [5]; a list of token ids",
        "bad_words_ids; [[16]]; an integer in [0, 15]",
        "bad_words_ids; [[-1]]; an integer in [0, 15]",
        "bad_words_ids; 'no'; a list of lists of token ids",
        "suppress_tokens; 5; a list of token ids",
        "suppress_tokens; [1.5]; an integer",
        "begin_suppress_tokens; ['a']; an integer",
        "forced_bos_token_id; 16; an integer in [0, 15]",
        "forced_eos_token_id; -1; an integer in [0, 15]",
        "forced_eos_token_id; [2, 99]; an integer in [0, 15]",
        "stop_strings; ''; a text that is not empty",
        "stop_strings; [3]; a text that is not empty",
        "max_time; 0; seconds in (0, 1e9]",
        "max_time; NaN; seconds in (0, 1e9]",
      })
  void refusesWhatIsMalformedWhenAsked(String key, String value, String expected) {
    assertRefused("{'" + key + "': " + value + "}", key, expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "temperature; 'hot'; a finite number >= 0",
        "temperature; -0.5; a finite number >= 0",
        "temperature; NaN; a finite number >= 0",
        "temperature; Infinity; a finite number >= 0",
        "top_k; -1; an integer of at least 0",
        "top_k; 2.5; an integer of at least 0",
        "top_p; -1.0; a number of at least 0",
        "min_p; 2; a number in [0, 1]",
        "typical_p; 0.0; a number above 0",
      })
  void refusesWrongSamplingWhereItSamples(String key, String value, String expected) {
    assertRefused("{'do_sample': true, '" + key + "': " + value + "}", key, expected);
  }

  private void assertRefused(String settings, String key, String expected) {
    TinyLlama.writeText(folder.resolve("generation_config.json"), settings.replace('\'', '"'));
    PublishedSettings published = DecoderCheckpoint.open(new TinyLlama().write(folder)).published();
    assertThatThrownBy(() -> published.defaults(WIDTH, Set.of(2)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("generation_config.json: " + key + " must be " + expected)
        .hasMessageContaining("got ")
        .hasMessageContaining("generate without the model's published defaults");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'forced_eos_token_id': 2", "'forced_bos_token_id': 3"})
  void refusesToForceWhatIsSuppressed(String forced) {
    assertThatThrownBy(() -> read("{'suppress_tokens': [2, 3], " + forced + "}"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("suppress_tokens holds every id that forced_");
    assertThat(
            options("{'suppress_tokens': [2], 'forced_eos_token_id': [2, 4]}")
                .constraints()
                .forcedEndIds())
        .containsExactlyInAnyOrder(2, 4);
  }
}
