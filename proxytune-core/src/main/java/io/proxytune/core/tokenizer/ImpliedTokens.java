package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import io.proxytune.core.files.JsonOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The special tokens that a checkpoint has by its tokenizer's class alone, such as {@code <s>} of a
 * {@code LlamaTokenizer}. Which class that is follows {@code AutoTokenizer}; the table is made by
 * {@code make_tokenizer_classes.py}.
 */
final class ImpliedTokens {
  private static final Supplier<JsonNode> TABLE = Suppliers.memoize(ImpliedTokens::table);
  private static final String LLAMA = "LlamaTokenizer";

  /** A tokenizer that is what its files say. */
  private static final String NO_CLASS = "TokenizersBackend";

  private ImpliedTokens() {}

  private static JsonNode table() {
    try (InputStream in = ImpliedTokens.class.getResourceAsStream("tokenizer-classes.json")) {
      return JsonOutput.mapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The tokens by their roles.
   *
   * @param tokenizerConfig {@code tokenizer_config.json}, or a missing node
   * @param modelConfig {@code config.json}, or a missing node
   * @param byteLevel whether {@code tokenizer.json} spells tokens in bytes
   * @return an object such as {@code {"bos_token": "<s>"}}; null is a role that stays without one
   */
  static ObjectNode of(JsonNode tokenizerConfig, JsonNode modelConfig, boolean byteLevel) {
    String model = modelConfig.path("model_type").asText();
    String declared =
        className(
            tokenizerConfig.path("tokenizer_class").isTextual() ? tokenizerConfig : modelConfig);
    JsonNode tokens = TABLE.get().path("classes").path(resolve(declared, model, byteLevel));
    ObjectNode own = JsonNodeFactory.instance.objectNode();
    tokens.properties().forEach(token -> own.set(token.getKey(), token.getValue()));
    return own;
  }

  private static String className(JsonNode config) {
    String name = config.path("tokenizer_class").asText("");
    return name.endsWith("Fast") ? name.substring(0, name.length() - "Fast".length()) : name;
  }

  private static String resolve(String declared, String model, boolean byteLevel) {
    String registered = TABLE.get().path("models").path(model).asText("");
    if (declared.isEmpty() || overrules(model)) {
      return registered;
    }
    // Llama 3's kind: files that declare this class, but are byte-level, are of no class.
    if (declared.equals(LLAMA) && byteLevel) {
      return NO_CLASS;
    }
    return registered.equals(NO_CLASS) ? NO_CLASS : declared;
  }

  /** Whether checkpoints of this model are known to declare a wrong class. */
  private static boolean overrules(String model) {
    for (JsonNode other : TABLE.get().path("models_that_overrule")) {
      if (other.asText().equals(model)) {
        return true;
      }
    }
    return false;
  }
}
