package io.proxytune.core.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.proxytune.Tokenizer;
import io.proxytune.VocabularyMismatchException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a server's tokenizer with ours, by texts: of several scripts, and of tokens from all
 * over the vocabulary. What counts is that an id means the same to both. Where they only split a
 * text otherwise, nothing is lost, since the server is sent ids.
 */
final class TokenizerCheck {
  private static final Logger logger = LoggerFactory.getLogger(TokenizerCheck.class);
  private static final int SAMPLES = 256;
  private static final int SHOWN_IDS = 12;
  private static final int SHOWN_CHARACTERS = 60;

  private static final List<String> TEXTS =
      List.of(
          "The capital of France is Paris, isn't it? In 1969, 3.14 + 10000 = 10003.14!",
          "def f(x):\n    return [i ** 2 for i in range(x)]\n\n\n# {\"a\": 1}\t// end",
          "L'été à Zürich: naïve façade, señor Ångström – Привет, мир! Καλημέρα. 你好,世界。 नमस्ते",
          "🙂 x² ≤ ½ “quoted”   three spaces");

  private final Endpoint endpoint;
  private final String model;
  private final Tokenizer tokenizer;

  private TokenizerCheck(Endpoint endpoint, String model, Tokenizer tokenizer) {
    this.endpoint = endpoint;
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /**
   * Refuses a server whose ids mean other tokens.
   *
   * @throws VocabularyMismatchException if they do
   */
  static void check(Endpoint endpoint, String model, Tokenizer tokenizer, int width) {
    TokenizerCheck check = new TokenizerCheck(endpoint, model, tokenizer);
    Stream.concat(TEXTS.stream(), Stream.of(samples(tokenizer, width))).forEach(check::checkText);
  }

  /** Tokens from all over the vocabulary, special ones and parts of characters aside. */
  private static String samples(Tokenizer tokenizer, int width) {
    int end = Math.min(width, tokenizer.vocabularySize());
    int count = Math.min(SAMPLES, end);
    return IntStream.range(0, count)
        .map(i -> (int) ((long) end * i / count))
        .filter(id -> !tokenizer.isSpecial(id))
        .mapToObj(id -> tokenizer.decode(new int[] {id}, true))
        .filter(text -> text.indexOf('\uFFFD') < 0)
        .collect(Collectors.joining(" "));
  }

  private void checkText(String text) {
    int[] ours = tokenizer.encode(text, false);
    int[] theirs = tokenized(text);
    if (Arrays.equals(ours, theirs)) {
      return;
    }
    String readBack = detokenized(ours);
    if (!readBack.strip().equals(text.strip())) {
      throw new VocabularyMismatchException(message(text, ours, theirs));
    }
    logger.info(
        "the server {} splits \"{}\" otherwise than the tokenizer given, into the same tokens'"
            + " texts; prompts are split as the tokenizer given does",
        endpoint,
        shortened(text));
  }

  private int[] tokenized(String text) {
    JsonNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("content", text)
            .put("add_special", false)
            .put("parse_special", true);
    JsonNode tokens = endpoint.post("/tokenize", body).path("tokens");
    return StreamSupport.stream(tokens.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private String detokenized(int[] ids) {
    ArrayNode tokens = JsonNodeFactory.instance.arrayNode();
    Arrays.stream(ids).forEach(tokens::add);
    JsonNode body = JsonNodeFactory.instance.objectNode().set("tokens", tokens);
    return endpoint.post("/detokenize", body).path("content").asText("");
  }

  private String message(String text, int[] ours, int[] theirs) {
    int mismatch = Math.max(0, Arrays.mismatch(ours, theirs));
    return String.format(
        "the vocabulary of %s at %s is another than the tokenizer's that was given: it reads \"%s\""
            + " as %s from token %d on, and the tokenizer as %s. Name the folder of a model with"
            + " the server's vocabulary",
        model, endpoint, shortened(text), shown(theirs, mismatch), mismatch, shown(ours, mismatch));
  }

  private static String shown(int[] ids, int from) {
    return Arrays.stream(ids)
        .skip(from)
        .limit(SHOWN_IDS)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", ids.length - from > SHOWN_IDS ? ", …]" : "]"));
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }
}
