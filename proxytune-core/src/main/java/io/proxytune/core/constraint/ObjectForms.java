package io.proxytune.core.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The objects of a schema, with their properties in its order. For one thread. */
final class ObjectForms {
  private static final int MOST_PROPERTIES = 1000;
  private static final Form CLOSE = Form.sequence(JsonForms.SPACE, Form.text("}"));

  private final List<Property> properties = new ArrayList<>();
  private final Form others;

  /** A property: its name with its value, in a rule, since it is written in two places. */
  private record Property(Form.Rule member, boolean isRequired) {
    static Property of(String name, Form value, boolean isRequired) {
      Form member = JsonForms.member(JsonForms.literal(TextNode.valueOf(name)), value);
      return new Property(new Form.Rule("the property " + name, () -> member), isRequired);
    }
  }

  ObjectForms(SchemaReader reader, ObjectNode schema, String place) {
    JsonNode given = schema.path("properties");
    if (!given.isMissingNode() && !given.isObject()) {
      throw Schemas.refused(place, "'properties' must be an object");
    }
    Set<String> required = required(schema, place);
    JsonNode additional =
        schema.has("additionalProperties")
            ? schema.get("additionalProperties")
            : BooleanNode.valueOf(given.isMissingNode());
    Map<String, Form> values = new LinkedHashMap<>();
    given
        .properties()
        .forEach(
            each ->
                values.put(
                    each.getKey(),
                    reader.form(each.getValue(), place + "/properties/" + each.getKey())));
    Form rest = reader.form(additional, place + "/additionalProperties");
    boolean closed = schema.has("additionalProperties");
    required.forEach(name -> values.putIfAbsent(name, closed ? rest : JsonForms.VALUE));
    if (values.size() > MOST_PROPERTIES) {
      throw Schemas.refused(place, "an object may have %s properties", MOST_PROPERTIES);
    }
    values.forEach(
        (name, value) -> properties.add(Property.of(name, value, required.contains(name))));
    Form other = JsonForms.member(StringForms.otherThan(List.copyOf(values.keySet())), rest);
    others = new Form.Rule("another property", () -> other);
  }

  private static Set<String> required(ObjectNode schema, String place) {
    Set<String> names = new LinkedHashSet<>();
    JsonNode required = schema.path("required");
    boolean isList = required.isArray() || required.isMissingNode();
    for (JsonNode name : required) {
      isList &= name.isTextual();
      names.add(name.asText());
    }
    if (!isList) {
      throw Schemas.refused(place, "'required' must be a list of names");
    }
    return names;
  }

  Form form() {
    Form empty = rest(false);
    Form some = rest(true);
    for (int i = properties.size() - 1; i >= 0; i--) {
      empty = from(i, Form.EMPTY, empty, some);
      some = from(i, JsonForms.COMMA, some, some);
    }
    return Form.sequence(Form.text("{"), JsonForms.SPACE, empty);
  }

  /**
   * What follows from a property on. It is a rule, since two ways lead there.
   *
   * @param comma what stands before it
   * @param without what follows where it is left out
   * @param with what follows it
   */
  private Form from(int index, Form comma, Form without, Form with) {
    Property property = properties.get(index);
    Form taken = Form.sequence(comma, property.member, with);
    Form either = property.isRequired ? taken : Form.anyOf(taken, without);
    return new Form.Rule("properties", () -> either);
  }

  private Form rest(boolean behindOthers) {
    Form more = Form.many(Form.sequence(JsonForms.COMMA, others));
    Form some = behindOthers ? more : Form.optional(Form.sequence(others, more));
    Form all = Form.sequence(some, CLOSE);
    return new Form.Rule("the end of an object", () -> all);
  }
}
