package io.proxytune.core.family;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a config asks for and no decoder here computes is refused by its name. */
class UnsupportedTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "bloom; 'apply_residual_connection_post_layernorm': true;"
            + " apply_residual_connection_post_layernorm must be false",
        "falcon; 'alibi': true; alibi must be false: Falcon's scores that fall with the distance",
        "stablelm; 'qk_layernorm': true; qk_layernorm must be false: a norm in a tensor of its own",
        "gpt-oss; 'swiglu_limit': 6.0; swiglu_limit must be 7.0, got 6.0",
        "gpt-oss; 'swiglu_alpha': 1.5; swiglu_alpha must be 1.702, got 1.5",
        "gpt-oss; 'quantization_config': {'quant_method': 'mxfp4'}; weights in MXFP4 are not read:"
            + " convert them with transformers (from_pretrained with"
            + " quantization_config=Mxfp4Config",
        "qwen2; 'quantization_config': {'quant_method': 'gptq'}; GPTQ, AWQ, bitsandbytes",
        "gpt2; 'add_cross_attention': true; add_cross_attention must be false, as there is no"
            + " encoder",
        "gemma3; 'use_bidirectional_attention': true; use_bidirectional_attention must be false",
        "gemma3-images; 'text_config': null; model_type \"gemma3\" is not supported",
        "mpt; 'attn_config': {'alibi': false}; attn_config.alibi must be true, got false",
        "mpt; 'attn_config': {'qk_ln': true}; attn_config.qk_ln must be false",
        "mpt; 'attn_config': {'alibi_bias_max': 4}; attn_config.alibi_bias_max must be 8, got 4",
        "qwen3; 'layer_types': ['full_attention', 'linear_attention', 'full_attention',"
            + " 'full_attention']; layer_types must be made of full_attention and"
            + " sliding_attention",
        "qwen3; 'layer_types': ['full_attention']; layer_types must be a list for each of the 4"
            + " layers",
        "smollm3; 'no_rope_layers': [1]; no_rope_layers must be a list for each of the 4 layers",
        "gpt-neo; 'attention_layers': ['global', 'far', 'global', 'far']; attention_layers must be"
            + " made of global and local alone",
        "gpt-neo; 'attention_layers': null, 'attention_types': [['global', 4]]; attention_types"
            + " must be a list of pairs",
        "granite-hybrid; 'layer_types': ['attention', 'mamba']; layer_types must be made of"
            + " attention alone, as state-space layers are not supported",
        "granite-hybrid; 'layer_types': null; layer_types must be made of attention alone",
        "minicpm; 'sparse_config': {'window_size': 2048}; sparse_config must be absent: only"
            + " MiniCPM",
        "minicpm; 'num_experts': 8; num_experts must be absent: only MiniCPM",
        "mixtral; 'num_local_experts': 2000; num_local_experts must be an integer in [1, 1024]",
        "mixtral; 'num_experts_per_tok': 6; num_experts_per_tok must be at most the number of"
            + " experts, 5",
        "llama-tied; 'hidden_act': 'xielu'; hidden_act must be one of gelu, ",
        "gptj; 'rotary_dim': 18; rotary_dim must be even and at most the width of a head, 16",
        "phi3-longrope; 'rope_scaling': {'type': 'longrope', 'short_factor': [1], 'long_factor':"
            + " [1]}; rope_scaling.short_factor must be 6 numbers, one for each pair, got [1]",
        "olmo; 'architectures': ['DeepseekV4ForCausalLM']; architectures[0]"
            + " \"DeepseekV4ForCausalLM\" is not supported",
        "deepseek-v2; 'norm_topk_prob': true; norm_topk_prob must be false in DeepSeek-V2",
        "deepseek-v2; 'topk_method': 'noaux_tc'; topk_method must be greedy or"
            + " group_limited_greedy, got \"noaux_tc\"",
        "deepseek-v3; 'scoring_func': 'softmax'; scoring_func must be sigmoid, got \"softmax\"",
        "deepseek-v3; 'moe_layer_freq': 2; moe_layer_freq must be 1, got 2",
        "deepseek-v3; 'n_group': 5; n_group must be a divisor of n_routed_experts, 12, got 5",
        "deepseek-v3; 'topk_group': 4; topk_group must be at most n_group, 3, got 4",
        "deepseek-v3; 'quantization_config': {'quant_method': 'fp8'}; fp8",
        "youtu; 'v_head_dim': 40; v_head_dim must be at most qk_nope_head_dim + qk_rope_head_dim,"
            + " 24, got 40",
        "youtu; 'num_key_value_heads': 2; num_key_value_heads must be num_attention_heads, 4,"
            + " got 2",
        "youtu; 'qk_rope_head_dim': 7; such that an even part of the 7 of a head is left",
        "glm4-moe-lite; 'mlp_layer_types': ['dense']; mlp_layer_types must be dense or sparse for"
            + " each layer",
        "codegen; 'n_embd': 66, 'n_head': 2; n_embd must be a multiple of 4, got 66"
      })
  void isRefusedByName(String golden, String change, String problem) throws IOException {
    FamilyGolden of = FamilyGolden.of(golden);
    ObjectNode config = of.config();
    config.setAll((ObjectNode) JSON.readTree("{" + change.replace('\'', '"') + "}"));
    Path file = Files.writeString(folder.resolve("config.json"), config.toString());
    ConfigJson read = ConfigJson.read(file);

    assertThatThrownBy(() -> Families.of(read).describe(Families.text(read), of.tensorNames()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(problem);
  }
}
