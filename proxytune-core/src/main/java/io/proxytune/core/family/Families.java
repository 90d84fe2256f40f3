package io.proxytune.core.family;

import static com.google.common.base.Strings.lenientFormat;
import static java.util.stream.Collectors.joining;

import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The families that can be loaded. */
public final class Families {
  private static final String ARCHITECTURES = "architectures";

  private static final List<Family> ALL =
      List.of(
          new Family("LlamaForCausalLM", "LlamaModel", "llama", Llama::describe),
          new Family("MistralForCausalLM", "MistralModel", "mistral", Mistral::describe),
          new Family("MinistralForCausalLM", "MinistralModel", "ministral", Mistral::describe),
          new Family("Ministral3ForCausalLM", "Ministral3Model", "ministral3", Mistral::describe3),
          new Family("MixtralForCausalLM", "MixtralModel", "mixtral", Mistral::describeMixtral),
          new Family("Qwen2ForCausalLM", "Qwen2Model", "qwen2", Qwen::describe2),
          new Family("Qwen2MoeForCausalLM", "Qwen2MoeModel", "qwen2_moe", Qwen::describe2Moe),
          new Family("Qwen3ForCausalLM", "Qwen3Model", "qwen3", Qwen::describe3),
          new Family("Qwen3MoeForCausalLM", "Qwen3MoeModel", "qwen3_moe", Qwen::describe3Moe),
          new Family("GemmaForCausalLM", "GemmaModel", "gemma", Gemma::describe),
          new Family("Gemma2ForCausalLM", "Gemma2Model", "gemma2", Gemma::describe2),
          new Family(
              "VaultGemmaForCausalLM", "VaultGemmaModel", "vaultgemma", Gemma::describeVault),
          new Family("Gemma3ForCausalLM", "Gemma3TextModel", "gemma3_text", Gemma3::describe),
          new Family("PhiForCausalLM", "PhiModel", "phi", Phi::describe),
          new Family("Phi3ForCausalLM", "Phi3Model", "phi3", Phi::describe3),
          new Family("SmolLM3ForCausalLM", "SmolLM3Model", "smollm3", SmolLm3::describe),
          new Family("OlmoForCausalLM", "OlmoModel", "olmo", Olmo::describe),
          new Family("Olmo2ForCausalLM", "Olmo2Model", "olmo2", Olmo::describe2),
          new Family("Olmo3ForCausalLM", "Olmo3Model", "olmo3", Olmo::describe3),
          new Family("OlmoeForCausalLM", "OlmoeModel", "olmoe", Olmo::describeMoe),
          new Family("GraniteForCausalLM", "GraniteModel", "granite", Granite::describe),
          new Family(
              "GraniteMoeForCausalLM", "GraniteMoeModel", "granitemoe", Granite::describeMoe),
          new Family(
              "GraniteMoeSharedForCausalLM",
              "GraniteMoeSharedModel",
              "granitemoeshared",
              Granite::describeSharedMoe),
          new Family(
              "GraniteMoeHybridForCausalLM",
              "GraniteMoeHybridModel",
              "granitemoehybrid",
              Granite::describeHybrid),
          new Family("MiniCPMForCausalLM", "MiniCPMModel", "minicpm", Granite::describeMiniCpm),
          new Family("InternLM2ForCausalLM", "InternLM2Model", "internlm2", InternLm2::describe),
          new Family(
              "InternLM3ForCausalLM", "InternLM3Model", "internlm3", Llama::describeInternLm3),
          new Family("GPTNeoXForCausalLM", "GPTNeoXModel", "gpt_neox", GptNeoX::describe),
          new Family("GPT2LMHeadModel", "GPT2Model", "gpt2", Gpt2::describe),
          new Family(
              "GPTBigCodeForCausalLM", "GPTBigCodeModel", "gpt_bigcode", Gpt2::describeBigCode),
          new Family("GPTNeoForCausalLM", "GPTNeoModel", "gpt_neo", GptNeo::describe),
          new Family("GPTJForCausalLM", "GPTJModel", "gptj", GptJ::describe),
          new Family("OPTForCausalLM", "OPTModel", "opt", Opt::describe),
          new Family("BloomForCausalLM", "BloomModel", "bloom", Bloom::describe),
          new Family("FalconForCausalLM", "FalconModel", "falcon", Falcon::describe),
          new Family("MptForCausalLM", "MptModel", "mpt", Mpt::describe),
          new Family("StableLmForCausalLM", "StableLmModel", "stablelm", StableLm::describe),
          new Family(
              "Starcoder2ForCausalLM", "Starcoder2Model", "starcoder2", StarCoder2::describe),
          new Family("CohereForCausalLM", "CohereModel", "cohere", Cohere::describe),
          new Family("Cohere2ForCausalLM", "Cohere2Model", "cohere2", Cohere::describe2),
          new Family("GlmForCausalLM", "GlmModel", "glm", Glm::describe),
          new Family("Glm4ForCausalLM", "Glm4Model", "glm4", Glm::describe4),
          new Family("Glm4MoeForCausalLM", "Glm4MoeModel", "glm4_moe", Glm::describe4Moe),
          new Family(
              "Glm4MoeLiteForCausalLM",
              "Glm4MoeLiteModel",
              "glm4_moe_lite",
              DeepSeek::describeGlm4MoeLite),
          new Family(
              "DeepseekV2ForCausalLM", "DeepseekV2Model", "deepseek_v2", DeepSeek::describe2),
          new Family(
              "DeepseekV3ForCausalLM", "DeepseekV3Model", "deepseek_v3", DeepSeek::describe3),
          new Family("YoutuForCausalLM", "YoutuModel", "youtu", DeepSeek::describeYoutu),
          new Family("MiniCPM3ForCausalLM", "MiniCPM3Model", "minicpm3", DeepSeek::describeMiniCpm),
          new Family("Dots1ForCausalLM", "Dots1Model", "dots1", Glm::describeDots),
          new Family("GptOssForCausalLM", "GptOssModel", "gpt_oss", GptOss::describe),
          new Family("ExaoneForCausalLM", "ExaoneModel", "exaone", Exaone::describe3),
          new Family("Exaone4ForCausalLM", "Exaone4Model", "exaone4", Exaone::describe4),
          new Family("ArceeForCausalLM", "ArceeModel", "arcee", Llama::describeArcee),
          new Family("Ernie4_5ForCausalLM", "Ernie4_5Model", "ernie4_5", Ernie::describe),
          new Family("HeliumForCausalLM", "HeliumModel", "helium", Llama::describeHelium),
          new Family("SeedOssForCausalLM", "SeedOssModel", "seed_oss", Llama::describeSeedOss),
          new Family("NemotronForCausalLM", "NemotronModel", "nemotron", Nemotron::describe),
          new Family("CodeGenForCausalLM", "CodeGenModel", "codegen", GptJ::describeCodeGen),
          new Family("PersimmonForCausalLM", "PersimmonModel", "persimmon", Persimmon::describe),
          new Family(
              "HunYuanDenseV1ForCausalLM",
              "HunYuanDenseV1Model",
              "hunyuan_v1_dense",
              Hunyuan::describe),
          new Family(
              "HunYuanMoEV1ForCausalLM",
              "HunYuanMoEV1Model",
              "hunyuan_v1_moe",
              Hunyuan::describeMoe),
          new Family(
              "Ernie4_5_MoeForCausalLM", "Ernie4_5_MoeModel", "ernie4_5_moe", Ernie::describeMoe),
          new Family("MiniMaxM2ForCausalLM", "MiniMaxM2Model", "minimax_m2", MiniMax::describe2),
          new Family("CwmForCausalLM", "CwmModel", "cwm", Llama::describeCwm),
          new Family(
              "IQuestCoderForCausalLM", "IQuestCoderModel", "iquestcoder", Llama::describeIQuest),
          new Family("Jais2ForCausalLM", "Jais2Model", "jais2", Llama::describeJais2),
          new Family("FlexOlmoForCausalLM", "FlexOlmoModel", "flex_olmo", Olmo::describeFlex),
          new Family(
              "HyperCLOVAXForCausalLM", "HyperCLOVAXModel", "hyperclovax", Granite::describeClova),
          new Family("SolarOpenForCausalLM", "SolarOpenModel", "solar_open", Glm::describeSolar));

  /** Classes of models of images and text, whose text's part is read. */
  private static final Set<String> IMAGES_AND_TEXT =
      Set.of(
          "Gemma3ForConditionalGeneration",
          "Mistral3ForConditionalGeneration",
          "Qwen2VLForConditionalGeneration",
          "Qwen2_5_VLForConditionalGeneration",
          "Qwen3VLForConditionalGeneration");

  /** Types of such a text's part, and of whole configs where it is none by itself. */
  private static final Map<String, String> TEXT_TYPES =
      Map.of(
          "qwen2_vl", "qwen2",
          "qwen2_vl_text", "qwen2",
          "qwen2_5_vl", "qwen2",
          "qwen2_5_vl_text", "qwen2",
          "qwen3_vl_text", "qwen3");

  private Families() {}

  /**
   * All of them.
   *
   * @return the families, those that are most in use first
   */
  public static List<Family> all() {
    return ALL;
  }

  /**
   * Whether a config is of a model of images and text, of which the text's part alone is read.
   *
   * @param config a {@code config.json}
   * @return whether it is
   */
  public static boolean isOfImages(ConfigJson config) {
    return config.firstText(ARCHITECTURES).filter(IMAGES_AND_TEXT::contains).isPresent();
  }

  /**
   * The part of a config that is about text.
   *
   * @param config a {@code config.json}
   * @return the config itself, but of a model of images and text its {@code text_config}, if it has
   *     one
   * @throws CheckpointException if that is of another kind
   */
  public static ConfigJson text(ConfigJson config) {
    if (!isOfImages(config)) {
      return config;
    }
    return config.part("text_config", "tie_word_embeddings").orElse(config);
  }

  /**
   * Finds a config's family by {@code architectures[0]}, or else by {@code model_type}.
   *
   * @param config the config
   * @return the family
   * @throws CheckpointException if there is none
   */
  public static Family of(ConfigJson config) {
    Quantized.refuse(config);
    if (isOfImages(config)) {
      return ofType(text(config));
    }
    Optional<String> name = config.firstText(ARCHITECTURES);
    if (name.isPresent()) {
      return ALL.stream()
          .filter(family -> family.isNamed(name.get()))
          .findFirst()
          .orElseThrow(() -> unsupported(config, "architectures[0]", name.get()));
    }
    return ofType(config);
  }

  private static Family ofType(ConfigJson config) {
    String type =
        config
            .text("model_type")
            .orElseThrow(() -> refusal(config, "neither architectures nor model_type is given"));
    return ALL.stream()
        .filter(family -> family.modelType().equals(TEXT_TYPES.getOrDefault(type, type)))
        .findFirst()
        .orElseThrow(() -> unsupported(config, "model_type", type));
  }

  private static CheckpointException unsupported(ConfigJson config, String key, String value) {
    return refusal(config, lenientFormat("%s \"%s\" is not supported", key, value));
  }

  private static CheckpointException refusal(ConfigJson config, String problem) {
    return new CheckpointException(
        lenientFormat(
            "%s: %s; use a checkpoint of a supported architecture: %s",
            config.file(),
            problem,
            ALL.stream()
                .map(family -> family.architecture() + " (" + family.modelType() + ")")
                .collect(joining(", "))));
  }
}
