package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.SharedData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedCheckpointsTest {
  @ParameterizedTest
  @CsvSource({
    "tinystories-656k, 656000, BF16, 2048, model.embed_tokens.weight",
    "tinystories-656k-f32-lmhead-only, 656000, F32, 2048, lm_head.weight",
    "stories-260k, 260032, F32, 512, model.embed_tokens.weight"
  })
  void opensRealCheckpoints(
      String name, long parameters, StoredType type, int vocabulary, String embedding) {
    DecoderCheckpoint checkpoint =
        DecoderCheckpoint.open(SharedData.require("checkpoints/" + name));

    assertThat(checkpoint.folder().name()).isEqualTo(name);
    assertThat(checkpoint.parameters()).isEqualTo(parameters);
    assertThat(checkpoint.storedDType()).isEqualTo(type);
    assertThat(checkpoint.spec().vocabulary()).isEqualTo(vocabulary);
    assertThat(checkpoint.spec().contextLength()).isEqualTo(512);
    assertThat(checkpoint.spec().layers().get(0).attention().kvHeads()).isEqualTo(4);
    assertThat(checkpoint.tensor("model.embed_tokens.weight").name()).isEqualTo(embedding);
    assertThat(checkpoint.spec().head().tied()).isTrue();
    assertThat(checkpoint.generation().endOfTextIds()).containsExactly(2);
    assertThat(checkpoint.generation().beginOfTextId()).contains(1);
  }
}
