package io.proxytune.core.family;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.MlpSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spellings of published configs that leave much to defaults. */
class PublishedConfigsTest {
  private static final Set<String> STORED =
      IntStream.range(0, 100).mapToObj(Integer::toString).collect(toSet());

  @TempDir Path folder;

  private DecoderSpec describe(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), json);
    ConfigJson config = ConfigJson.read(file);
    return Families.of(config).describe(Families.text(config), STORED);
  }

  @Test
  void gemma3OfImagesAndText() throws IOException {
    DecoderSpec spec =
        describe(
            """
            {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
             "text_config": {"hidden_size": 2560, "intermediate_size": 10240,
              "model_type": "gemma3_text", "num_hidden_layers": 34,
              "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024}}
            """);
    assertThat(spec.vocabulary()).isEqualTo(262_208);
    assertThat(spec.contextLength()).isEqualTo(131_072);
    assertThat(spec.head().tied()).isTrue();
    AttentionSpec fifth = spec.layers().get(4).attention();
    AttentionSpec sixth = spec.layers().get(5).attention();
    assertThat(fifth.heads()).isEqualTo(8);
    assertThat(fifth.kvHeads()).isEqualTo(4);
    assertThat(fifth.headDim()).isEqualTo(256);
    assertThat(fifth.window()).isEqualTo(OptionalInt.of(1024));
    assertThat(fifth.rotary().orElseThrow().theta()).isEqualTo(10_000);
    assertThat(sixth.window()).isEmpty();
    assertThat(sixth.rotary().orElseThrow().theta()).isEqualTo(1_000_000);
  }

  @Test
  void mptUnderTheClassOfItsAuthors() throws IOException {
    DecoderSpec spec =
        describe(
            """
            {"architectures": ["MPTForCausalLM"], "d_model": 4096, "n_heads": 32, "n_layers": 32,
             "attn_config": {"alibi": true, "alibi_bias_max": 8, "clip_qkv": null,
              "softmax_scale": null}, "max_seq_len": 2048, "vocab_size": 50432, "no_bias": true}
            """);
    assertThat(spec.architecture()).isEqualTo("MptForCausalLM");
    assertThat(spec.layers().get(0).attention().linearBias()).isTrue();
    assertThat(spec.layers().get(0).attention().clip()).isEmpty();
  }

  @Test
  void falconWithoutCountsOfKeyHeads() throws IOException {
    DecoderSpec spec =
        describe(
            """
            {"architectures": ["FalconForCausalLM"], "alibi": false, "bias": false,
             "hidden_size": 4544, "multi_query": true, "new_decoder_architecture": false,
             "num_attention_heads": 71, "num_hidden_layers": 32, "parallel_attn": true,
             "vocab_size": 65024}
            """);
    AttentionSpec attention = spec.layers().get(0).attention();
    assertThat(attention.kvHeads()).isEqualTo(1);
    assertThat(attention.headDim()).isEqualTo(64);
    assertThat(((MlpSpec) spec.layers().get(0).feedForward()).up().out()).isEqualTo(4 * 4544);
  }

  @Test
  void mistralsWindowIsThereUnlessItIsNull() throws IOException {
    String config =
        """
        {"architectures": ["MistralForCausalLM"], "hidden_size": 64, "intermediate_size": 96,
         "num_attention_heads": 4, "num_hidden_layers": 2, "vocab_size": 10%s}
        """;
    assertThat(window(config.formatted(""))).isEqualTo(OptionalInt.of(4096));
    assertThat(window(config.formatted(", \"sliding_window\": null"))).isEmpty();
    assertThat(window(config.formatted(", \"sliding_window\": 7"))).isEqualTo(OptionalInt.of(7));
  }

  private OptionalInt window(String config) throws IOException {
    return describe(config).layers().get(1).attention().window();
  }
}
