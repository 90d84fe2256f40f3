package io.proxytune.core.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.hub.HubName;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;

/** The JSON files of trained models, as transformers and PEFT write them. */
final class ConfigFiles {
  private static final ObjectMapper JSON = JsonOutput.mapper();

  private ConfigFiles() {}

  /** What {@link #config} describes: a Llama. */
  static DecoderSpec decoder(ModelShape shape) {
    NormSpec norm = NormSpec.rms("model.norm", shape.hiddenSize(), shape.normEpsilon());
    LinearSpec head = LinearSpec.of("lm_head", shape.hiddenSize(), shape.vocabularySize(), false);
    return new DecoderSpec(
        "LlamaForCausalLM",
        shape.hiddenSize(),
        shape.contextLength(),
        EmbeddingSpec.of("model.embed_tokens.weight", shape.vocabularySize(), shape.hiddenSize()),
        IntStream.range(0, shape.layers()).mapToObj(i -> layer(shape, i)).toList(),
        HeadSpec.of(norm, head, shape.tiedHead()));
  }

  private static LayerSpec layer(ModelShape shape, int index) {
    String layer = "model.layers." + index + ".";
    int width = shape.hiddenSize();
    return LayerSpec.preNorm(
        attention(shape, layer + "self_attn."),
        mlp(shape, layer + "mlp."),
        NormSpec.rms(layer + "input_layernorm", width, shape.normEpsilon()),
        NormSpec.rms(layer + "post_attention_layernorm", width, shape.normEpsilon()));
  }

  private static AttentionSpec attention(ModelShape shape, String name) {
    int width = shape.hiddenSize();
    int headDim = width / shape.heads();
    long keys = (long) shape.kvHeads() * headDim;
    AttentionSpec causal =
        AttentionSpec.of(
            shape.heads(),
            shape.kvHeads(),
            headDim,
            LinearSpec.of(name + "q_proj", width, width, false),
            LinearSpec.of(name + "k_proj", width, keys, false),
            LinearSpec.of(name + "v_proj", width, keys, false),
            LinearSpec.of(name + "o_proj", width, width, false),
            Optional.of(new RotarySpec(headDim, false, shape.ropeTheta(), new RopeScaling.None())));
    return shape.causal() ? causal : causal.bidirectional();
  }

  private static MlpSpec mlp(ModelShape shape, String name) {
    int width = shape.hiddenSize();
    int inner = shape.intermediateSize();
    return new MlpSpec(
        Activation.SILU,
        Optional.of(LinearSpec.of(name + "gate_proj", width, inner, false)),
        LinearSpec.of(name + "up_proj", width, inner, false),
        LinearSpec.of(name + "down_proj", inner, width, false));
  }

  /** {@code config.json}; its keys are those that every version of transformers reads. */
  static String config(ModelShape shape, SpecialIds ids) {
    ObjectNode json = JSON.createObjectNode();
    json.putArray("architectures").add("LlamaForCausalLM");
    json.put("model_type", "llama").put("hidden_act", "silu");
    json.put("vocab_size", shape.vocabularySize()).put("hidden_size", shape.hiddenSize());
    json.put("intermediate_size", shape.intermediateSize());
    json.put("num_hidden_layers", shape.layers()).put("num_attention_heads", shape.heads());
    json.put("num_key_value_heads", shape.kvHeads());
    json.put("head_dim", shape.hiddenSize() / shape.heads());
    json.put("max_position_embeddings", shape.contextLength());
    json.put("rms_norm_eps", shape.normEpsilon()).put("rope_theta", shape.ropeTheta());
    json.put("tie_word_embeddings", shape.tiedHead());
    json.put("attention_bias", false).put("mlp_bias", false).put("initializer_range", 0.02);
    json.put("torch_dtype", "bfloat16");
    if (!shape.causal()) {
      json.put("is_causal", false);
    }
    put(json, ids);
    return text(json);
  }

  /** {@code generation_config.json}. */
  static String generation(SpecialIds ids) {
    return text(put(JSON.createObjectNode(), ids));
  }

  private static ObjectNode put(ObjectNode json, SpecialIds ids) {
    ids.begin().ifPresent(id -> json.put("bos_token_id", id));
    ids.end().ifPresent(id -> json.put("eos_token_id", id));
    ids.pad().ifPresent(id -> json.put("pad_token_id", id));
    return json;
  }

  /**
   * {@code adapter_config.json}.
   *
   * @param base how the file names the model's folder
   * @param onHub the model's name on the Hub, where it is one of the Hub's cache
   */
  static String adapter(LoraOptions lora, Path base, Optional<HubName> onHub) {
    ObjectNode json = JSON.createObjectNode();
    json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    json.put(
        "base_model_name_or_path",
        onHub.map(HubName::model).orElseGet(() -> base.toString().replace('\\', '/')));
    json.put("revision", onHub.flatMap(HubName::revision).orElse(null));
    json.put("r", lora.rank()).put("lora_alpha", lora.alpha()).put("lora_dropout", 0.0);
    ArrayNode targets = json.putArray("target_modules");
    lora.targetModules().forEach(targets::add);
    json.put("use_rslora", lora.rankStabilized()).put("use_dora", false).put("bias", "none");
    json.put("fan_in_fan_out", false).put("init_lora_weights", true).put("inference_mode", true);
    json.putNull("modules_to_save").putNull("layers_to_transform");
    json.putObject("rank_pattern");
    json.putObject("alpha_pattern");
    return text(json);
  }

  private static String text(ObjectNode json) {
    return JsonOutput.pretty(json) + "\n";
  }
}
