package io.proxytune.core.remote;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * The row in an answer of llama.cpp's {@code /completion}: {@code {"completion_probabilities":
 * [{"top_logprobs": [{"id": …, "logprob": …}, …]}], "tokens_evaluated": …}}. For one thread.
 */
final class LlamaRow implements JsonBody.Sink<Row> {
  private static final int ROOT = 1;
  private static final int LIST = 4;
  private static final int ENTRY = 5;
  private static final String LIST_NAME = "top_logprobs";

  private final Row row;
  private final int count;
  private final int promptTokens;
  private boolean inList;
  private long id;
  private double logprob;

  /**
   * Reads an answer.
   *
   * @param width the number of ids
   * @param count how many of them were asked for
   * @param promptTokens how many tokens were sent
   */
  LlamaRow(int width, int count, int promptTokens) {
    this.row = new Row(width);
    this.count = count;
    this.promptTokens = promptTokens;
  }

  @Override
  public void take(JsonToken token, JsonParser parser, int depth) throws IOException {
    if (depth == LIST && token == JsonToken.START_ARRAY) {
      inList = LIST_NAME.equals(parser.getParsingContext().getParent().getCurrentName());
    } else if (depth == LIST && token == JsonToken.END_ARRAY) {
      inList = false;
    } else if (inList && depth == ENTRY) {
      takeEntry(token, parser);
    } else if (depth == ROOT && token.isScalarValue()) {
      takeFigure(token, parser);
    }
  }

  private void takeEntry(JsonToken token, JsonParser parser) throws IOException {
    switch (token) {
      case START_OBJECT -> {
        id = -1;
        logprob = Double.NaN;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> takeNumber(parser);
      case END_OBJECT -> row.put(id, logprob);
      default -> {} // the token's text
    }
  }

  private void takeNumber(JsonParser parser) throws IOException {
    if ("id".equals(parser.currentName())) {
      id = parser.getLongValue();
    } else if ("logprob".equals(parser.currentName())) {
      logprob = parser.getDoubleValue();
    }
  }

  /** A prompt that the server cut, or added to, would give another row in silence. */
  private void takeFigure(JsonToken token, JsonParser parser) throws IOException {
    boolean isCount =
        token == JsonToken.VALUE_NUMBER_INT && "tokens_evaluated".equals(parser.currentName());
    if (isCount && parser.getLongValue() != promptTokens) {
      throw new MalformedAnswerException(
          "it read "
              + parser.getLongValue()
              + " tokens of "
              + promptTokens
              + " that were sent: give its slots more context (--ctx-size, --parallel)");
    }
  }

  @Override
  public Row end() throws IOException {
    row.requireCount(count);
    return row;
  }
}
