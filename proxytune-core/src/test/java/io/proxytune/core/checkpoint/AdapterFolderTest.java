package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an adapter folder may hold, and what is said about the rest. */
class AdapterFolderTest extends AdapterFixture {

  @Test
  void bindsPairsToLayers() throws IOException {
    LoraAdapter adapter = bind();

    LoraTensors pair = adapter.of(weight(1)).orElseThrow();
    assertThat(pair.module()).isEqualTo("model.layers.1.self_attn.q_proj");
    assertThat(pair.a().shape()).containsExactly(2L, 8L);
    assertThat(pair.scale()).isEqualTo(3);
    assertThat(adapter.of(model.tensor("model.layers.0.self_attn.k_proj.weight"))).isEmpty();
    assertThat(adapter.ofHead()).isEmpty();
    assertThat(adapter.folder().name()).isEqualTo("adapter");
  }

  /** PEFT's own state dict names the adapter; some tools leave the wrapper's prefix out. */
  @ParameterizedTest
  @CsvSource({"base_model.model., .default", "'', ''", "'', .my-adapter"})
  void acceptsNamesWithAndWithoutAdapterAndPrefix(String prefix, String adapter)
      throws IOException {
    Map<String, long[]> renamed = new LinkedHashMap<>();
    tensors.forEach(
        (name, shape) ->
            renamed.put(
                name.replace("base_model.model.", prefix).replace(".weight", adapter + ".weight"),
                shape));
    tensors.clear();
    tensors.putAll(renamed);
    assertThat(bind().of(weight(0))).isPresent();
  }

  @Test
  void allLinearLeavesTheHeadOut() throws IOException {
    config.put("target_modules", "All-Linear");
    for (int layer = 0; layer < 2; layer++) {
      String at = "model.layers." + layer + ".";
      pair(at + "self_attn.k_proj", 2, 8, 4);
      pair(at + "self_attn.v_proj", 2, 8, 4);
      pair(at + "self_attn.o_proj", 2, 8, 8);
      pair(at + "mlp.gate_proj", 2, 8, 12);
      pair(at + "mlp.up_proj", 2, 8, 12);
    }
    assertThat(bind().folder().pairs()).hasSize(14);
    pair("lm_head", 2, 8, 16);
    assertRefused("does not target lm_head");
  }

  static Stream<Arguments> unsupported() {
    return Stream.of(
        Arguments.of("lora_bias", "true", "lora_bias"),
        Arguments.of("trainable_token_indices", "[1]", "trained tokens"),
        Arguments.of("target_parameters", "[\"x\"]", "target_parameters"),
        Arguments.of("layer_replication", "[[0, 1]]", "replicated layers"),
        Arguments.of("alora_invocation_tokens", "[1]", "activated LoRA"),
        Arguments.of("use_qalora", "true", "QALoRA"),
        Arguments.of("init_lora_weights", "\"pissa_niter_4\"", "pissa_niter_4"),
        Arguments.of("peft_type", "\"IA3\"", "PEFT's method IA3"));
  }

  @ParameterizedTest
  @MethodSource("unsupported")
  void refusesMoreThanLoraByName(String key, String value, String name) throws IOException {
    config.set(key, JSON.readTree(value));
    assertRefused("adapter_config.json asks for", name, "merge_and_unload");
  }

  @ParameterizedTest
  @CsvSource({
    "use_dora, false",
    "modules_to_save, []",
    "loftq_config, {}",
    "lora_dropout, 0.05",
    "trainable_token_indices, null",
    "fan_in_fan_out, true",
    "init_lora_weights, true"
  })
  void acceptsWhatChangesNothing(String key, String value) throws IOException {
    config.set(key, JSON.readTree(value));
    assertThat(bind().folder().pairs()).hasSize(4);
  }

  static Stream<Arguments> wrongSettings() {
    return Stream.of(
        Arguments.of("r", "0", "r must be an integer in [1"),
        Arguments.of("bias", "\"some\"", "bias must be one of none, lora_only and all"),
        Arguments.of("use_dora", "true", "but not the lora_magnitude_vector that belongs to it"),
        Arguments.of("modules_to_save", "[\"lm_head\"]", "saves lm_head.weight whole"),
        Arguments.of("r", "3", "must have 3 in dimension 0, the rank"),
        Arguments.of("lora_alpha", "\"6\"", "lora_alpha must be a finite number, got"),
        Arguments.of("rank_pattern", "{\"q_proj\": 1}", "must have 1 in dimension 0, the rank"),
        Arguments.of("rank_pattern", "{\"(\": 1}", "made of valid regular expressions"),
        Arguments.of("alpha_pattern", "{\"q_proj\": \"x\"}", "alpha_pattern.q_proj must be"),
        Arguments.of("target_modules", "null", "target_modules must be a list or a pattern"),
        Arguments.of("target_modules", "[7]", "target_modules must be a string"),
        Arguments.of("target_modules", "\"*\"", "made of valid regular expressions"),
        Arguments.of("target_modules", "[\"q_proj\"]", "does not target model.layers.0.mlp.down"),
        Arguments.of("target_modules", "[\"q_proj\", \"down_proj\", \"k_proj\"]", "no tensors for"),
        Arguments.of("layers_to_transform", "[0]", "does not target model.layers.1."),
        Arguments.of(
            "target_modules", "\".*(embed_tokens|[qn]_proj)\"", "targets model.embed_tokens"));
  }

  @ParameterizedTest
  @MethodSource("wrongSettings")
  void refusesSettingsThatAreWrongOrContradictTheTensors(String key, String value, String problem)
      throws IOException {
    config.set(key, JSON.readTree(value));
    assertRefused(problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora_A", "lora_B"})
  void refusesHalfAPair(String half) {
    String name = "base_model.model." + query(1) + "." + half + ".weight";
    tensors.remove(name);
    String other = half.equals("lora_A") ? "lora_B" : "lora_A";
    assertRefused(name.replace(half, other), "but not the " + half, "truncated or damaged");
  }

  @Test
  void refusesAPairThatFitsNoLayer() {
    pair("model.layers.2.self_attn.q_proj", 2, 8, 8);
    assertRefused("there is no linear layer model.layers.2.self_attn.q_proj", "trained on");
  }

  @Test
  void refusesAWrongShape() {
    tensors.put("base_model.model.model.layers.0.mlp.down_proj.lora_A.weight", new long[] {2, 8});
    assertRefused("of shape [2, 8], expected [2, 12]");
  }

  @ParameterizedTest
  @CsvSource({
    "base_model.model.model.norm.weight, does not ask for",
    "base_model.model.model.layers.0.self_attn.q_proj.bias, does not ask for",
    "base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias, is not of the form",
    "base_model.model.lm_head.weight, a whole weight that differs",
    "base_model.model.lm_head.base_layer.weight, a whole weight that differs"
  })
  void refusesOtherTensors(String name, String problem) {
    tensors.put(name, new long[] {16, 8});
    assertRefused(name, problem, "merge_and_unload");
  }

  @Test
  void refusesTwoAdaptersInOneFile() {
    tensors.put("base_model.model." + query(0) + ".lora_A.other.weight", new long[] {2, 8});
    assertRefused("two tensors for one place");
  }

  @Test
  void refusesNothingAtAll() {
    tensors.clear();
    config.putArray("target_modules").add("nothing");
    assertRefused("targets no linear layer");
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    Path weights = write().resolve("adapter_model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    for (int length : new int[] {0, 7, 100, bytes.length - 1}) {
      Files.write(weights, Arrays.copyOf(bytes, length));
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> AdapterFolder.open(weights.getParent()))
          .withMessageContaining(weights.toString())
          .withMessageContaining("truncated or damaged");
    }
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    Path folder = write();
    Files.delete(folder.resolve("adapter_model.safetensors"));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> AdapterFolder.open(folder))
        .withMessageContaining("has no adapter_model.safetensors; download it");
    Files.createFile(folder.resolve("adapter_model.bin"));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> AdapterFolder.open(folder))
        .withMessageContaining("safe_serialization=True");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> AdapterFolder.open(temp))
        .withMessageContaining("has no adapter_config.json");
  }

  @Test
  void findsItsModelFromItsOwnFolder() throws IOException {
    config.put("base_model_name_or_path", "../m");
    AdapterFolder adapter = AdapterFolder.open(write());
    assertThat(adapter.baseFolder()).isEqualTo(temp.resolve("m"));
    config.put("base_model_name_or_path", temp.resolve("m").toString());
    assertThat(AdapterFolder.open(write()).baseFolder()).isEqualTo(temp.resolve("m"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"meta-llama/Llama-2-7b-hf", "nul\0", " ", ""})
  void saysWhatToDoWithoutItsModel(String name) throws IOException {
    config.put("base_model_name_or_path", name);
    AdapterFolder adapter = AdapterFolder.open(write());
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(adapter::baseFolder)
        .withMessageContaining(name.strip().replace("\0", "\\u0000"))
        .withMessageContaining("LoadOptions.withAdapter");
  }

  @Test
  void acceptsAnAlphaOfZeroAndBelow() throws IOException {
    config.put("lora_alpha", 0).putObject("alpha_pattern").put("down_proj", -4);
    LoraAdapter adapter = bind();
    assertThat(adapter.of(weight(0)).orElseThrow().scale()).isZero();
    StoredTensor down = model.tensor("model.layers.0.mlp.down_proj.weight");
    assertThat(adapter.of(down).orElseThrow().scale()).isEqualTo(-2);
  }

  @Test
  void findsTheModelOfAnAdapterThatALinkLeadsTo() throws IOException {
    config.put("base_model_name_or_path", "../m");
    Path link = Files.createDirectories(temp.resolve("far/away")).resolve("link");
    Files.createSymbolicLink(link, write());
    AdapterFolder adapter = AdapterFolder.open(link);
    assertThat(adapter.baseFolder()).isEqualTo(temp.toRealPath().resolve("m"));
    assertThat(adapter.name()).isEqualTo("link");
    assertThat(LoraAdapter.bind(adapter, model).of(weight(0))).isPresent();
  }

  /** Beside the link counts, too. */
  @Test
  void findsTheModelBesideALink() throws IOException {
    config.put("base_model_name_or_path", "../own");
    Path own = Files.createDirectories(temp.resolve("far/own"));
    Path link = temp.resolve("far/link");
    Files.createSymbolicLink(link, write());
    assertThat(AdapterFolder.open(link).baseFolder()).isEqualTo(own.toAbsolutePath());
  }

  @Test
  void namesAnAdapterOfMlx() throws IOException {
    config.removeAll().put("fine_tune_type", "lora").put("num_layers", 2);
    config.putObject("lora_parameters").put("rank", 4).put("scale", 20.0);
    assertRefused("adapter of mlx-lm", "mlx_lm fuse");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "ADAPTION_PROMPT", "CPT"})
  void advisesNoMergeWherePeftHasNone(String method) {
    config.put("peft_type", method);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(this::bind)
        .withMessageContainingAll("PEFT's method " + method, "train a LoRA adapter")
        .withMessageNotContaining("merge_and_unload");
  }

  @Test
  void advisesToUntieBeforeAMergeThatChangesTheEmbedding() {
    config.putArray("trainable_token_indices").add(1);
    assertRefused("trained tokens", "untie the model's head first", "merge_and_unload");
  }

  /** Before all names, within them, or between a layer and its pair. */
  @ParameterizedTest
  @ValueSource(strings = {"module.", "_orig_mod.", "_fsdp_wrapped_module.", "module._orig_mod."})
  void namesTheWrapperOfTheModel(String prefix) {
    Map<String, long[]> plain = new LinkedHashMap<>(tensors);
    for (String before : List.of("base_model.", "model.layers.", "lora_")) {
      tensors.clear();
      plain.forEach((name, shape) -> tensors.put(name.replace(before, prefix + before), shape));
      assertRefused(prefix + before, "carry a prefix of what the model was wrapped in");
      assertThatExceptionOfType(CheckpointException.class)
          .as("without a model, as inspect reads it")
          .isThrownBy(() -> AdapterFolder.open(temp.resolve("adapter")))
          .withMessageContaining("carry a prefix");
    }
  }
}
