package io.proxytune.core.remote;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.OptionalInt;

/**
 * The row in an answer of OpenAI's {@code /completions}: {@code {"choices": [{"logprobs":
 * {"top_logprobs": [{" the": −1.5, …}]}}], "usage": {"prompt_tokens": …}}}. For one thread.
 */
final class OpenAiRow implements JsonBody.Sink<Row> {
  private static final int USAGE = 2;
  private static final int LIST = 5;
  private static final int ENTRIES = 6;

  private final TokenNames names;
  private final Row row;
  private final int promptTokens;
  private boolean inList;
  private boolean isFirst = true;
  private String anUnmapped = "";

  OpenAiRow(TokenNames names, int promptTokens) {
    this.names = names;
    this.row = new Row(names.width());
    this.promptTokens = promptTokens;
  }

  @Override
  public void take(JsonToken token, JsonParser parser, int depth) throws IOException {
    if (depth == LIST && token.isStructStart()) {
      inList =
          isFirst && "top_logprobs".equals(parser.getParsingContext().getParent().getCurrentName());
    } else if (inList && depth == LIST && token.isStructEnd()) {
      inList = false;
    } else if (inList && depth == ENTRIES && token == JsonToken.END_OBJECT) {
      isFirst = false; // what follows is of other tokens
      inList = false;
    } else if (inList && depth == ENTRIES && token.isNumeric()) {
      put(parser.currentName(), parser.getDoubleValue());
    } else if (depth == USAGE
        && token == JsonToken.VALUE_NUMBER_INT
        && "prompt_tokens".equals(parser.currentName())) {
      check(parser.getLongValue());
    }
  }

  private void put(String token, double logprob) throws MalformedAnswerException {
    OptionalInt id = names.id(token);
    if (id.isPresent() && Float.isNaN(row.values()[id.getAsInt()])) {
      row.put(id.getAsInt(), logprob);
    } else {
      row.putUnmapped(token, logprob);
      anUnmapped = token;
    }
  }

  /** A prompt that the server cut, or added to, would give another row in silence. */
  private void check(long read) throws MalformedAnswerException {
    if (read != promptTokens) {
      throw new MalformedAnswerException(
          "it read " + read + " tokens of " + promptTokens + " that were sent");
    }
  }

  @Override
  public Row end() throws IOException {
    if (row.count() == 0) {
      throw new MalformedAnswerException(
          row.unmapped() == 0
              ? "it shows no log-probabilities of the next token, without which nothing can be"
                  + " fused. If it shows them only where the text goes on, call pastTheEnd(); if"
                  + " it gives texts alone, have it write several, and take the one that the"
                  + " expert's score less the anti-expert's is highest for"
              : "none of the "
                  + row.unmapped()
                  + " tokens that it shows is known here, such as '"
                  + anUnmapped
                  + "': is the vocabulary another?");
    }
    return row;
  }
}
