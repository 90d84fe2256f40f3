package io.proxytune.core.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

/**
 * Writes JSON, and has the mappers that do, in place of Jackson's own, such as those behind {@link
 * JsonNode#toString}: they keep buffers on each thread that used them. Buffers are objects of
 * Jackson's, whose class loader may be an application's that ends before its server's threads.
 */
public final class JsonOutput {
  private static final ObjectMapper MAPPER = mapper();
  private static final ObjectWriter COMPACT = MAPPER.writer();
  private static final ObjectWriter PRETTY = MAPPER.writerWithDefaultPrettyPrinter();
  private static final ObjectWriter ASCII = COMPACT.with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private JsonOutput() {}

  /** What every factory of this library begins with: it keeps no buffers on threads. */
  static JsonFactoryBuilder factory() {
    return new JsonFactoryBuilder()
        .disable(JsonFactory.Feature.USE_THREAD_LOCAL_FOR_BUFFER_RECYCLING);
  }

  /**
   * A mapper with Jackson's settings that leaves nothing on the threads that use it.
   *
   * @return a new mapper
   */
  public static ObjectMapper mapper() {
    return new ObjectMapper(factory().build());
  }

  /**
   * Writes a value in one line.
   *
   * @param value any value
   * @return its JSON; {@code null} for a missing node
   */
  public static String compact(JsonNode value) {
    return write(COMPACT, value);
  }

  /**
   * Writes a value for people, over several lines.
   *
   * @param value any value
   * @return its JSON; {@code null} for a missing node
   */
  public static String pretty(JsonNode value) {
    return write(PRETTY, value);
  }

  /**
   * Writes a value in one line of ASCII, with escapes for all else.
   *
   * @param value any value
   * @return its JSON; {@code null} for a missing node
   */
  public static String ascii(JsonNode value) {
    return write(ASCII, value);
  }

  private static String write(ObjectWriter writer, JsonNode value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON can always be written", e);
    }
  }
}
