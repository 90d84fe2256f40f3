package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.decoder.RopeScaling;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaArchitectureTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private ObjectNode json;

  @BeforeEach
  void writeConfig() throws IOException {
    json =
        (ObjectNode)
            JSON.readTree(
                """
                {"architectures": ["LlamaForCausalLM"], "vocab_size": 100, "hidden_size": 24,
                 "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 6,
                 "max_position_embeddings": 1000}
                """);
  }

  private DecoderConfig read() {
    Path file = TinyLlama.writeText(folder.resolve("config.json"), json.toString());
    ConfigJson config = ConfigJson.read(file);
    return Architectures.of(config).read(config);
  }

  private void set(String values) throws IOException {
    json.setAll((ObjectNode) JSON.readTree("{" + values.replace('\'', '"') + "}"));
  }

  @Test
  void fillsInTheDefaultsOfTransformers() {
    assertThat(read())
        .isEqualTo(
            new DecoderConfig(
                "LlamaForCausalLM",
                100,
                24,
                40,
                3,
                6,
                6,
                4,
                1e-6,
                1000,
                10_000,
                new RopeScaling.None(),
                false,
                false,
                false));
  }

  @Test
  void treatsNullAsMissing() throws IOException {
    DecoderConfig defaults = read();
    set("'num_key_value_heads': null, 'head_dim': null, 'rms_norm_eps': null, 'rope_theta': null");
    set("'rope_scaling': null, 'tie_word_embeddings': null, 'hidden_act': null");
    assertThat(read()).isEqualTo(defaults);
  }

  @Test
  void readsEveryKey() throws IOException {
    set("'num_key_value_heads': 2, 'head_dim': 10, 'rms_norm_eps': 1e-5, 'rope_theta': 500000");
    set("'tie_word_embeddings': true, 'attention_bias': true, 'mlp_bias': true");
    set("'hidden_act': 'swish', 'partial_rotary_factor': 1.0");
    assertThat(read())
        .isEqualTo(
            new DecoderConfig(
                "LlamaForCausalLM",
                100,
                24,
                40,
                3,
                6,
                2,
                10,
                1e-5,
                1000,
                500_000,
                new RopeScaling.None(),
                true,
                true,
                true));
  }

  @Test
  void readsLinearScalingAndItsLongerContext() throws IOException {
    set("'rope_scaling': {'type': 'linear', 'factor': 2.5}, 'rope_theta': 7.0");
    assertThat(read().ropeScaling()).isEqualTo(new RopeScaling.Linear(2.5));
    assertThat(read().contextLength()).isEqualTo(2500);
    assertThat(read().ropeTheta()).isEqualTo(7);
  }

  @Test
  void readsDynamicScalingAndItsLongerContext() throws IOException {
    set("'rope_scaling': {'rope_type': 'dynamic', 'factor': 2}");
    set("'original_max_position_embeddings': 10");
    assertThat(read().ropeScaling()).isEqualTo(new RopeScaling.Dynamic(2, 1000));
    assertThat(read().contextLength()).isEqualTo(2000);
  }

  @Test
  void readsLlama3Scaling() throws IOException {
    set(
        "'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0,"
            + " 'high_freq_factor': 4.0, 'original_max_position_embeddings': 250}");
    assertThat(read().ropeScaling()).isEqualTo(new RopeScaling.Llama3(8, 1, 4, 250));
    assertThat(read().contextLength()).isEqualTo(1000);

    set("'original_max_position_embeddings': 125");
    assertThat(read().ropeScaling()).isEqualTo(new RopeScaling.Llama3(8, 1, 4, 125));
  }

  @Test
  void readsTheSpellingOfTransformers5() throws IOException {
    set(
        "'rope_parameters': {'rope_type': 'llama3', 'rope_theta': 500000.0, 'factor': 8.0,"
            + " 'low_freq_factor': 1.0, 'high_freq_factor': 4.0}");
    assertThat(read().ropeScaling()).isEqualTo(new RopeScaling.Llama3(8, 1, 4, 1000));
    assertThat(read().ropeTheta()).isEqualTo(500_000);

    set("'rope_parameters': {'rope_type': 'default', 'rope_theta': 300.0}, 'rope_theta': 5.0");
    assertThat(read().ropeScaling()).isEqualTo(new RopeScaling.None());
    assertThat(read().ropeTheta()).isEqualTo(300);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'rope_theta': 300.0}", "{}", "{'type': 'default'}"})
  void takesParametersWithoutATypeAsUnscaled(String parameters) throws IOException {
    set("'rope_parameters': " + parameters);
    assertThat(read().ropeScaling()).isEqualTo(new RopeScaling.None());
  }

  @ParameterizedTest
  @ValueSource(strings = {"yarn", "longrope", "su", "ntk", "proportional"})
  void refusesOtherScalingsByName(String type) throws IOException {
    set("'rope_scaling': {'type': '" + type + "', 'factor': 4.0}");
    assertRefused("\"" + type + "\" is not supported", "default, linear, dynamic and llama3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'factor': 2; rope_scaling.rope_type must be given beside factor, got nothing",
        "'type': 'linear'; lacks rope_scaling.factor",
        "'type': 'linear', 'factor': 0.5; rope_scaling.factor must be a number of at least 1, got"
            + " 0.5",
        "'type': 'linear', 'factor': '2'; rope_scaling.factor must be a finite number above 0",
        "'type': 'linear', 'factor': NaN; rope_scaling.factor must be a finite number above 0",
        "'type': 5; rope_scaling.type must be a string, got 5",
        "'type': 'llama3', 'factor': 8; lacks rope_scaling.low_freq_factor",
        "'type': 'llama3', 'factor': 8, 'low_freq_factor': 1; lacks rope_scaling.high_freq_factor",
        "'type': 'llama3', 'factor': 8, 'low_freq_factor': 4, 'high_freq_factor': 4;"
            + " rope_scaling.high_freq_factor must be above low_freq_factor 4.0, got 4",
        "'type': 'dynamic', 'factor': 3000000; max_position_embeddings must be at most 2147483647",
        "'partial_rotary_factor': 0.5; rope_scaling.partial_rotary_factor must be 1"
      })
  void refusesScalingsThatMakeNoSense(String scaling, String problem) {
    String text = json.toString();
    TinyLlama.writeText(
        folder.resolve("config.json"),
        text.substring(0, text.length() - 1)
            + ", \"rope_scaling\": {"
            + scaling.replace('\'', '"')
            + "}}");
    assertThatThrownBy(
            () -> new LlamaArchitecture().read(ConfigJson.read(folder.resolve("config.json"))))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "max_position_embeddings"
      })
  void refusesMissingAndWrongSizes(String key) throws IOException {
    for (String value : new String[] {"0", "-1", "2.0", "\"8\"", "[8]", "2147483648", "true"}) {
      set("'" + key + "': " + value);
      assertRefused(key + " must be an integer in [1, 2147483647], got " + value, "correct");
    }
    json.remove(key);
    if (key.equals("max_position_embeddings")) {
      assertThat(read().contextLength()).isEqualTo(2048); // transformers' default
      return;
    }
    assertRefused("lacks " + key + ": expected an integer of at least 1", "take the config.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'num_key_value_heads': 4; num_key_value_heads must be a divisor of num_attention_heads 6",
        "'num_key_value_heads': 0; num_key_value_heads must be an integer in [1, 2147483647], got"
            + " 0",
        "'head_dim': 3; head_dim must be even",
        "'hidden_size': 18; head_dim must be even",
        "'hidden_size': 25; hidden_size must be a multiple of num_attention_heads 6, got 25",
        "'hidden_act': 'gelu'; hidden_act must be silu, the only supported activation, got"
            + " \"gelu\"",
        "'rms_norm_eps': 0; rms_norm_eps must be a finite number above 0, got 0",
        "'rope_theta': -1.5; rope_theta must be a finite number above 0, got -1.5",
        "'rope_scaling': 'linear'; rope_scaling must be an object, got \"linear\"",
        "'partial_rotary_factor': 0.25; partial_rotary_factor must be 1",
        "'tie_word_embeddings': 1; tie_word_embeddings must be true or false, got 1",
        "'attention_bias': 'yes'; attention_bias must be true or false, got \"yes\"",
        "'quantization_config': {'quant_method': 'gptq'}; quantization_config must be absent"
      })
  void refusesWrongValues(String value, String problem) throws IOException {
    set(value);
    assertRefused(problem, "; correct the file");
  }

  @Test
  void findsTheArchitectureByModelTypeWhereItIsNotNamed() throws IOException {
    json.remove("architectures");
    set("'model_type': 'llama'");
    assertThat(read().architecture()).isEqualTo("LlamaForCausalLM");
    set("'architectures': []");
    assertThat(read().architecture()).isEqualTo("LlamaForCausalLM");
  }

  @Test
  void refusesUnsupportedArchitecturesByName() throws IOException {
    set("'architectures': ['GPT2LMHeadModel'], 'model_type': 'llama'");
    assertRefused("architectures[0] \"GPT2LMHeadModel\"", "supported", "LlamaForCausalLM (llama)");
    set("'architectures': null, 'model_type': 'gpt2'");
    assertRefused("model_type \"gpt2\" is not supported", "LlamaForCausalLM (llama)");
    set("'model_type': null");
    assertRefused("neither architectures nor model_type is given", "LlamaForCausalLM (llama)");
    set("'architectures': 'LlamaForCausalLM'");
    assertRefused("architectures must be a list of strings, got \"LlamaForCausalLM\"");
    json.putArray("architectures").add(5);
    assertRefused("architectures must be a string, got 5");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(this::read)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json")
        .hasMessageContainingAll(parts);
  }
}
