package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.util.RawValue;
import io.proxytune.CheckpointException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationConfigTest {
  @TempDir Path folder;

  private GenerationConfig read(String eosInConfig) {
    TinyLlama llama = new TinyLlama();
    llama.config(config -> config.putRawValue("eos_token_id", new RawValue(eosInConfig)));
    return DecoderCheckpoint.open(llama.write(folder)).generation();
  }

  private void writeGeneration(String json) {
    TinyLlama.writeText(folder.resolve("generation_config.json"), json);
  }

  @Test
  void readsConfigWhereThereIsNoGenerationConfig() {
    assertThat(read("7").endOfTextIds()).containsExactly(7);
    assertThat(read("[15, 0]").endOfTextIds()).containsExactly(0, 15);
    assertThat(read("null").endOfTextIds()).isEmpty();
    assertThat(read("7").beginOfTextId()).contains(1);
  }

  @Test
  void prefersGenerationConfig() {
    writeGeneration("{\"eos_token_id\": [3, 4, 3], \"bos_token_id\": 5}");
    assertThat(read("7").endOfTextIds()).containsExactly(3, 4);
    assertThat(read("7").beginOfTextId()).contains(5);

    writeGeneration("{\"eos_token_id\": 6}");
    assertThat(read("7").endOfTextIds()).containsExactly(6);
    assertThat(read("7").beginOfTextId()).contains(1);
  }

  @Test
  void fallsBackForEachKey() {
    writeGeneration("{\"eos_token_id\": null}");
    assertThat(read("7").endOfTextIds()).containsExactly(7);
  }

  @Test
  void hasNoBosWhereNoneIsGiven() {
    new TinyLlama().config(config -> config.remove("bos_token_id")).write(folder);
    assertThat(DecoderCheckpoint.open(folder).generation().beginOfTextId()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"2\"", "2.5", "[[1]]", "true", "{}"})
  void refusesWhatIsNoId(String ids) {
    assertRefused(ids, "config.json");
    writeGeneration("{\"eos_token_id\": " + ids + "}");
    assertRefused("2", "generation_config.json");
  }

  /** They can't occur; -1 stands for none. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"16|", "-1|", "[1,16]|1", "[-1,2,99999999999999999999]|2", "[]|"})
  void leavesOutIdsOutsideTheVocabulary(String ids, @Nullable Integer left) {
    Set<Integer> expected = left == null ? Set.of() : Set.of(left);
    assertThat(read(ids).endOfTextIds()).isEqualTo(expected);
    writeGeneration("{\"eos_token_id\": " + ids + "}");
    assertThat(read("2").endOfTextIds()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"eos_token_id\": 2,\n", "{\"eos_token_id\": [2, ", "{\"eos"})
  void refusesBrokenJson(String text) {
    writeGeneration(text);
    assertThatThrownBy(() -> read("2"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(
            "generation_config.json",
            "is not valid JSON",
            "the text ends here, before the JSON does")
        .hasMessageNotContaining("Source");
  }

  private void assertRefused(String eosInConfig, String file) {
    assertThatThrownBy(() -> read(eosInConfig))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(folder.resolve(file).toString())
        .hasMessageContainingAll(
            "eos_token_id must be a token id or a list of them, got", "correct");
  }
}
