package io.proxytune.core.fit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.checkpoint.TinyLlama;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** A checkpoint of a few kilobytes with a vocabulary of words. */
public final class TinyModel {
  public static final List<String> WORDS =
      List.of("<unk>", "<s>", "</s>", "the", "sky", "is", "blue");

  private static final ObjectMapper JSON = new ObjectMapper();

  private List<String> words = WORDS;
  private int width = WORDS.size();
  private int layers = 2;
  private int context = 64;
  private int end = 2;
  private boolean template;
  private boolean tokenizer = true;
  private boolean lowercase;
  private long seed = 7;

  /** Tokens by id; a word of {@link #WORDS} keeps its embedding wherever it stands. */
  public TinyModel words(List<String> given) {
    words = given;
    width = given.size();
    return this;
  }

  public TinyModel padded(int logits) {
    width = logits;
    return this;
  }

  public TinyModel layers(int count) {
    layers = count;
    return this;
  }

  TinyModel context(int tokens) {
    context = tokens;
    return this;
  }

  public TinyModel endsWith(int id) {
    end = id;
    return this;
  }

  TinyModel withTemplate() {
    template = true;
    return this;
  }

  TinyModel withoutTokenizer() {
    tokenizer = false;
    return this;
  }

  public TinyModel seed(long given) {
    seed = given;
    return this;
  }

  TinyModel lowercase() {
    lowercase = true;
    return this;
  }

  public Path write(Path folder) {
    try {
      Files.createDirectories(folder);
      TinyLlama llama = new TinyLlama();
      for (int layer = 2; layer < layers; layer++) {
        llama.addLayer(layer);
      }
      llama.add("model.embed_tokens.weight", width, 8).add("lm_head.weight", width, 8);
      llama.seed(seed);
      llama.moveRows("model.embed_tokens.weight", rows()).moveRows("lm_head.weight", rows());
      llama.config(
          config ->
              config
                  .put("vocab_size", width)
                  .put("num_hidden_layers", layers)
                  .put("max_position_embeddings", context)
                  .put("eos_token_id", end));
      llama.write(folder);
      if (tokenizer) {
        Files.writeString(folder.resolve("tokenizer.json"), JSON.writeValueAsString(tokenizer()));
      }
      if (template) {
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages[0].content }}");
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the rows of words go, and behind them those that nothing claims. */
  private int[] rows() {
    Set<Integer> rows = new LinkedHashSet<>();
    WORDS.stream().map(words::indexOf).filter(row -> row >= 0).forEach(rows::add);
    IntStream.range(0, width).forEach(rows::add);
    return rows.stream().mapToInt(Integer::intValue).toArray();
  }

  private ObjectNode tokenizer() {
    ObjectNode json = JSON.createObjectNode().put("version", "1.0");
    if (lowercase) {
      json.putObject("normalizer").put("type", "Lowercase");
    }
    json.putObject("pre_tokenizer").put("type", "Whitespace");
    ObjectNode model = json.putObject("model").put("type", "WordLevel").put("unk_token", "<unk>");
    ObjectNode vocabulary = model.putObject("vocab");
    words.forEach(word -> vocabulary.put(word, vocabulary.size()));
    for (String word : words) {
      if (word.startsWith("<")) {
        json.withArray("added_tokens")
            .addObject()
            .put("id", words.indexOf(word))
            .put("content", word)
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", true);
      }
    }
    return json;
  }
}
