package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a tokenizer puts before and behind a text's tokens. */
final class PostProcessorFormat {
  private static final int MOST_PIECES = 256;

  private final Parts parts = new Parts();
  private final TokenNames names;
  private final JsonNode json;
  private int templates;

  /**
   * Checks the post-processor.
   *
   * @param field where it stands; may be absent
   * @param names the tokens
   */
  PostProcessorFormat(Field field, TokenNames names) {
    this.names = names;
    json = field.present().<JsonNode>map(this::check).orElse(JsonNodeFactory.instance.nullNode());
  }

  JsonNode json() {
    return json;
  }

  private ObjectNode check(Field field) {
    String type = parts.enter(field);
    ObjectNode out = JsonNodeFactory.instance.objectNode().put("type", type);
    switch (type) {
      case "Sequence" -> {
        ArrayNode all = out.putArray("processors");
        field.get("processors").elements().forEach(each -> all.add(check(each)));
      }
      case "ByteLevel" -> PreTokenizerFormat.writeByteLevel(field, out);
      case "BertProcessing" -> {
        checkOnlyOne(field);
        checkEnds(field, out);
      }
      case "RobertaProcessing" -> {
        checkOnlyOne(field);
        checkEnds(field, out);
        out.put("trim_offsets", field.get("trim_offsets").flag());
        out.put("add_prefix_space", field.get("add_prefix_space").flag());
      }
      case "TemplateProcessing" -> {
        checkOnlyOne(field);
        checkTemplate(field, out);
      }
      default -> throw parts.unknown(field, "a post-processor");
    }
    parts.leave();
    return out;
  }

  /** A second one would meet the parts that the first one made of the text, not the text. */
  private void checkOnlyOne(Field field) {
    field.check(++templates == 1, "the only part that adds tokens");
  }

  private void checkEnds(Field field, ObjectNode out) {
    for (String name : List.of("sep", "cls")) {
      Field end = field.get(name);
      end.check(end.node().isArray() && end.node().size() == 2, "a token and its id");
      out.putArray(name).add(end.get(0).text()).add(id(end.get(1)));
    }
  }

  private int id(Field field) {
    int id = field.integer(0, TokenNames.MOST_ID);
    field.check(names.hasId(id), "the id of a token");
    return id;
  }

  private void checkTemplate(Field field, ObjectNode out) {
    Field tokens = field.get("special_tokens");
    ObjectNode written = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> entry : tokens.members()) {
      String name = tokens.checkWhole(entry.getKey());
      checkToken(tokens.get(name), written.putObject(name));
    }
    Set<String> known = new HashSet<>();
    written.fieldNames().forEachRemaining(known::add);
    checkPieces(field.get("single"), List.of("A"), known, out.putArray("single"));
    checkPieces(field.get("pair"), List.of("A", "B"), known, out.putArray("pair"));
    out.set("special_tokens", written);
  }

  private void checkToken(Field token, ObjectNode out) {
    out.put("id", token.get("id").text());
    ArrayNode ids = out.putArray("ids");
    token.get("ids").elements().forEach(each -> ids.add(id(each)));
    ArrayNode texts = out.putArray("tokens");
    token.get("tokens").elements().forEach(each -> texts.add(each.text()));
    token.check(
        ids.size() == texts.size() && !ids.isEmpty() && ids.size() <= MOST_PIECES,
        "a token with as many ids as tokens");
  }

  private static void checkPieces(
      Field template, List<String> sequences, Set<String> known, ArrayNode out) {
    List<Field> pieces = template.elements();
    template.check(pieces.size() <= MOST_PIECES, "an array of at most " + MOST_PIECES);
    Set<String> seen = new HashSet<>();
    for (Field piece : pieces) {
      piece.check(piece.node().isObject() && piece.node().size() == 1, "one piece");
      String kind = piece.node().fieldNames().next();
      Field body = piece.get(kind).object();
      Field id = body.get("id");
      if (kind.equals("Sequence")) {
        id.check(sequences.contains(id.text()) && seen.add(id.text()), "each sequence once");
      } else {
        piece.check(kind.equals("SpecialToken"), "a Sequence or a SpecialToken");
        id.check(known.contains(id.text()), "a key of special_tokens");
      }
      out.addObject()
          .putObject(kind)
          .put("id", id.text())
          .put("type_id", body.get("type_id").integer(0, Integer.MAX_VALUE));
    }
    template.check(seen.contains("A"), "a template with the sequence A");
  }

  /** The ids that are put before a text. */
  List<Integer> before() {
    return around(json, true);
  }

  /** The ids that are put behind a text. */
  List<Integer> behind() {
    return around(json, false);
  }

  private static List<Integer> around(JsonNode part, boolean before) {
    List<Integer> ids = new ArrayList<>();
    if (part.has("cls")) {
      ids.add(part.path(before ? "cls" : "sep").path(1).intValue());
    }
    boolean text = false;
    for (JsonNode piece : part.path("single")) {
      text |= piece.has("Sequence");
      JsonNode special = piece.path("SpecialToken").path("id");
      if (text != before && special.isTextual()) {
        part.path("special_tokens")
            .path(special.textValue())
            .path("ids")
            .forEach(id -> ids.add(id.intValue()));
      }
    }
    part.path("processors").forEach(each -> ids.addAll(around(each, before)));
    return ids;
  }
}
