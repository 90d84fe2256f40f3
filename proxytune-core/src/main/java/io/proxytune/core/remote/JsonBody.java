package io.proxytune.core.remote;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.proxytune.core.files.JsonText;
import java.io.IOException;
import java.util.function.LongConsumer;

/**
 * A JSON answer that is never in memory as a whole: its tokens are handed over as they come.
 *
 * @param <T> what it says
 */
final class JsonBody<T> extends StreamedBody<T> {
  private final Sink<T> sink;
  private final JsonParser parser = JsonText.feedParser();
  private final ByteArrayFeeder feeder = (ByteArrayFeeder) parser.getNonBlockingInputFeeder();
  private final LongConsumer onBytes;
  private int depth;
  private boolean ended;

  /**
   * Reads an answer.
   *
   * @param sink takes its tokens
   * @param onBytes called with the number of bytes that came
   */
  JsonBody(Sink<T> sink, LongConsumer onBytes) {
    this.sink = sink;
    this.onBytes = onBytes;
  }

  /** Takes the tokens of an answer. */
  interface Sink<T> {
    /**
     * Takes a token.
     *
     * @param token the token, at which the parser stands
     * @param depth how many objects and arrays are open, one that begins or ends here included
     * @throws IOException if this is no answer to what was asked
     */
    void take(JsonToken token, JsonParser parser, int depth) throws IOException;

    /** What the answer said. */
    T end() throws IOException;
  }

  @Override
  void take(byte[] bytes) throws IOException {
    onBytes.accept(bytes.length);
    try {
      feeder.feedInput(bytes, 0, bytes.length);
      drain();
    } catch (JsonParseException | StreamConstraintsException e) {
      throw malformed(e);
    }
  }

  private void drain() throws IOException {
    for (JsonToken token = parser.nextToken();
        token != null && token != JsonToken.NOT_AVAILABLE;
        token = parser.nextToken()) {
      if (ended) {
        throw new MalformedAnswerException("more follows its JSON value");
      }
      depth += token.isStructStart() ? 1 : 0;
      sink.take(token, parser, depth);
      depth -= token.isStructEnd() ? 1 : 0;
      ended = depth == 0 && token != JsonToken.FIELD_NAME;
    }
  }

  @Override
  T end() throws IOException {
    try {
      feeder.endOfInput();
      drain();
    } catch (JsonEOFException e) {
      throw new IOException("the answer ends in the midst of its JSON", e);
    } catch (JsonParseException e) {
      throw malformed(e);
    } finally {
      parser.close();
    }
    if (!ended) {
      throw new IOException("the answer ends in the midst of its JSON");
    }
    return sink.end();
  }

  private static MalformedAnswerException malformed(IOException e) {
    String message = e instanceof JsonParseException parse ? parse.getOriginalMessage() : "";
    return new MalformedAnswerException(
        "it is no JSON: " + (message.isEmpty() ? e.getMessage() : message));
  }
}
