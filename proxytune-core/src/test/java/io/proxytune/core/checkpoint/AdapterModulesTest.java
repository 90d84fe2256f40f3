package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters of other modules than layers, and what changes a module whole. */
class AdapterModulesTest extends AdapterFixture {
  @Test
  void bindsAPairOfTheEmbedding() throws IOException {
    ((ArrayNode) config.get("target_modules")).add("embed_tokens");
    String module = "base_model.model.model.embed_tokens.";
    tensors.put(module + "lora_embedding_A", new long[] {2, 16});
    assertRefused("lora_embedding_A", "but not the lora_B that belongs to it");
    tensors.put(module + "lora_embedding_B", new long[] {8, 2});
    assertThat(bind().ofEmbedding().orElseThrow().b().shape()).containsExactly(8L, 2L);
    assertThat(bind().changesTables()).isTrue();
    tensors.put(module + "lora_embedding_B", new long[] {7, 2});
    assertRefused("of shape [7, 2], expected [8, 2]");
  }

  @Test
  void refusesAPairOfAnotherKindOfModule() {
    ((ArrayNode) config.get("target_modules")).add("embed_tokens");
    pair("model.embed_tokens", 2, 16, 8);
    assertRefused("there is no linear layer model.embed_tokens");
  }

  @Test
  void bindsMagnitudesOfDora() throws IOException {
    config.put("use_dora", true);
    for (String name : List.copyOf(tensors.keySet())) {
      if (name.contains("lora_A")) {
        tensors.put(name.replace("lora_A.weight", "lora_magnitude_vector"), new long[] {8});
      }
    }
    assertThat(bind().of(weight(1)).orElseThrow().magnitude()).isPresent();
    String one = "base_model.model." + query(1) + ".lora_magnitude_vector";
    tensors.put(one, new long[] {7});
    assertRefused(one, "of shape [7], expected [8]");
    tensors.put(one, new long[] {8});
    config.put("use_dora", false);
    assertRefused("does not ask for DoRA (use_dora)");
    tensors.put("base_model.model.lm_head.lora_magnitude_vector", new long[] {16});
    config.put("use_dora", true);
    assertRefused("lm_head", "but no lora_A and lora_B that it belongs to");
  }

  /** PEFT looks how names of modules end, dots or not. */
  @ParameterizedTest
  @ValueSource(strings = {"norm", "model.norm", "orm"})
  void bindsModulesThatAreSavedWhole(String name) throws IOException {
    config.putArray("modules_to_save").add(name).add("lm_head");
    tensors.put("base_model.model.lm_head.modules_to_save.default.weight", new long[] {16, 8});
    assertRefused("norm.weight whole (modules_to_save", "but has no tensor for it");
    tensors.put("base_model.model.model.norm.weight", new long[] {8});
    for (int layer = 0; layer < 2; layer++) {
      for (String norm : List.of("input_layernorm", "post_attention_layernorm")) {
        String whole = "model.layers." + layer + "." + norm + ".weight";
        if (!name.contains(".")) {
          tensors.put("base_model.model." + whole, new long[] {8});
        }
      }
    }
    LoraAdapter adapter = bind();
    assertThat(adapter.whole("model.norm.weight")).isPresent();
    assertThat(adapter.whole("lm_head.weight")).isPresent();
    assertThat(adapter.whole("model.embed_tokens.weight")).isEmpty();
    tensors.put("base_model.model.model.norm.weight", new long[] {9});
    assertRefused("of shape [9], expected [8]");
  }

  /** Then PEFT saves and adapts a tied head with the embedding, though nothing names it. */
  @Test
  void bindsAHeadThatIsKeptTied() throws IOException {
    model =
        DecoderCheckpoint.open(
            new TinyLlama()
                .config(c -> c.put("tie_word_embeddings", true))
                .remove("lm_head.weight")
                .write(Files.createDirectory(temp.resolve("tied"))));
    config.putArray("modules_to_save").add("embed_tokens");
    config.put("ensure_weight_tying", true);
    tensors.put("base_model.model.model.embed_tokens.weight", new long[] {16, 8});
    assertRefused("saves lm_head.weight whole", "but has no tensor for it");
    tensors.put("base_model.model.lm_head.weight", new long[] {16, 8});
    assertThat(bind().wholes()).hasSize(2);
    config.put("ensure_weight_tying", false);
    assertRefused("lm_head.weight", "though modules_to_save does not name it");
  }

  /** As transformers calls a model of images and text, and a head that is stored as another. */
  @Test
  void translatesTheNamesOfModules() {
    AdapterNames names =
        AdapterNames.of(
            List.of("model.language_model.layers.1.self_attn.q_proj", "lm_head"), model.spec());
    assertThat(names.own("model.language_model.layers.0.mlp.up_proj"))
        .isEqualTo("model.layers.0.mlp.up_proj");
    assertThat(names.own("model.language_model.embed_tokens")).isEqualTo("model.embed_tokens");
    assertThat(names.adapters("model.norm.weight")).isEqualTo("model.language_model.norm.weight");
    assertThat(names.own("model.lm_head.weight")).isEqualTo("lm_head.weight");
    AdapterNames other = new AdapterNames("", "", "lm_head", "embed_out");
    assertThat(other.own("lm_head.weight")).isEqualTo("embed_out.weight");
    assertThat(other.adapters("embed_out")).isEqualTo("lm_head");
    assertThat(other.own("lm_heads")).isEqualTo("lm_heads");
  }

  @Test
  void refusesAWholeWeightWithAPair() {
    config.putArray("modules_to_save").add("layers.0.mlp.down_proj");
    tensors.put("base_model.model.model.layers.0.mlp.down_proj.weight", new long[] {8, 12});
    assertRefused("has both a whole weight", "model.layers.0.mlp.down_proj");
  }

  @ParameterizedTest
  @ValueSource(strings = {"all", "lora_only"})
  void refusesBiasesThatTheModelLacks(String bias) {
    config.put("bias", bias);
    String name = "base_model.model." + query(0) + ".base_layer.bias";
    tensors.put(name, new long[] {8});
    assertRefused(name, "the model has no " + query(0) + ".bias");
  }

  @Test
  void advisesToUntieATiedModel() throws IOException {
    Path tied = Files.createDirectory(temp.resolve("tied"));
    model =
        DecoderCheckpoint.open(
            new TinyLlama()
                .config(c -> c.put("tie_word_embeddings", true))
                .remove("lm_head.weight")
                .write(tied));
    tensors.put("base_model.model.lm_head.weight", new long[] {16, 8});
    assertRefused("a whole weight that differs", "untie the model's head first");
  }
}
