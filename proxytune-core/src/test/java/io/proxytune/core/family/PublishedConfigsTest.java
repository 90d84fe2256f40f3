package io.proxytune.core.family;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.RopeScaling;
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

  @Test
  void deepSeekV2Lite() throws IOException {
    DecoderSpec spec =
        describe(
            """
            {"architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2",
             "first_k_dense_replace": 1, "hidden_size": 2048, "intermediate_size": 10944,
             "kv_lora_rank": 512, "max_position_embeddings": 163840,
             "moe_intermediate_size": 1408, "moe_layer_freq": 1, "n_group": 1,
             "n_routed_experts": 64, "n_shared_experts": 2, "norm_topk_prob": false,
             "num_attention_heads": 16, "num_experts_per_tok": 6, "num_hidden_layers": 27,
             "num_key_value_heads": 16, "q_lora_rank": null, "qk_nope_head_dim": 128,
             "qk_rope_head_dim": 64, "rope_scaling": {"beta_fast": 32, "beta_slow": 1,
              "factor": 40, "mscale": 0.707, "mscale_all_dim": 0.707,
              "original_max_position_embeddings": 4096, "type": "yarn"}, "rope_theta": 10000,
             "routed_scaling_factor": 1.0, "scoring_func": "softmax", "topk_group": 1,
             "topk_method": "greedy", "v_head_dim": 128, "vocab_size": 102400}
            """);
    assertThat(spec.contextLength()).isEqualTo(163_840);
    AttentionSpec attention = spec.layers().get(0).attention();
    assertThat(attention.headDim()).isEqualTo(192);
    assertThat(attention.valueDim()).isEqualTo(128);
    assertThat(attention.query().module()).isEqualTo("model.layers.0.self_attn.q_proj");
    double magnitude = 0.1 * 0.707 * Math.log(40) + 1;
    assertThat(attention.scale()).isCloseTo(magnitude * magnitude / Math.sqrt(192), within(1e-12));
    assertThat(attention.rotary().orElseThrow().scaling())
        .isEqualTo(new RopeScaling.Yarn(40, 4096, 32, 1, true, 1));
    assertThat(spec.layers().get(0).feedForward()).isInstanceOf(MlpSpec.class);
    ExpertsSpec experts = (ExpertsSpec) spec.layers().get(1).feedForward();
    assertThat(experts.active()).isEqualTo(6);
    assertThat(experts.shared().orElseThrow().up().out()).isEqualTo(2816);
  }
}
