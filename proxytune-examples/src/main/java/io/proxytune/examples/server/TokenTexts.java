package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.Detokenizer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How single tokens are written: as they read inside a text, with the blank that they begin with;
 * special tokens and pieces of a character as the vocabulary spells them.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
final class TokenTexts {
  private static final String REPLACEMENT = "\ufffd";

  private final Tokenizer tokenizer;
  private final Map<Integer, String> texts = new ConcurrentHashMap<>();

  TokenTexts(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The text of an id; ids without a token have their number. */
  String of(int id) {
    return texts.computeIfAbsent(id, this::text);
  }

  private String text(int id) {
    String text = tokenizer.isSpecial(id) ? "" : inside(id);
    return text.isEmpty() || text.contains(REPLACEMENT)
        ? tokenizer.token(id).orElse("<id " + id + ">")
        : text;
  }

  /** Behind another token, since decoders trim the beginning of a text. */
  private String inside(int id) {
    return new Detokenizer(tokenizer, tokenizer.encode("a", false)).add(id);
  }

  /** A token with its log-probability, as chats write it. */
  ObjectNode entry(int id, double logprob) {
    String text = of(id);
    ArrayNode bytes = JsonNodeFactory.instance.arrayNode();
    for (byte b : text.getBytes(UTF_8)) {
      bytes.add(b & 0xff);
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("token", text);
    json.put("logprob", finite(logprob)).set("bytes", bytes);
    return json;
  }

  /** JSON has no infinity; OpenAI writes this for a token that is all but impossible. */
  static double finite(double logprob) {
    return Double.isFinite(logprob) ? logprob : -9999.0;
  }
}
