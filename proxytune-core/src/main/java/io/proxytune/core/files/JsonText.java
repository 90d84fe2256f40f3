package io.proxytune.core.files;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Reads JSON: a key may occur once, Python's NaN and Infinity pass, and nesting, the length of
 * numbers and the number of values are bounded.
 */
public final class JsonText {
  static final int MAX_DEPTH = 500;
  static final int MAX_DIGITS = 1000;

  /** Several times what the largest tokenizers of today have. */
  static final int MAX_VALUES = 20_000_000;

  private static final int SHOWN_CHARACTERS = 80;

  private static final ObjectMapper MAPPER = mapper(MAX_VALUES);

  private JsonText() {}

  private static ObjectMapper mapper(int maxValues) {
    return JsonMapper.builder(
            JsonOutput.factory()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(constraints(maxValues))
                .build())
        .build();
  }

  private static StreamReadConstraints constraints(int maxValues) {
    return StreamReadConstraints.builder()
        .maxNestingDepth(MAX_DEPTH)
        .maxNumberLength(MAX_DIGITS)
        .maxTokenCount(maxValues)
        .maxStringLength(Integer.MAX_VALUE)
        .maxNameLength(Integer.MAX_VALUE)
        .build();
  }

  /**
   * Reads one value.
   *
   * @param text the text
   * @return the value; a missing node where the text is blank
   * @throws InvalidJsonException if it is no JSON, or more follows the value
   */
  public static JsonNode parse(String text) throws InvalidJsonException {
    return parse(MAPPER, text);
  }

  /** Reads one value with a bound of one's own. */
  static JsonNode parse(String text, int maxValues) throws InvalidJsonException {
    return parse(mapper(maxValues), text);
  }

  private static JsonNode parse(ObjectMapper mapper, String text) throws InvalidJsonException {
    try (JsonParser parser = mapper.createParser(text)) {
      return parse(parser, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text is read without I/O
    }
  }

  private static JsonNode parse(JsonParser parser, String text)
      throws IOException, InvalidJsonException {
    try {
      JsonNode value = MAPPER.readTree(parser);
      if (parser.nextToken() != null) {
        throw JsonProblem.trailing(parser, text);
      }
      return value == null ? MissingNode.getInstance() : value;
    } catch (JsonProcessingException e) {
      throw JsonProblem.of(e, parser, text);
    }
  }

  /**
   * A parser that is fed with bytes as they come, such as those of an answer over a network.
   *
   * @return a parser whose feeder is a {@link com.fasterxml.jackson.core.async.ByteArrayFeeder}
   */
  public static JsonParser feedParser() {
    try {
      return MAPPER.getFactory().createNonBlockingByteArrayParser();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is read yet
    }
  }

  /** Takes the members of an object in turn. */
  public interface Members {
    /**
     * Takes a member.
     *
     * @param name its name
     * @param value its value
     */
    void take(String name, JsonNode value);
  }

  /**
   * Reads an object member by member, for one that is too large to be kept as a whole.
   *
   * @param text the text
   * @param members takes its members in their order
   * @throws InvalidJsonException if it is no object, or more follows it
   */
  public static void parseMembers(String text, Members members) throws InvalidJsonException {
    try (JsonParser parser = MAPPER.createParser(text)) {
      parseMembers(parser, text, members);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text is read without I/O
    }
  }

  private static void parseMembers(JsonParser parser, String text, Members members)
      throws IOException, InvalidJsonException {
    try {
      parser.nextToken();
      if (!parser.isExpectedStartObjectToken()) {
        throw JsonProblem.at(parser.currentTokenLocation(), "expected a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        members.take(name, MAPPER.readTree(parser));
      }
      if (parser.nextToken() != null) {
        throw JsonProblem.trailing(parser, text);
      }
    } catch (JsonProcessingException e) {
      throw JsonProblem.of(e, parser, text);
    }
  }

  /**
   * A value as a message shows it, cut where it is long.
   *
   * @param value any value
   * @return its JSON, or {@code nothing}
   */
  public static String show(JsonNode value) {
    return value.isMissingNode() ? "nothing" : cut(JsonOutput.compact(value));
  }

  /**
   * A text as a message shows it, cut where it is long.
   *
   * @param text any text
   * @return its beginning
   */
  public static String cut(String text) {
    return text.length() <= SHOWN_CHARACTERS
        ? text
        : lenientFormat("%s…", text.substring(0, SHOWN_CHARACTERS));
  }
}
