package io.proxytune.core.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;

/** JSON schemas of every keyword that is supported, at random. */
final class RandomSchemas {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String[] NAMES = {"a", "name", "größe", "quoted \"x\"", "a b", "id"};
  private static final String[] PATTERNS = {
    "^[a-z]{1,4}$", "b+", "^\\d{2}-\\d{2}$", "^(?:yes|no)", "[\"\\\\]", "^\\S+$", "é|x$"
  };
  private static final String[] FORMATS = {"date", "time", "date-time", "uuid", "ipv4"};

  private final Random random;

  RandomSchemas(Random random) {
    this.random = random;
  }

  /** A schema, some with a rule that holds itself. */
  ObjectNode next() {
    ObjectNode schema = schema(3);
    ObjectNode list = JSON.objectNode().put("type", "object");
    list.putObject("properties")
        .<ObjectNode>set("value", schema(0))
        .putObject("next")
        .put("$ref", "#/$defs/list");
    list.putArray("required").add("value");
    schema.putObject("$defs").set("list", list);
    return schema;
  }

  private ObjectNode schema(int depth) {
    ObjectNode schema = depth == 0 ? scalar() : compound(depth);
    if (random.nextInt(5) == 0) {
      schema.put("description", "something");
    }
    return schema;
  }

  private ObjectNode scalar() {
    ObjectNode schema = JSON.objectNode();
    switch (random.nextInt(8)) {
      case 0 -> schema.put("type", "boolean");
      case 1 -> schema.put("type", "null");
      case 2 -> string(schema);
      case 3 -> number(schema, "integer");
      case 4 -> number(schema, "number");
      case 5 -> schema.set("const", value());
      case 6 -> schema.putArray("enum").add(value()).add(value()).add("x");
      default -> schema.putArray("type").add("integer").add("string");
    }
    return schema;
  }

  private JsonNode value() {
    return switch (random.nextInt(6)) {
      case 0 -> JSON.numberNode(random.nextInt(2000) - 1000);
      case 1 -> JSON.numberNode(random.nextInt(100) / 8.0);
      case 2 -> JSON.booleanNode(random.nextBoolean());
      case 3 -> JSON.objectNode().put("k\n", "v\u0001").set("l", JSON.arrayNode().add(1));
      default -> JSON.textNode(NAMES[random.nextInt(NAMES.length)]);
    };
  }

  private void string(ObjectNode schema) {
    schema.put("type", "string");
    switch (random.nextInt(4)) {
      case 0 -> schema.put("pattern", PATTERNS[random.nextInt(PATTERNS.length)]);
      case 1 -> schema.put("format", FORMATS[random.nextInt(FORMATS.length)]);
      case 2 -> schema.put("minLength", random.nextInt(3)).put("maxLength", 3 + random.nextInt(5));
      default -> {}
    }
  }

  private void number(ObjectNode schema, String type) {
    schema.put("type", type);
    double low =
        type.equals("integer") ? random.nextInt(400) - 200 : random.nextInt(4000) / 64.0 - 30;
    double high = low + random.nextInt(300);
    if (random.nextBoolean()) {
      schema.put(random.nextBoolean() || high == low ? "minimum" : "exclusiveMinimum", low);
    }
    if (random.nextBoolean()) {
      schema.put(random.nextInt(3) > 0 || high - low < 2 ? "maximum" : "exclusiveMaximum", high);
    }
  }

  private ObjectNode compound(int depth) {
    ObjectNode schema = JSON.objectNode();
    switch (random.nextInt(9)) {
      case 0, 1, 2, 3 -> object(schema, depth);
      case 4, 5 -> array(schema, depth);
      case 6 -> schema.putArray("anyOf").add(schema(depth - 1)).add(schema(0));
      case 7 -> oneOf(schema.putArray("oneOf"), depth);
      default -> schema.put("$ref", "#/$defs/list");
    }
    return schema;
  }

  private void object(ObjectNode schema, int depth) {
    schema.put("type", "object");
    if (random.nextInt(6) > 0) {
      ObjectNode properties = schema.putObject("properties");
      ArrayNode required = schema.putArray("required");
      for (int i = random.nextInt(4); i >= 0; i--) {
        String name = NAMES[random.nextInt(NAMES.length)];
        if (!properties.has(name) && random.nextBoolean()) {
          required.add(name);
        }
        properties.set(name, schema(depth - 1));
      }
    }
    switch (random.nextInt(3)) {
      case 0 -> schema.put("additionalProperties", false);
      case 1 -> schema.set("additionalProperties", schema(0));
      default -> {}
    }
  }

  private void array(ObjectNode schema, int depth) {
    schema.put("type", "array");
    schema.set("items", schema(depth - 1));
    if (random.nextInt(3) == 0) {
      schema.putArray("prefixItems").add(schema(0)).add(schema(0));
    }
    int least = random.nextInt(3);
    schema.put("minItems", least).put("maxItems", least + random.nextInt(3));
  }

  private void oneOf(ArrayNode schemas, int depth) {
    for (String kind : new String[] {"first", "second"}) {
      ObjectNode branch = schemas.addObject().put("type", "object");
      branch
          .putObject("properties")
          .<ObjectNode>set("kind", JSON.objectNode().put("const", kind))
          .set("value", schema(depth - 1));
      branch.putArray("required").add("kind");
    }
    schemas.addObject().put("type", "string").put("maxLength", 3);
  }
}
