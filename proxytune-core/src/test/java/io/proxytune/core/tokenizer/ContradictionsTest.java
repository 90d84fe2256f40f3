package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a config asks for that its tokenizer.json does not do. */
class ContradictionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "llama2 ! add_bos_token ! false ! add_bos_token=false, but tokenizer.json begins a text"
            + " with <s>",
        "llama2 ! add_eos_token ! true ! add_eos_token=true, but tokenizer.json does not end a text"
            + " with </s>",
        "llama3 ! add_bos_token ! false ! add_bos_token=false, but tokenizer.json begins a text"
            + " with <|begin_of_text|>",
        "gpt2 ! add_bos_token ! true ! add_bos_token=true, but tokenizer.json does not begin a text"
            + " with <|endoftext|>",
        "t5 ! add_eos_token ! false ! add_eos_token=false, but tokenizer.json ends a text with"
            + " </s>",
        "llama2 ! add_prefix_space ! false ! add_prefix_space=false, but tokenizer.json adds one",
        "mistral ! add_prefix_space ! false ! add_prefix_space=false, but tokenizer.json adds one",
        "neox ! add_prefix_space ! false ! add_prefix_space=false, but tokenizer.json adds one",
        "gpt2 ! add_prefix_space ! true ! add_prefix_space=true, but tokenizer.json does not add"
            + " one",
        "gpt2 ! split_special_tokens ! true ! split_special_tokens=true, but special tokens in a"
            + " text are kept whole"
      })
  void whatChangesIdsIsNamed(String name, String setting, boolean value, String expected)
      throws IOException {
    Contradictions found = contradictions(name, setting, value);
    assertThat(found.ids()).containsExactly(expected);
    assertThat(found.all()).contains(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "llama2,add_bos_token,true",
    "llama2,add_eos_token,false",
    "llama2,add_prefix_space,true",
    "gemma,add_prefix_space,false",
    "gpt2,add_bos_token,false",
    "gpt2,add_prefix_space,false",
    "t5,add_eos_token,true",
    "neox,add_prefix_space,true",
    "bert,clean_up_tokenization_spaces,true",
    "mistral,legacy,false",
    "llama2,legacy,true"
  })
  void whatAgreesIsNot(String name, String setting, boolean value) throws IOException {
    assertThat(contradictions(name, setting, value).all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"llama2,legacy,false", "gpt2,clean_up_tokenization_spaces,true"})
  void whatChangesNoIdIsNamedToo(String name, String setting, boolean value) throws IOException {
    Contradictions found = contradictions(name, setting, value);
    assertThat(found.ids()).isEmpty();
    assertThat(found.all()).singleElement().asString().startsWith(setting + "=" + value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama2", "bert"})
  void withoutSettingsNothingIs(String name) throws IOException {
    assertThat(contradictions(name, "other", true).all()).isEmpty();
  }

  private static Contradictions contradictions(String name, String setting, boolean value)
      throws IOException {
    Path folder = TokenizerFoldersTest.folder(name);
    ObjectNode config = JSON.createObjectNode().put(setting, value);
    return Contradictions.of(
        config, read(folder.resolve("tokenizer.json")), CheckpointTokenizer.open(folder));
  }

  private static JsonNode read(Path file) throws IOException {
    try {
      return JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
