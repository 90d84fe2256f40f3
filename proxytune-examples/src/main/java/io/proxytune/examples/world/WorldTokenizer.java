package io.proxytune.examples.world;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The tokenizer of the world in Hugging Face's formats: one token a word, and one a punctuation
 * mark. A word's token carries the blank before it, as in SentencePiece, so that ids turn back into
 * plain English.
 *
 * @param tokens all tokens, each at its id; the special ones are the first
 */
record WorldTokenizer(List<String> tokens) {
  static final String UNKNOWN = "<unk>";
  static final String BEGIN = "<s>";
  static final String END = "</s>";
  static final String USER = "<|user|>";
  static final String ASSISTANT = "<|assistant|>";

  /** The template that tuned models use; a model that was never tuned has none. */
  static final String CHAT_TEMPLATE =
      "{{ bos_token }}{% for message in messages %}"
          + "{% if message['role'] == 'user' %}{{ '<|user|>' + message['content'] }}"
          + "{% elif message['role'] == 'assistant' %}"
          + "{{ '<|assistant|>' + message['content'] + eos_token }}"
          + "{% else %}{{ raise_exception('The roles are user and assistant, got '"
          + " + message['role']) }}{% endif %}"
          + "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

  static final List<String> SPECIAL = List.of(UNKNOWN, BEGIN, END, USER, ASSISTANT);
  private static final String PUNCTUATION = ".,?!";
  static final Splitter WORDS = Splitter.on(CharMatcher.whitespace()).omitEmptyStrings();
  static final String BLANK = "\u2581";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** The tokenizer that knows all the words of these texts. */
  static WorldTokenizer of(List<String> documents) {
    TreeSet<String> words = new TreeSet<>();
    documents.forEach(document -> words.addAll(split(document)));
    List<String> tokens = new ArrayList<>(SPECIAL);
    tokens.addAll(words);
    return new WorldTokenizer(List.copyOf(tokens));
  }

  /** The tokens of a text, as the tokenizer would split it. */
  static List<String> split(String text) {
    List<String> tokens = new ArrayList<>();
    for (String word : WORDS.splitToList(text)) {
      int end = word.length();
      while (end > 0 && PUNCTUATION.indexOf(word.charAt(end - 1)) >= 0) {
        end--;
      }
      tokens.add(BLANK + word.substring(0, end));
      word.substring(end).chars().forEach(mark -> tokens.add(Character.toString(mark)));
    }
    return tokens;
  }

  ObjectNode tokenizerJson() {
    ObjectNode json = frame(preTokenizer());
    ObjectNode model = json.putObject("model").put("type", "WordLevel");
    ObjectNode vocabulary = model.putObject("vocab");
    tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
    model.put("unk_token", UNKNOWN);
    return json;
  }

  /** All but the model. */
  static ObjectNode frame(ObjectNode preTokenizer) {
    ObjectNode json = JSON.objectNode().put("version", "1.0");
    json.putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    for (int id = 0; id < SPECIAL.size(); id++) {
      added.add(special(id));
    }
    json.set("normalizer", JSON.objectNode().put("type", "Strip").put("strip_left", true));
    ((ObjectNode) json.get("normalizer")).put("strip_right", true);
    json.set("pre_tokenizer", preTokenizer);
    json.set("post_processor", beginning());
    json.set("decoder", blanks());
    return json;
  }

  private static ObjectNode special(int id) {
    return JSON.objectNode()
        .put("id", id)
        .put("content", SPECIAL.get(id))
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
  }

  private static ObjectNode preTokenizer() {
    ObjectNode json = JSON.objectNode().put("type", "Sequence");
    json.putArray("pretokenizers")
        .add(blanks())
        .add(JSON.objectNode().put("type", "Punctuation").put("behavior", "Isolated"));
    return json;
  }

  static ObjectNode blanks() {
    return JSON.objectNode()
        .put("type", "Metaspace")
        .put("replacement", BLANK)
        .put("prepend_scheme", "always")
        .put("split", true);
  }

  /** Every text begins with the begin token. */
  private static ObjectNode beginning() {
    ObjectNode json = JSON.objectNode().put("type", "TemplateProcessing");
    json.putArray("single").add(piece("SpecialToken", BEGIN, 0)).add(piece("Sequence", "A", 0));
    json.putArray("pair")
        .add(piece("SpecialToken", BEGIN, 0))
        .add(piece("Sequence", "A", 0))
        .add(piece("Sequence", "B", 1));
    ObjectNode begin = json.putObject("special_tokens").putObject(BEGIN).put("id", BEGIN);
    begin.putArray("ids").add(SPECIAL.indexOf(BEGIN));
    begin.putArray("tokens").add(BEGIN);
    return json;
  }

  private static ObjectNode piece(String kind, String id, int type) {
    ObjectNode json = JSON.objectNode();
    json.putObject(kind).put("id", id).put("type_id", type);
    return json;
  }

  static ObjectNode tokenizerConfig(int contextLength) {
    return JSON.objectNode()
        .put("tokenizer_class", "PreTrainedTokenizerFast")
        .put("bos_token", BEGIN)
        .put("eos_token", END)
        .put("unk_token", UNKNOWN)
        .put("clean_up_tokenization_spaces", false)
        .put("model_max_length", contextLength);
  }

  static ObjectNode generationConfig() {
    return JSON.objectNode()
        .put("bos_token_id", SPECIAL.indexOf(BEGIN))
        .put("eos_token_id", SPECIAL.indexOf(END));
  }
}
