package io.proxytune.core.constraint;

import static io.proxytune.core.constraint.Schemas.refused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.Streams;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes a form of a JSON Schema: every text of the form meets the schema, if not every value that
 * does is written. For one thread.
 */
final class SchemaReader {
  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "integer", "number", "boolean", "null");

  private final JsonNode root;
  private final Map<String, Form.Rule> references = new HashMap<>();

  /** Rules that stand for schemas that were not read yet. */
  private final List<String> unread = new ArrayList<>();

  private final Map<String, Form> read = new HashMap<>();

  /** Every schema that was read, those inside of another before it. */
  private final List<Placed> all = new ArrayList<>();

  /** What a schema was read as, and where it stands. */
  private record Placed(String place, Form form) {}

  private SchemaReader(JsonNode root) {
    this.root = root;
  }

  /**
   * Reads a schema.
   *
   * @throws IllegalArgumentException if it is none, has what is not supported, or nothing meets it
   */
  static Form read(String schema) {
    try {
      SchemaReader reader = new SchemaReader(JsonText.parse(schema));
      Form form = reader.form(reader.root, "#");
      while (!reader.unread.isEmpty()) {
        String pointer = reader.unread.remove(reader.unread.size() - 1);
        reader.read.put(pointer, reader.form(reader.at(pointer), pointer));
      }
      reader.requirePossible(form);
      return form;
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException("the JSON schema is no JSON: " + e.getMessage(), e);
    }
  }

  private void requirePossible(Form whole) {
    Productivity productivity = Productivity.of(whole);
    if (!productivity.isPossible(whole)) {
      String place =
          all.stream()
              .filter(schema -> !productivity.isPossible(schema.form))
              .map(Placed::place)
              .findFirst()
              .orElse("#");
      throw refused(place, "no JSON meets it, since what it asks for contradicts itself");
    }
  }

  /** The values of a schema. */
  Form form(JsonNode schema, String place) {
    if (schema.isBoolean()) {
      return schema.asBoolean() ? JsonForms.VALUE : Form.NOTHING;
    }
    Form form = ofObject(requireSchema(schema, place), place);
    all.add(new Placed(place, form));
    return form;
  }

  private Form ofObject(ObjectNode object, String place) {
    if (object.has("$ref")) {
      return reference(object, place);
    }
    for (String keyword : List.of("allOf", "anyOf", "oneOf")) {
      if (object.has(keyword)) {
        return combined(object, keyword, place);
      }
    }
    if (object.has("enum") || object.has("const")) {
      return literals(object, place);
    }
    List<Form> alternatives = new ArrayList<>();
    for (String type : types(object, place)) {
      alternatives.add(ofType(type, object, place));
    }
    return alternatives.isEmpty() ? JsonForms.VALUE : new Form.AnyOf(alternatives);
  }

  private static ObjectNode requireSchema(JsonNode schema, String place) {
    if (!(schema instanceof ObjectNode object)) {
      throw refused(place, "a schema is an object, true or false, got %s", kind(schema));
    }
    Schemas.requireKnown(object, place);
    return object;
  }

  private static String kind(JsonNode value) {
    return value.isMissingNode()
        ? "nothing"
        : value.getNodeType().toString().toLowerCase(Locale.ROOT);
  }

  private Form reference(ObjectNode schema, String place) {
    Set<String> others = Schemas.assertions(schema);
    others.remove("$ref");
    if (!others.isEmpty()) {
      throw refused(place, "'%s' beside '$ref': put it into the schema there", others);
    }
    String pointer = pointer(schema, place);
    return references.computeIfAbsent(
        pointer,
        p -> {
          unread.add(p);
          return new Form.Rule("the JSON schema at " + p, () -> read.get(p));
        });
  }

  private String pointer(ObjectNode schema, String place) {
    String pointer = schema.path("$ref").asText();
    boolean isInside = pointer.equals("#") || pointer.startsWith("#/");
    if (!isInside || at(pointer).isMissingNode()) {
      throw refused(
          place,
          "'$ref' %s is not in the schema: give a place in it, such as #/$defs/name",
          pointer);
    }
    return pointer;
  }

  private JsonNode at(String pointer) {
    return root.at(pointer.substring(1));
  }

  private Form combined(ObjectNode schema, String keyword, String place) {
    ObjectNode rest = schema.deepCopy();
    JsonNode branches = rest.remove(keyword);
    if (!branches.isArray() || branches.isEmpty()) {
      throw refused(place, "'%s' must be a list of schemas, not empty", keyword);
    }
    if (keyword.equals("allOf")) {
      ObjectNode all = rest;
      for (JsonNode branch : branches) {
        all = Schemas.both(all, resolved(branch, place), place);
      }
      return form(all, place);
    }
    boolean alone = Schemas.assertions(rest).isEmpty();
    List<JsonNode> merged = new ArrayList<>();
    for (JsonNode branch : branches) {
      merged.add(alone ? branch : Schemas.both(rest, resolved(branch, place), place));
    }
    if (keyword.equals("oneOf")) {
      new DisjointSchemas(this).require(merged, place);
    }
    List<Form> forms = new ArrayList<>();
    for (int i = 0; i < merged.size(); i++) {
      forms.add(form(merged.get(i), place + "/" + keyword + "/" + i));
    }
    return new Form.AnyOf(forms);
  }

  /** A schema itself where another refers to it. */
  ObjectNode resolved(JsonNode schema, String place) {
    ObjectNode object = requireSchema(schema, place);
    int most = 32;
    for (int i = 0; i < most && object.has("$ref"); i++) {
      reference(object, place); // refuses what stands beside it
      object = requireSchema(at(pointer(object, place)), place);
    }
    return object;
  }

  private static Form literals(ObjectNode schema, String place) {
    Set<String> others = Schemas.assertions(schema);
    others.removeAll(Set.of("enum", "const", "type"));
    if (!others.isEmpty() || (schema.has("enum") && schema.has("const"))) {
      throw refused(place, "'enum' or 'const' beside others: leave the others out");
    }
    List<Form> values = new ArrayList<>();
    for (JsonNode value : given(schema, place)) {
      if (value.isNumber() && !Double.isFinite(value.doubleValue())) {
        throw refused(place, "%s is no JSON number", value.asText());
      }
      if (!schema.has("type") || types(schema, place).stream().anyMatch(t -> hasType(value, t))) {
        values.add(JsonForms.literal(value));
      }
    }
    return new Form.AnyOf(values);
  }

  static List<JsonNode> given(ObjectNode schema, String place) {
    if (schema.has("const")) {
      return List.of(schema.get("const"));
    }
    JsonNode values = schema.path("enum");
    if (!values.isArray()) {
      throw refused(place, "'enum' must be a list, got %s", kind(values));
    }
    return Streams.stream(values).toList();
  }

  static boolean hasType(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      case "integer" -> value.isIntegralNumber();
      default -> value.isNumber();
    };
  }

  /** The types that a schema names, or that its keywords are for; none for all. */
  static Set<String> types(ObjectNode schema, String place) {
    Set<String> types = new TreeSet<>();
    JsonNode named = schema.path("type");
    if (named.isArray()) {
      named.forEach(each -> types.add(each.asText()));
    } else if (!named.isMissingNode()) {
      types.add(named.asText());
    }
    if (!TYPES.containsAll(types) || (named.isArray() && named.isEmpty())) {
      throw refused(place, "'type' must be of %s, got %s", new TreeSet<>(TYPES), types);
    }
    if (types.contains("number")) {
      types.remove("integer");
    }
    return named.isMissingNode() ? typesOfKeywords(schema) : types;
  }

  private static Set<String> typesOfKeywords(ObjectNode schema) {
    Map<String, Set<String>> keywords =
        Map.of(
            "number", Schemas.NUMBER,
            "string", Schemas.STRING,
            "array", Schemas.ARRAY,
            "object", Schemas.OBJECT);
    Set<String> types = new TreeSet<>();
    keywords.forEach(
        (type, all) -> {
          if (all.stream().anyMatch(schema::has)) {
            types.add(type);
          }
        });
    return types;
  }

  private Form ofType(String type, ObjectNode schema, String place) {
    return switch (type) {
      case "object" -> new ObjectForms(this, schema, place).form();
      case "array" -> new ArrayForms(this, schema, place).form();
      case "string" -> string(new SchemaValues(schema, place), place);
      case "integer" -> number(new SchemaValues(schema, place), true);
      case "number" -> number(new SchemaValues(schema, place), false);
      case "boolean" -> JsonForms.BOOLEAN;
      default -> JsonForms.NULL;
    };
  }

  private static Form number(SchemaValues schema, boolean integers) {
    if (!schema.hasAny(Schemas.NUMBER)) {
      return integers ? JsonForms.INTEGER : JsonForms.NUMBER;
    }
    return NumberForms.between(
        schema.bound("minimum", "exclusiveMinimum", true),
        schema.bound("maximum", "exclusiveMaximum", false),
        integers);
  }

  private static Form string(SchemaValues schema, String place) {
    Set<String> kinds = new HashSet<>();
    Optional<String> pattern = schema.text("pattern");
    Optional<String> format = schema.text("format");
    pattern.ifPresent(p -> kinds.add("pattern"));
    format.ifPresent(f -> kinds.add("format"));
    if (schema.hasAny(Set.of("minLength", "maxLength"))) {
      kinds.add("minLength or maxLength");
    }
    if (kinds.size() > 1) {
      throw refused(
          place, "%s of one string: keep one of them", String.join(" and ", new TreeSet<>(kinds)));
    }
    if (pattern.isPresent()) {
      return StringForms.pattern(pattern.get());
    }
    if (format.isPresent()) {
      return StringForms.format(format.get())
          .orElseThrow(
              () ->
                  refused(
                      place,
                      "'format' %s is not supported, known are %s",
                      format.get(),
                      StringForms.formats()));
    }
    return StringForms.ofLength(
        schema.count("minLength").orElse(0),
        schema.count("maxLength").orElse(Form.Repeat.UNBOUNDED));
  }
}
