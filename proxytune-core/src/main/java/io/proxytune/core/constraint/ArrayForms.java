package io.proxytune.core.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The arrays of a schema. For one thread. */
final class ArrayForms {
  private final List<Form> first = new ArrayList<>();
  private final Form others;
  private final int min;
  private final int max;

  ArrayForms(SchemaReader reader, ObjectNode schema, String place) {
    SchemaValues values = new SchemaValues(schema, place);
    JsonNode prefix = schema.path("prefixItems");
    if (!prefix.isMissingNode() && !prefix.isArray()) {
      throw Schemas.refused(place, "'prefixItems' must be a list of schemas");
    }
    for (int i = 0; i < prefix.size(); i++) {
      first.add(reader.form(prefix.get(i), place + "/prefixItems/" + i));
    }
    JsonNode items = Optional.ofNullable(schema.get("items")).orElse(BooleanNode.TRUE);
    if (items.isArray()) {
      throw Schemas.refused(place, "'items' that is a list is not supported: use 'prefixItems'");
    }
    min = values.count("minItems").orElse(0);
    boolean isTuple = !first.isEmpty() && !schema.has("items");
    int usual = isTuple ? Math.max(min, first.size()) : Form.Repeat.UNBOUNDED;
    max = Math.min(usual, values.count("maxItems").orElse(Form.Repeat.UNBOUNDED));
    others = reader.form(items, place + "/items");
  }

  Form form() {
    if (min > max) {
      return Form.NOTHING;
    }
    return Form.sequence(Form.text("["), JsonForms.SPACE, from(0), JsonForms.SPACE, Form.text("]"));
  }

  /** What follows so many items, which are of the first. */
  private Form from(int index) {
    if (index == max) {
      return Form.EMPTY;
    }
    Form comma = index == 0 ? Form.EMPTY : JsonForms.COMMA;
    if (index < first.size()) {
      Form more = Form.sequence(comma, first.get(index), from(index + 1));
      return index < min ? more : Form.optional(more);
    }
    int left = max == Form.Repeat.UNBOUNDED ? max : max - index;
    Form some = Form.sequence(comma, JsonForms.items(others, Math.max(1, min - index), left));
    return index < min ? some : Form.optional(some);
  }
}
