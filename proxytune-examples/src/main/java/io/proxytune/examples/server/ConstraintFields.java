package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Constraint;
import io.proxytune.core.files.JsonOutput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The form that a text must have: OpenAI's {@code response_format}, and what vLLM's clients send.
 */
final class ConstraintFields {
  private static final String FORMAT = "response_format";
  private static final String SCHEMA = "json_schema";

  private final Map<String, Constraint> found = new LinkedHashMap<>();

  private ConstraintFields() {}

  /**
   * The form of a text.
   *
   * @param field the field that asks for it
   */
  record Asked(String field, Constraint constraint) {}

  /** The form that a request asks for, if it does. */
  static Optional<Asked> read(Fields fields) {
    ConstraintFields reader = new ConstraintFields();
    fields.object(FORMAT).ifPresent(format -> reader.readFormat(Fields.of(format)));
    reader.readEach(fields, "guided_");
    fields
        .object("structured_outputs")
        .map(Fields::of)
        .ifPresent(
            inner -> {
              reader.readEach(inner, "");
              inner.checkAllTaken();
            });
    return reader.only();
  }

  private Optional<Asked> only() {
    if (found.size() > 1) {
      throw ApiException.bad(
          FORMAT,
          "a text has one form, got %s: keep one of them",
          String.join(", ", found.keySet()));
    }
    return found.entrySet().stream()
        .map(form -> new Asked(form.getKey(), form.getValue()))
        .findFirst();
  }

  private void readFormat(Fields format) {
    String type = format.text("type").orElse("");
    switch (type) {
      case "text" -> {}
      case "json_object" -> found.put(FORMAT, Constraint.json());
      case SCHEMA -> found.put(FORMAT, schema(format));
      default ->
          throw ApiException.unsupported(
              FORMAT,
              "'response_format' has the type text, json_object or json_schema, got '%s'",
              type);
    }
    format.checkAllTaken();
  }

  private static Constraint schema(Fields format) {
    Fields named =
        format
            .object(SCHEMA)
            .map(Fields::of)
            .orElseThrow(() -> ApiException.bad(FORMAT, "'json_schema' is missing"));
    named.ignore(List.of("name", "description", "strict"));
    ObjectNode schema =
        named
            .object("schema")
            .orElseThrow(() -> ApiException.bad(FORMAT, "'json_schema.schema' is missing"));
    named.checkAllTaken();
    return Constraint.jsonSchema(JsonOutput.compact(schema));
  }

  private void readEach(Fields in, String prefix) {
    in.node(prefix + "json")
        .ifPresent(schema -> found.put(prefix + "json", Constraint.jsonSchema(text(schema))));
    in.text(prefix + "regex")
        .ifPresent(regex -> found.put(prefix + "regex", Constraint.regex(regex)));
    in.list(prefix + "choice")
        .ifPresent(list -> found.put(prefix + "choice", choice(prefix + "choice", list)));
    if (prefix.isEmpty() && in.flag("json_object")) {
      found.put("json_object", Constraint.json());
    }
  }

  /** A schema is an object, or the text of one. */
  private static String text(JsonNode schema) {
    return schema.isTextual() ? schema.textValue() : JsonOutput.compact(schema);
  }

  private static Constraint choice(String name, JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(
        each -> {
          Fields.check(
              each.isTextual() && !each.textValue().isEmpty(), name, "made of texts", each);
          texts.add(each.textValue());
        });
    Fields.check(!texts.isEmpty(), name, "not empty", list);
    return Constraint.choice(texts);
  }
}
