package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.common.collect.ImmutableMap;
import io.proxytune.ChatMessage;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files of a folder count, and what is said of those that are broken or missing. */
class TokenizerFilesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "config.json",
        "chat_template.jinja",
        "chat_template.json",
        "additional_chat_templates",
        "chat_templates"
      })
  void aLinkThatLeadsNowhereIsRefusedByName(String name) throws IOException {
    byteLevel();
    Files.deleteIfExists(folder.resolve(name));
    link(folder.resolve(name), folder.resolve("blobs/0a1b2c"));
    assertRefused(name, "a link that leads nowhere");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "chat_template.jinja"
      })
  void whatIsNoFileIsRefusedByName(String name) throws IOException {
    byteLevel();
    Files.deleteIfExists(folder.resolve(name));
    Files.createDirectory(folder.resolve(name));
    assertRefused(name, "must be a file, got a folder");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "chat_template.jinja"
      })
  void aDeviceIsNotRead(String name) throws IOException {
    byteLevel();
    Files.deleteIfExists(folder.resolve(name));
    Path device = Path.of("/dev/zero");
    if (!Files.exists(device)) {
      abort("needs /dev/zero");
    }
    link(folder.resolve(name), device);
    assertRefused(name, "a special file");
  }

  @Test
  void aTemplateMayStandInAFolderOfTemplates() throws IOException {
    byteLevel();
    Path templates = Files.createDirectory(folder.resolve("additional_chat_templates"));
    Files.writeString(templates.resolve("default.jinja"), "one {{ messages[0].content }}");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": \"no\"}");
    assertThat(render()).isEqualTo("one hi");
    Files.writeString(folder.resolve("chat_template.jinja"), "two {{ messages[0].content }}");
    assertThat(render()).isEqualTo("two hi");
  }

  @Test
  void namedTemplatesMayBeAnObject() throws IOException {
    byteLevel();
    config(
        "{\"chat_template\": {\"tool_use\": \"no\", \"default\": \"{{ messages[0].content }}\"}}");
    assertThat(render()).isEqualTo("hi");
  }

  @Test
  void numbersMayBeEndless() throws IOException {
    byteLevel();
    config(
        "{\"bos_token\": \"<s>\", \"model_max_length\": Infinity, \"x\": -Infinity, \"y\": NaN}");
    assertThat(open().namedTokens()).containsEntry("bos_token", "<s>");
    config("{\"bos_token\": \"<s>\", \"model_max_length\": 1e30}");
    assertThat(open().namedTokens()).containsEntry("bos_token", "<s>");
    config("{\"bos_token\": \"<s>\", \"model_max_length\": 1000000000000000019884624838656}");
    assertThat(open().namedTokens()).containsEntry("bos_token", "<s>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"bos_token\": 5} | bos_token | a token",
        "{\"bos_token\": {\"text\": \"<s>\"}} | bos_token | a token",
        "{\"pad_token\": {\"content\": \"p\", \"lstrip\": 1}} | pad_token | true or false as"
            + " lstrip",
        "{\"added_tokens_decoder\": {\"x\": {\"content\": \"t\"}}} | added_tokens_decoder.x | an"
            + " id",
        "{\"added_tokens_decoder\": {\"-1\": {\"content\": \"t\"}}} | added_tokens_decoder.-1 | an"
            + " id",
        "{\"added_tokens_decoder\": {\"99999999\": {\"content\": \"t\"}}} | added_tokens_decoder |"
            + " an id",
        "{\"added_tokens_decoder\": {\"400\": {\"content\": 7}}} | added_tokens_decoder.400 | a"
            + " token",
        "{\"added_tokens_decoder\": {\"400\": \"\", \"401\": []}} | added_tokens_decoder.401 | a"
            + " token",
        "{\"added_tokens_decoder\": [\"t\"]} | added_tokens_decoder | an object of tokens",
        "{\"extra_special_tokens\": 3} | extra_special_tokens | a list of tokens",
        "{\"extra_special_tokens\": [3]} | extra_special_tokens | a token",
        "{\"extra_special_tokens\": {\"image_token\": 3}} | extra_special_tokens.image_token | a"
            + " token",
        "{\"additional_special_tokens\": \"<x>\"} | additional_special_tokens | a list of tokens"
      })
  void whatDeclaresNoTokenIsRefusedByItsEntry(String json, String entry, String expected)
      throws IOException {
    byteLevel();
    config(json);
    assertThatThrownBy(this::open)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("tokenizer_config.json", entry, expected);
  }

  @Test
  void anIdInAddedTokensIsAnId() throws IOException {
    byteLevel();
    Files.writeString(folder.resolve("added_tokens.json"), "{\"<x>\": \"seven\"}");
    assertThatThrownBy(this::open)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("added_tokens.json", "<x>", "an id from 0", "seven");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokenizer.model |  | LlamaTokenizerFast.from_pretrained | sentencepiece protobuf",
        "spiece.model |  | AutoTokenizer.from_pretrained | sentencepiece protobuf",
        "vocab.json |  | GPT2TokenizerFast.from_pretrained | pip install transformers",
        "vocab.json | Qwen2Tokenizer | AutoTokenizer.from_pretrained | pip install transformers",
        "vocab.txt |  | BertTokenizerFast.from_pretrained | pip install transformers",
        "tekken.json |  | PreTrainedTokenizerFast.from_pretrained | mistral-common"
      })
  void anotherFormatIsNamedWithTheWayToConvertIt(
      String file, String type, String command, String packages) throws IOException {
    Files.writeString(folder.resolve(file), "\n\u000e");
    if (type != null) {
      config("{\"tokenizer_class\": \"" + type + "\"}");
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has no tokenizer.json, the only tokenizer format that is read")
        .hasMessageContainingAll(", but " + file + ": make one with Python", command, packages)
        .hasMessageContaining(".save_pretrained(r'" + folder.toAbsolutePath() + "')");
    assertThat(CheckpointTokenizer.find(folder)).isEmpty();
  }

  @Test
  void aListOfTiktokensLacksSpecialTokens() throws IOException {
    Files.writeString(folder.resolve("tokenizer.model"), "IQ== 0\nIg== 1\n");
    assertThatThrownBy(() -> CheckpointTokenizer.require(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("tokenizer.model", "tiktoken", "download tokenizer.json");
  }

  @Test
  void nothingAtAllIsToBeDownloaded() {
    assertThatThrownBy(() -> CheckpointTokenizer.require(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(folder.toString(), "has no tokenizer.json", "download it");
    assertThat(CheckpointTokenizer.find(folder)).isEmpty();
  }

  /** A folder whose declarations are drawn says of each token what its text is read as. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void declaredTokensAreSingleTokensWhereverTheyStand(int seed) throws IOException {
    byteLevel();
    Random random = new Random(seed);
    List<String> tokens =
        IntStream.range(0, 12).mapToObj(i -> "<|" + (char) ('a' + i) + i + "|>").toList();
    Map<Integer, String> ids = declare(tokens, random);
    CheckpointTokenizer tokenizer = open();
    assertThat(tokenizer.vocabularySize()).isEqualTo(345 + tokens.size());
    ids.forEach((id, token) -> assertThat(tokenizer.token(id)).contains(token));
    List<String> words = List.of("the sun", " ", "\n", "<|", "|>", "🙂", "x");
    for (int i = 0; i < 50; i++) {
      int[] expected = new int[0];
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(8); j > 0; j--) {
        String word = words.get(random.nextInt(words.size()));
        String token = tokens.get(random.nextInt(tokens.size()));
        text.append(word).append(token);
        expected =
            joined(expected, tokenizer.encode(word, false), tokenizer.id(token).orElseThrow());
      }
      assertThat(tokenizer.encode(text.toString(), false)).as("%s", text).isEqualTo(expected);
      assertThat(tokenizer.decode(expected, false)).isEqualTo(text.toString());
    }
  }

  /** Spreads tokens over the files that may declare them; the ids are those of the tail. */
  private Map<Integer, String> declare(List<String> tokens, Random random) throws IOException {
    int listed = random.nextInt(6);
    StringBuilder decoder = new StringBuilder();
    ImmutableMap.Builder<Integer, String> ids = ImmutableMap.builder();
    for (int i = 0; i < tokens.size(); i++) {
      ids.put(345 + i, tokens.get(i));
      if (i < listed) {
        decoder.append(
            String.format(
                "%s\"%d\": {\"content\": \"%s\", \"special\": %s, \"normalized\": false}",
                i == 0 ? "" : ", ", 345 + i, tokens.get(i), random.nextBoolean()));
      }
    }
    String role = "\"pad_token\": \"" + tokens.get(listed) + "\"";
    String own = "\"think_token\": \"" + tokens.get(listed + 1) + "\"";
    String extra =
        "\"extra_special_tokens\": [\""
            + String.join("\", \"", tokens.subList(listed + 2, tokens.size()))
            + "\"]";
    config(
        "{" + role + ", " + own + ", " + extra + ", \"added_tokens_decoder\": {" + decoder + "}}");
    return ids.buildOrThrow();
  }

  private static int[] joined(int[] first, int[] second, int last) {
    int[] all = Arrays.copyOf(first, first.length + second.length + 1);
    System.arraycopy(second, 0, all, first.length, second.length);
    all[all.length - 1] = last;
    return all;
  }

  private void assertRefused(String name, String why) {
    assertThatThrownBy(this::open)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(folder.resolve(name).toString())
        .hasMessageContaining(why);
  }

  private CheckpointTokenizer open() {
    return CheckpointTokenizer.open(folder);
  }

  private String render() {
    return open().renderChat(List.of(ChatMessage.user("hi")), true, Map.of());
  }

  private void byteLevel() throws IOException {
    Path source = TestTokenizers.folder("byte-level").resolve("tokenizer.json");
    Files.copy(Objects.requireNonNull(source), folder.resolve("tokenizer.json"));
  }

  private void config(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer_config.json"), json);
  }

  private static void link(Path link, Path target) {
    try {
      Files.createSymbolicLink(link, target);
    } catch (IOException | UnsupportedOperationException e) {
      abort("this machine makes no links: " + e);
    }
  }
}
