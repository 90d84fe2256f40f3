package io.proxytune.core.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.core.files.Ticks;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/**
 * The files of a tokenizer, and chat templates. What opens encodes texts and decodes ids: a panic
 * of the native library would end the process.
 */
@Tag("fuzz")
class TokenizerFilesFuzzTest {
  private static final List<String> TEXTS =
      List.of(
          "a b é", "", "Hello, wörld! 123\n\t  x", "<s>[INST] hi </s>", "日本 \ud83d\ude00\u0301");

  @FuzzTest
  void tokenizer(FuzzedDataProvider data) throws IOException {
    Path folder = Whole.ROOT.resolve("tokenizer");
    JsonNode seed = Whole.TOKENIZERS.get(data.consumeInt(0, Whole.TOKENIZERS.size() - 1));
    int[] ids = {data.consumeInt(0, 300), data.consumeInt(0, Integer.MAX_VALUE), 0, 1, 2};
    String text = data.consumeString(30);
    Files.writeString(folder.resolve("tokenizer.json"), JsonMutator.text(data, seed));
    FuzzTally.judge(null, () -> use(CheckpointTokenizer.open(folder), text, ids));
  }

  private static void use(Tokenizer tokenizer, String text, int[] ids) {
    List<String> texts = new ArrayList<>(TEXTS);
    texts.add(text);
    for (String each : texts) {
      tokenizer.decode(tokenizer.encode(each, true), false);
      tokenizer.decode(tokenizer.encode(each, false), true);
    }
    tokenizer.decode(ids, true);
    tokenizer.decode(ids, false);
  }

  @FuzzTest
  void tokenizerConfig(FuzzedDataProvider data) throws IOException {
    Path folder = Whole.ROOT.resolve("config");
    JsonNode seed = Whole.CONFIGS.get(data.consumeInt(0, Whole.CONFIGS.size() - 1));
    String name = Whole.NAMES.get(data.consumeInt(0, Whole.NAMES.size() - 1));
    for (String other : Whole.NAMES) {
      Files.deleteIfExists(folder.resolve(other));
    }
    Files.writeString(folder.resolve(name), JsonMutator.text(data, seed));
    FuzzTally.judge(null, () -> useWithChat(CheckpointTokenizer.open(folder)));
  }

  private static void useWithChat(Tokenizer tokenizer) {
    use(tokenizer, "x", new int[] {3});
    if (tokenizer.hasChatTemplate()) {
      tokenizer.renderChat(MESSAGES, true, Map.of());
    }
  }

  private static final List<ChatMessage> MESSAGES =
      List.of(
          new ChatMessage("system", "Be brief."),
          new ChatMessage("user", "Why is the sky blue?"),
          new ChatMessage("assistant", "Light."),
          new ChatMessage("user", "Thanks"));

  /** Templates are text: what a grammar of snippets and bytes between them gives. */
  @FuzzTest
  void template(FuzzedDataProvider data) throws IOException {
    Path folder = Whole.ROOT.resolve("template");
    StringBuilder source = new StringBuilder();
    while (data.remainingBytes() > 0 && source.length() < 20_000) {
      source.append(
          data.consumeInt(0, 3) == 0
              ? data.consumeString(12)
              : Whole.SNIPPETS.get(data.consumeInt(0, Whole.SNIPPETS.size() - 1)));
    }
    Files.writeString(folder.resolve("chat_template.jinja"), source);
    FuzzTally.judge(
        "chat_template.jinja",
        () -> CheckpointTokenizer.open(folder).renderChat(MESSAGES, true, Map.of()));
  }

  /** The valid files that damage begins with. */
  private static final class Whole {
    private static final String CONFIG =
        """
        {"tokenizer_class": "LlamaTokenizerFast", "model_max_length": 4096, "add_bos_token": true,
         "add_eos_token": false, "add_prefix_space": null, "legacy": false,
         "clean_up_tokenization_spaces": false, "bos_token": "<s>", "eos_token": "</s>",
         "unk_token": {"__type": "AddedToken", "content": "<unk>", "lstrip": false,
          "normalized": false, "rstrip": false, "single_word": false},
         "pad_token": null, "additional_special_tokens": ["<|im_start|>"],
         "extra_special_tokens": {"think_token": "<think>"},
         "added_tokens_decoder": {"300": {"content": "<|im_end|>", "lstrip": false,
          "normalized": false, "rstrip": false, "single_word": false, "special": true}},
         "chat_template": "{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}"}
        """;

    static final Path ROOT = FuzzFolder.create("tokenizers");
    static final ObjectMapper JSON = new ObjectMapper();
    static final List<JsonNode> TOKENIZERS = new ArrayList<>();
    static final List<JsonNode> CONFIGS = new ArrayList<>();
    static final List<String> NAMES =
        List.of("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json");
    static final List<String> SNIPPETS =
        List.of(
            "{% for m in messages %}",
            "{% endfor %}",
            "{{ m.content }}",
            "{{ m['role'] }}",
            "{% if ",
            "{% elif ",
            "{% else %}",
            "{% endif %}",
            " %}",
            "}}",
            "{{ ",
            "{%- ",
            " -%}",
            "{% set x = ",
            "{% set ns = namespace(a=0) %}",
            "{% set ns.a = ",
            "ns.a",
            "x",
            "{% macro f(a, b=1) %}",
            "{% endmacro %}",
            "f(",
            ")",
            "(",
            "[",
            "]",
            "{'a': ",
            "}",
            " | length",
            " | trim",
            " | tojson",
            " | join(",
            " | sort",
            " | unique",
            " | list",
            " | map(attribute='content')",
            " | selectattr('role', 'equalto', 'user')",
            " | last",
            " | replace('a', 'b')",
            " | title",
            " | upper",
            " | round(",
            " | default(",
            " | int",
            " | sum(start=",
            " | reject(",
            " | items",
            " | dictsort",
            " | batch(3)",
            " | indent(",
            ".split(",
            ".strip()",
            ".startswith('a')",
            ".format(",
            " is defined",
            " is string",
            " is sameas none",
            " in ",
            " not in ",
            " and ",
            " or ",
            "not ",
            " == ",
            " < ",
            " + ",
            " - ",
            " * ",
            " ** ",
            " / ",
            " // ",
            " % ",
            " ~ ",
            "range(",
            "1",
            "-1",
            "10 ** 9",
            "1e308",
            "0",
            "''",
            "'a'",
            "'\\n'",
            "true",
            "none",
            "loop.index",
            "loop.last",
            ":",
            ", ",
            "messages",
            "messages[0]",
            "messages[1:]",
            "[::-1]",
            "cycler(",
            "joiner()",
            "raise_exception('no')",
            "strftime_now('%Y')",
            "{# ",
            " #}",
            "{% raw %}",
            "{% endraw %}",
            "{% generation %}",
            "{% endgeneration %}",
            "{% break %}",
            "{% continue %}",
            "{% filter upper %}",
            "{% endfilter %}",
            "{% call f() %}",
            "{% endcall %}",
            "bos_token",
            "lipsum()",
            "dict(",
            "self",
            "__class__");

    static {
      Ticks.none();
      try {
        for (String name : List.of("tokenizer", "config", "template")) {
          Files.createDirectory(ROOT.resolve(name));
        }
        for (String name : List.of("byte-level", "sentencepiece", "unigram", "word-piece")) {
          TOKENIZERS.add(JSON.readTree(text(name)));
        }
        CONFIGS.add(JSON.readTree(CONFIG));
        for (String folder : List.of("config", "template")) {
          Files.writeString(
              ROOT.resolve(folder).resolve("tokenizer.json"), TOKENIZERS.get(0).toString());
        }
        CONFIGS.add(
            JSON.readTree("{\"bos_token\": \"<s>\", \"pad_token\": {\"content\": \"[P]\"}}"));
        CONFIGS.add(JSON.readTree("{\"<extra>\": 500, \"[P]\": 501}"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static byte[] text(String tokenizer) throws IOException {
      String name = "/tokenizers/" + tokenizer + "/tokenizer.json";
      try (InputStream in = TokenizerFilesFuzzTest.class.getResourceAsStream(name)) {
        return in.readAllBytes();
      }
    }
  }
}
