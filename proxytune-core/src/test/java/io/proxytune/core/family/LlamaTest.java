package io.proxytune.core.family;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaTest {
  private static final Set<String> STORED =
      IntStream.range(0, 100).mapToObj(Integer::toString).collect(toSet());

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

  private DecoderSpec read() {
    return read(json.toString());
  }

  private DecoderSpec read(String text) {
    Path file = folder.resolve("config.json");
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ConfigJson config = ConfigJson.read(file);
    return Families.of(config).describe(config, STORED);
  }

  private RotarySpec rotary() {
    return read().layers().get(2).attention().rotary().orElseThrow();
  }

  private void set(String values) throws IOException {
    json.setAll((ObjectNode) JSON.readTree("{" + values.replace('\'', '"') + "}"));
  }

  @Test
  void fillsInTheDefaultsOfTransformers() {
    DecoderSpec spec = read();

    assertThat(spec.architecture()).isEqualTo("LlamaForCausalLM");
    assertThat(spec.width()).isEqualTo(24);
    assertThat(spec.vocabulary()).isEqualTo(100);
    assertThat(spec.contextLength()).isEqualTo(1000);
    assertThat(spec.layers()).hasSize(3);
    assertThat(spec.head().tied()).isFalse();
    assertThat(spec.embedding()).isEqualTo(EmbeddingSpec.of("model.embed_tokens.weight", 100, 24));
    String layer = "model.layers.1.";
    assertThat(spec.layers().get(1))
        .isEqualTo(
            LayerSpec.preNorm(
                AttentionSpec.of(
                    6,
                    6,
                    4,
                    LinearSpec.of(layer + "self_attn.q_proj", 24, 24, false),
                    LinearSpec.of(layer + "self_attn.k_proj", 24, 24, false),
                    LinearSpec.of(layer + "self_attn.v_proj", 24, 24, false),
                    LinearSpec.of(layer + "self_attn.o_proj", 24, 24, false),
                    Optional.of(new RotarySpec(4, false, 10_000, new RopeScaling.None()))),
                new MlpSpec(
                    Activation.SILU,
                    Optional.of(LinearSpec.of(layer + "mlp.gate_proj", 24, 40, false)),
                    LinearSpec.of(layer + "mlp.up_proj", 24, 40, false),
                    LinearSpec.of(layer + "mlp.down_proj", 40, 24, false)),
                NormSpec.rms(layer + "input_layernorm", 24, 1e-6),
                NormSpec.rms(layer + "post_attention_layernorm", 24, 1e-6)));
  }

  @Test
  void treatsNullAsMissing() throws IOException {
    DecoderSpec defaults = read();
    set("'num_key_value_heads': null, 'head_dim': null, 'rms_norm_eps': null, 'rope_theta': null");
    set("'rope_scaling': null, 'tie_word_embeddings': null, 'hidden_act': null");
    assertThat(read()).isEqualTo(defaults);
  }

  @Test
  void readsEveryKey() throws IOException {
    set("'num_key_value_heads': 2, 'head_dim': 10, 'rms_norm_eps': 1e-5, 'rope_theta': 500000");
    set("'tie_word_embeddings': true, 'attention_bias': true, 'mlp_bias': true");
    set("'hidden_act': 'gelu_new', 'partial_rotary_factor': 0.4");
    DecoderSpec spec = read();

    assertThat(spec.head().tied()).isTrue();
    AttentionSpec attention = spec.layers().get(0).attention();
    assertThat(attention.kvHeads()).isEqualTo(2);
    assertThat(attention.headDim()).isEqualTo(10);
    assertThat(attention.rotary())
        .contains(new RotarySpec(4, false, 500_000, new RopeScaling.None()));
    assertThat(spec.linears()).allSatisfy(linear -> assertThat(linear.bias()).isPresent());
    assertThat(spec.layers().get(0).norms())
        .allSatisfy(norm -> assertThat(norm.epsilon()).isEqualTo(1e-5));
    assertThat(spec.layers().get(0).feedForward())
        .isInstanceOfSatisfying(
            MlpSpec.class, mlp -> assertThat(mlp.activation()).isEqualTo(Activation.GELU_TANH));
  }

  @Test
  void readsLinearScalingAndItsLongerContext() throws IOException {
    set("'rope_scaling': {'type': 'linear', 'factor': 2.5}, 'rope_theta': 7.0");
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.Linear(2.5));
    assertThat(read().contextLength()).isEqualTo(2500);
    assertThat(rotary().theta()).isEqualTo(7);
  }

  @Test
  void readsDynamicScalingAndItsLongerContext() throws IOException {
    set("'rope_scaling': {'rope_type': 'dynamic', 'factor': 2}");
    set("'original_max_position_embeddings': 10");
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.Dynamic(2, 1000));
    assertThat(read().contextLength()).isEqualTo(2000);
  }

  @Test
  void readsLlama3Scaling() throws IOException {
    set(
        "'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0,"
            + " 'high_freq_factor': 4.0, 'original_max_position_embeddings': 250}");
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.Llama3(8, 1, 4, 250));
    assertThat(read().contextLength()).isEqualTo(1000);

    set("'original_max_position_embeddings': 125");
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.Llama3(8, 1, 4, 125));
  }

  @Test
  void readsTheSpellingOfTransformers5() throws IOException {
    set(
        "'rope_parameters': {'rope_type': 'llama3', 'rope_theta': 500000.0, 'factor': 8.0,"
            + " 'low_freq_factor': 1.0, 'high_freq_factor': 4.0}");
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.Llama3(8, 1, 4, 1000));
    assertThat(rotary().theta()).isEqualTo(500_000);

    set("'rope_parameters': {'rope_type': 'default', 'rope_theta': 300.0}, 'rope_theta': 5.0");
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.None());
    assertThat(rotary().theta()).isEqualTo(300);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'rope_theta': 300.0}", "{}", "{'type': 'default'}"})
  void takesParametersWithoutATypeAsUnscaled(String parameters) throws IOException {
    set("'rope_parameters': " + parameters);
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.None());
  }

  @Test
  void readsYarnAndItsLongerContext() throws IOException {
    set("'rope_scaling': {'type': 'yarn', 'factor': 4.0}");
    double attention = 0.1 * Math.log(4) + 1;
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.Yarn(4, 1000, 32, 1, true, attention));
    assertThat(read().contextLength()).isEqualTo(4000);

    set(
        "'max_position_embeddings': 2500, 'rope_theta': 7.0, 'rope_scaling': {'rope_type': 'yarn',"
            + " 'original_max_position_embeddings': 500, 'beta_fast': 8, 'beta_slow': 2, 'factor':"
            + " null, 'mscale': 0.7, 'mscale_all_dim': 0.5, 'truncate': false}");
    double mscales = (0.07 * Math.log(5) + 1) / (0.05 * Math.log(5) + 1);
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.Yarn(5, 500, 8, 2, false, mscales));
    assertThat(read().contextLength()).isEqualTo(2500);

    set("'rope_scaling': {'rope_type': 'yarn', 'factor': 2, 'attention_factor': 1.5}");
    assertThat(rotary().scaling()).isEqualTo(new RopeScaling.Yarn(2, 2500, 32, 1, true, 1.5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"longrope", "su", "yarn"})
  void readsLongRopeByAllItsNames(String type) throws IOException {
    set(
        "'original_max_position_embeddings': 100, 'rope_scaling': {'type': '"
            + type
            + "', 'short_factor': [1, 1.5], 'long_factor': [2, 3]}");
    double attention = Math.sqrt(1 + Math.log(10) / Math.log(100));
    assertThat(rotary().scaling())
        .isEqualTo(new RopeScaling.LongRope(List.of(1.0, 1.5), List.of(2.0, 3.0), 100, attention));
    assertThat(read().contextLength()).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ntk", "proportional"})
  void refusesOtherScalingsByName(String type) throws IOException {
    set("'rope_scaling': {'type': '" + type + "', 'factor': 4.0}");
    assertRefused(
        "\"" + type + "\" is not supported", "default, linear, dynamic, llama3, yarn and longrope");
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
        "'type': 'yarn', 'factor': 2, 'beta_fast': 1; rope_scaling.beta_fast must be above"
            + " beta_slow 1.0, got 1",
        "'type': 'longrope', 'long_factor': [1]; rope_scaling.short_factor must be a list of"
            + " numbers, got nothing",
        "'type': 'longrope', 'short_factor': [1, 0]; rope_scaling.short_factor must be a finite"
            + " number above 0, got 0",
        "'type': 'longrope', 'short_factor': [1], 'long_factor': [1]; rope_scaling.short_factor"
            + " must be 2 numbers, one for each pair, got [1]",
        "'type': 'longrope', 'short_factor': [1, 2], 'long_factor': [1]; rope_scaling.long_factor"
            + " must be as long as short_factor, got [1]",
        "'partial_rotary_factor': 0.3; rope_scaling.partial_rotary_factor must be such that an even"
            + " part of the 4 of a head is left"
      })
  void refusesScalingsThatMakeNoSense(String scaling, String problem) {
    String text = json.toString();
    String scaled =
        text.substring(0, text.length() - 1)
            + ", \"rope_scaling\": {"
            + scaling.replace('\'', '"')
            + "}}";
    assertThatThrownBy(() -> read(scaled))
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
        "'head_dim': 3; partial_rotary_factor must be such that an even part of the 3 of a head",
        "'hidden_size': 18; partial_rotary_factor must be such that an even part of the 3",
        "'hidden_size': 25; hidden_size must be a multiple of num_attention_heads 6, got 25",
        "'hidden_act': 'xielu'; hidden_act must be one of gelu, gelu_accurate, gelu_fast, gelu_new,"
            + " gelu_python, gelu_python_tanh, gelu_pytorch_tanh, relu, relu2, silu, swish, got"
            + " \"xielu\"",
        "'rms_norm_eps': 0; rms_norm_eps must be a finite number above 0, got 0",
        "'rope_theta': -1.5; rope_theta must be a finite number above 0, got -1.5",
        "'rope_scaling': 'linear'; rope_scaling must be an object, got \"linear\"",
        "'partial_rotary_factor': 0.25; partial_rotary_factor must be such that an even part",
        "'partial_rotary_factor': 1.5; partial_rotary_factor must be such that an even part",
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
    set("'architectures': ['T5Model'], 'model_type': 'llama'");
    assertRefused("architectures[0] \"T5Model\"", "supported", "LlamaForCausalLM (llama)");
    set("'architectures': null, 'model_type': 't5'");
    assertRefused("model_type \"t5\" is not supported", "LlamaForCausalLM (llama)");
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
