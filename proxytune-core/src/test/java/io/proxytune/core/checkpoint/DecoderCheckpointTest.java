package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderCheckpointTest {
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  @TempDir Path folder;

  @Test
  void bindsEveryTensorToItsPart() {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(new TinyLlama().write(folder));

    assertThat(checkpoint.all())
        .extracting(StoredTensor::name)
        .hasSize(21)
        .contains(EMBEDDING, "model.norm.weight", HEAD)
        .filteredOn(name -> name.startsWith("model.layers.1."))
        .extracting(name -> name.substring("model.layers.1.".length()))
        .containsExactly(
            "input_layernorm.weight",
            "self_attn.q_proj.weight",
            "self_attn.k_proj.weight",
            "self_attn.v_proj.weight",
            "self_attn.o_proj.weight",
            "post_attention_layernorm.weight",
            "mlp.gate_proj.weight",
            "mlp.up_proj.weight",
            "mlp.down_proj.weight");
    assertThat(checkpoint.folder().path()).isEqualTo(folder);
    assertThat(checkpoint.spec().layers().get(1).attention().kvHeads()).isEqualTo(2);
  }

  @Test
  void readsShardsAlike() {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(new TinyLlama().writeSharded(folder, 4));

    assertThat(checkpoint.all()).hasSize(21);
  }

  @Test
  void bindsBiases() {
    TinyLlama llama = new TinyLlama().config(c -> c.put("attention_bias", true));
    llama.config(c -> c.put("mlp_bias", true));
    for (int layer = 0; layer < 2; layer++) {
      addBiases(llama, "model.layers." + layer + ".");
    }

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.write(folder));

    assertThat(checkpoint.all()).hasSize(21 + 2 * 7);
    String bias = "model.layers.0.self_attn.k_proj.bias";
    assertThat(checkpoint.spec().layers().get(0).attention().key().bias()).contains(bias);
    assertThat(checkpoint.tensor(bias).shape()).isEqualTo(List.of(4L));
  }

  private static void addBiases(TinyLlama llama, String prefix) {
    llama.add(prefix + "self_attn.q_proj.bias", 8).add(prefix + "self_attn.k_proj.bias", 4);
    llama.add(prefix + "self_attn.v_proj.bias", 4).add(prefix + "self_attn.o_proj.bias", 8);
    llama.add(prefix + "mlp.gate_proj.bias", 12).add(prefix + "mlp.up_proj.bias", 12);
    llama.add(prefix + "mlp.down_proj.bias", 8);
  }

  @Test
  void tiesTheHeadToTheEmbedding() {
    TinyLlama llama = new TinyLlama().config(c -> c.put("tie_word_embeddings", true)).remove(HEAD);

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.write(folder));

    assertThat(checkpoint.spec().head().tied()).isTrue();
    assertThat(checkpoint.tensor(HEAD)).isSameAs(checkpoint.tensor(EMBEDDING));
    assertThat(checkpoint.all()).hasSize(20);
  }

  @Test
  void takesALoneTiedHeadForTheEmbedding() {
    TinyLlama llama =
        new TinyLlama().config(c -> c.put("tie_word_embeddings", true)).remove(EMBEDDING);

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.write(folder));

    assertThat(checkpoint.tensor(EMBEDDING).name()).isEqualTo(HEAD);
    assertThat(checkpoint.tensor(HEAD)).isSameAs(checkpoint.tensor(EMBEDDING));
  }

  @Test
  void bothNamesOfATiedPairGiveTheOneTensor() {
    TinyLlama llama = new TinyLlama().config(c -> c.put("tie_word_embeddings", true));

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.remove(EMBEDDING).write(folder));

    assertThat(checkpoint.spec().head().tied()).isTrue();
    assertThat(checkpoint.tensor(EMBEDDING)).isSameAs(checkpoint.tensor(HEAD));
    assertThat(checkpoint.tensor(HEAD).name()).isEqualTo(HEAD);
  }

  @Test
  void describesWhatItBinds() {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(new TinyLlama().write(folder));

    assertThat(checkpoint.spec().layers()).hasSize(2);
    assertThat(checkpoint.spec().linears())
        .hasSize(14)
        .allSatisfy(
            linear ->
                assertThat(checkpoint.tensor(linear.weight()).shape())
                    .containsExactly(linear.out(), linear.in()));
    assertThatThrownBy(() -> checkpoint.tensor("model.layers.2.mlp.up_proj.weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model.layers.2.mlp.up_proj.weight");
  }

  @Test
  void acceptsATiedHeadThatIsStoredTwice() {
    TinyLlama llama =
        new TinyLlama().config(c -> c.put("tie_word_embeddings", true)).copy(EMBEDDING, HEAD);

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.write(folder));

    assertThat(checkpoint.spec().head().tied()).isTrue();
    assertThat(checkpoint.tensor(HEAD)).isSameAs(checkpoint.tensor(EMBEDDING));
    assertThat(checkpoint.parameters()).isEqualTo(parametersWithout(128));
  }

  /** As transformers 5 does. */
  @Test
  void aStoredHeadThatDiffersCountsThoughTheFlagSaysTied() {
    TinyLlama llama = new TinyLlama().config(c -> c.put("tie_word_embeddings", true));

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.write(folder));

    assertThat(checkpoint.spec().head().tied()).isFalse();
    assertThat(checkpoint.tensor(HEAD).name()).isEqualTo(HEAD);
    assertThat(checkpoint.tensor(EMBEDDING).name()).isEqualTo(EMBEDDING);
    assertThat(checkpoint.parameters()).isEqualTo(parametersWithout(0));
  }

  @Test
  void refusesAnUntiedModelWithoutHead() {
    assertRefused(
        new TinyLlama().remove(HEAD),
        "no tensor \"lm_head.weight\"",
        folder.toString(),
        "set tie_word_embeddings to true");
  }

  @ParameterizedTest
  @ValueSource(strings = {EMBEDDING, "model.norm.weight", "model.layers.1.self_attn.v_proj.weight"})
  void refusesAMissingTensor(String name) {
    assertRefused(
        new TinyLlama().remove(name),
        folder + " has no tensor \"" + name + "\"",
        "num_hidden_layers 2",
        "download the missing weights");
  }

  @Test
  void refusesATiedModelWithoutEmbeddingAndHead() {
    assertRefused(
        new TinyLlama()
            .config(c -> c.put("tie_word_embeddings", true))
            .remove(EMBEDDING)
            .remove(HEAD),
        "no tensor \"" + EMBEDDING + "\"");
  }

  @Test
  void refusesAMissingBias() {
    assertRefused(
        new TinyLlama().config(c -> c.put("attention_bias", true)),
        "no tensor \"model.layers.0.self_attn.q_proj.bias\"",
        "attention_bias true");
  }

  @Test
  void refusesAConfigWithMoreLayersThanTheWeights() {
    assertRefused(
        new TinyLlama().config(c -> c.put("num_hidden_layers", Integer.MAX_VALUE)),
        "no tensor \"model.layers.2.input_layernorm.weight\"",
        "num_hidden_layers 2147483647");
  }

  @Test
  void passesOverWhatTheModelHasNoUseFor() {
    TinyLlama llama =
        new TinyLlama()
            .config(c -> c.put("num_hidden_layers", 1))
            .add("model.layers.0.self_attn.q_proj.bias", 8)
            .add("model.layers.0.self_attn.masked_bias", 1)
            .add("value_head.weight", 1, 8);

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.write(folder));

    assertThat(checkpoint.spec().layers()).hasSize(1);
    assertThat(checkpoint.spec().layers().get(0).attention().query().bias()).isEmpty();
    assertThat(checkpoint.all()).hasSize(12);
  }

  /** What transformers writes for a body alone, and what some tools write. */
  @ParameterizedTest
  @CsvSource({
    "'', lm_head.weight",
    "model.model., lm_head.weight",
    "model.model., model.lm_head.weight"
  })
  void acceptsNamesWithoutAndWithASecondPrefix(String prefix, String head) {
    TinyLlama llama = new TinyLlama();
    llama.rename(name -> name.equals(HEAD) ? head : name.replaceFirst("^model\\.", prefix));

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.write(folder));

    assertThat(checkpoint.all())
        .extracting(StoredTensor::name)
        .contains(HEAD, EMBEDDING, "model.layers.1.mlp.up_proj.weight", "model.norm.weight");
    assertThat(checkpoint.folder().tensors()).containsKey(EMBEDDING).hasSize(21);
  }

  @Test
  void acceptsABodyWhoseHeadIsTied() {
    TinyLlama llama = new TinyLlama().remove(HEAD);
    llama.config(
        c -> c.put("tie_word_embeddings", true).putArray("architectures").add("LlamaModel"));
    llama.rename(name -> name.replaceFirst("^model\\.", ""));

    assertThat(DecoderCheckpoint.open(llama.write(folder)).spec().head().tied()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"module.", "_orig_mod.", "_fsdp_wrapped_module.", "module._orig_mod."})
  void namesTheWrapperOfAModel(String prefix) {
    TinyLlama llama = new TinyLlama();
    llama.rename(name -> prefix + name);
    assertRefused(
        llama,
        "no tensor \"model.layers.0.input_layernorm.weight\"",
        prefix + "model.layers.0.input_layernorm.weight",
        "carry a prefix of what the model was wrapped in",
        "unwrap it before it is saved");
  }

  @Test
  void namesTheWrapperOfEachLayer() {
    TinyLlama llama = new TinyLlama();
    llama.rename(name -> name.replaceFirst("layers\\.(\\d)\\.", "layers.$1._fsdp_wrapped_module."));
    assertRefused(llama, "carry a prefix of what the model was wrapped in");
  }

  @Test
  void namesQuantizedWeights() {
    TinyLlama llama = new TinyLlama().add("model.layers.0.self_attn.q_proj.qweight", 1, 8);
    llama.remove("model.layers.0.self_attn.q_proj.weight");
    assertRefused(llama, "GPTQ, AWQ", "--quantize");
  }

  @Test
  void computesInF32WhereF64IsStored() throws IOException {
    new TinyLlama().write(folder);
    SafetensorsWriter writer = new SafetensorsWriter();
    SafetensorsFile.read(folder.resolve("model.safetensors"))
        .values()
        .forEach(
            t ->
                writer.add(
                    t.name(),
                    "F64",
                    new byte[(int) t.byteLength() * 2],
                    t.shape().stream().mapToLong(Long::longValue).toArray()));
    writer.write(folder.resolve("model.safetensors"));

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
    assertThat(checkpoint.storedDType()).isEqualTo(StoredType.F32);
    assertThat(checkpoint.bytesByDType()).containsOnlyKeys(StoredType.F64);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "vocab_size; 17; lm_head.weight|model.embed_tokens.weight; [vocab_size, hidden_size]",
        "intermediate_size; 13; mlp.gate_proj.weight; [intermediate_size, hidden_size]",
        "num_key_value_heads; 4; self_attn.k_proj.weight;"
            + " [num_key_value_heads * head_dim, hidden_size]",
        "head_dim; 4; self_attn.q_proj.weight; [num_attention_heads * head_dim, hidden_size]",
        "hidden_size; 16; input_layernorm.weight; [hidden_size]"
      })
  void refusesWrongShapes(String key, int value, String tensor, String keys) {
    TinyLlama llama = new TinyLlama().config(c -> c.put(key, value));
    assertThatThrownBy(() -> DecoderCheckpoint.open(llama.write(folder)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageFindingMatch(tensor)
        .hasMessageContainingAll(
            "model.safetensors", "must have shape", keys, "got [", "take the config.json");
  }

  @Test
  void refusesATransposedTensor() {
    assertRefused(
        new TinyLlama().add("model.layers.0.mlp.up_proj.weight", 8, 12),
        "tensor \"model.layers.0.mlp.up_proj.weight\"",
        "must have shape [12, 8]",
        "got [8, 12]");
  }

  @Test
  void refusesWeightsThatAreNotFloats() {
    new TinyLlama().remove("model.norm.weight").write(folder);
    SafetensorsWriter writer = new SafetensorsWriter();
    CheckpointFolder.open(folder)
        .tensors()
        .values()
        .forEach(
            t ->
                writer.add(
                    t.name(),
                    "F32",
                    new byte[(int) t.byteLength()],
                    t.shape().stream().mapToLong(Long::longValue).toArray()));
    writer
        .add("model.norm.weight", "I8", new byte[8], 8)
        .write(folder.resolve("model.safetensors"));

    assertThatThrownBy(() -> DecoderCheckpoint.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(
            "tensor \"model.norm.weight\"",
            "model.safetensors",
            "must have dtype F32, BF16, F16 or F64, got I8",
            "save the checkpoint in one of those");
  }

  @Test
  void ignoresRotaryBuffers() {
    TinyLlama llama = new TinyLlama().add("model.layers.0.self_attn.rotary_emb.inv_freq", 1);

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(llama.write(folder));

    assertThat(checkpoint.all()).hasSize(21);
    assertThat(checkpoint.parameters()).isEqualTo(parametersWithout(0));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "F16"})
  void countsParametersAndBytes(StoredType type) {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(new TinyLlama().type(type).write(folder));

    long bytes = parametersWithout(0) * type.bits() / 8;
    assertThat(checkpoint.parameters()).isEqualTo(parametersWithout(0));
    assertThat(checkpoint.storedDType()).isEqualTo(type);
    assertThat(checkpoint.storedBytes()).isEqualTo(bytes);
    assertThat(checkpoint.bytesByDType()).isEqualTo(Map.of(type, bytes));
  }

  @Test
  void acceptsMixedDtypes() {
    new TinyLlama().write(folder, name -> name.contains("norm") ? StoredType.F32 : StoredType.BF16);

    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);

    long normBytes = 5 * 8 * 4;
    long otherBytes = (parametersWithout(0) - 5 * 8) * 2;
    assertThat(checkpoint.storedDType()).isEqualTo(StoredType.BF16);
    assertThat(checkpoint.bytesByDType())
        .isEqualTo(Map.of(StoredType.F32, normBytes, StoredType.BF16, otherBytes));
  }

  private static long parametersWithout(long tied) {
    long layer = 8 + 64 + 32 + 32 + 64 + 8 + 3 * 96;
    return 128 + 2 * layer + 8 + 128 - tied;
  }

  private void assertRefused(TinyLlama llama, String... parts) {
    assertThatThrownBy(() -> DecoderCheckpoint.open(llama.write(folder)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(parts);
  }
}
