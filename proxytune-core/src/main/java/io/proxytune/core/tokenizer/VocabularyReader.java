package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.tokenizer.DeclaredTokens.Numbered;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the vocabulary of one {@code tokenizer.json}, with the tokens that other files declare. */
final class VocabularyReader {
  private static final Logger logger = LoggerFactory.getLogger(VocabularyReader.class);

  private final Path file;
  private final TokenNumbers numbers;
  private final List<ObjectNode> added = new ArrayList<>();
  private final Map<String, ObjectNode> byContent = new HashMap<>();
  private boolean changed;

  private VocabularyReader(Path file, JsonNode tokenizer) {
    this.file = file;
    numbers = TokenNumbers.ofModel(file, tokenizer.path("model").path("vocab"));
  }

  /**
   * A tokenizer that holds all of its tokens.
   *
   * @param json its {@code tokenizer.json}
   * @param vocabulary its vocabulary
   */
  record Complete(JsonNode json, Vocabulary vocabulary) {}

  /**
   * Reads the vocabulary.
   *
   * @param file the {@code tokenizer.json}, for messages
   * @param tokenizer its root
   * @param declared what other files declare
   * @return the tokenizer with all of its tokens
   * @throws io.proxytune.CheckpointException if there is no vocabulary, or an id is none
   */
  static Complete read(Path file, JsonNode tokenizer, List<Numbered> declared) {
    VocabularyReader reader = new VocabularyReader(file, tokenizer);
    reader.readAddedTokens(tokenizer.path("added_tokens"));
    reader.numbers.beginFile();
    declared.stream().filter(d -> !d.token().content().isEmpty()).forEach(reader::add);
    reader.sort();
    JsonNode json = reader.changed ? reader.merged(tokenizer) : tokenizer;
    Vocabulary vocabulary = new Vocabulary(reader.numbers.ids(), reader.special());
    return new Complete(json, vocabulary);
  }

  private void readAddedTokens(JsonNode tokens) {
    numbers.beginFile();
    for (JsonNode token : tokens) {
      String content = Objects.requireNonNullElse(token.path("content").textValue(), "");
      if (token instanceof ObjectNode object && !content.isEmpty()) {
        int id = numbers.add(content);
        warnIfOther(file, content, TokenNumbers.checked(file, token.path("id")), id);
        ObjectNode own = object.deepCopy();
        added.add(own);
        byContent.put(content, own);
      }
    }
  }

  private void add(Numbered declared) {
    AddedToken token = declared.token();
    int id = numbers.add(token.content());
    Path origin = declared.declaration().file();
    if (declared.id().isPresent() && !origin.equals(file)) {
      warnIfOther(origin, token.content(), declared.id().getAsInt(), id);
    }
    ObjectNode known = byContent.get(token.content());
    if (known == null) {
      ObjectNode own = token.toJson(id);
      added.add(own);
      byContent.put(token.content(), own);
      changed = true;
    } else {
      update(known, token);
    }
  }

  /** The later flags count, but what was special once leaves no text for good. */
  private void update(ObjectNode known, AddedToken token) {
    boolean special = token.special() || known.path("special").asBoolean();
    ObjectNode flags = token.toJson(0).put("special", special);
    flags.set("id", known.path("id"));
    if (!known.equals(flags)) {
      known.setAll(flags);
      changed = true;
    }
  }

  /** The native library, an older one, numbers tokens as transformers does in this order alone. */
  private void sort() {
    Comparator<ObjectNode> byId = Comparator.comparing(this::id);
    for (int i = 1; i < added.size() && !changed; i++) {
      changed = byId.compare(added.get(i - 1), added.get(i)) > 0;
    }
    added.sort(byId);
  }

  private Integer id(ObjectNode token) {
    return numbers.ids().get(token.path("content").textValue());
  }

  private JsonNode merged(JsonNode tokenizer) {
    ObjectNode merged = JsonNodeFactory.instance.objectNode();
    tokenizer.properties().forEach(part -> merged.set(part.getKey(), part.getValue()));
    added.forEach(token -> token.put("id", id(token)));
    return merged.set("added_tokens", JsonNodeFactory.instance.arrayNode().addAll(added));
  }

  private BitSet special() {
    Map<Integer, Boolean> special = new TreeMap<>();
    added.forEach(
        token -> special.merge(id(token), token.path("special").asBoolean(), Boolean::logicalOr));
    BitSet ids = new BitSet();
    special.forEach(ids::set);
    return ids;
  }

  private static void warnIfOther(Path file, String content, int stated, int id) {
    if (stated != id) {
      logger.warn(
          "{} states id {} for the added token {}, which transformers and this library number {}:"
              + " check that the model was trained with that",
          file,
          stated,
          content,
          id);
    }
  }
}
