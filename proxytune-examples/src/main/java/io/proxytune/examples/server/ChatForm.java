package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.chat.AnswerFormat;
import java.util.List;

/** The form of chats. */
final class ChatForm implements AnswerForm {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final TokenTexts texts;
  private final Report report;
  private final AnswerFormat format;

  /**
   * Writes messages.
   *
   * @param format what they have beside text
   */
  ChatForm(TokenTexts texts, Report report, AnswerFormat format) {
    this.texts = texts;
    this.report = report;
    this.format = format;
  }

  @Override
  public String idPrefix() {
    return "chatcmpl-";
  }

  @Override
  public String object(boolean streamed) {
    return streamed ? "chat.completion.chunk" : "chat.completion";
  }

  @Override
  public Choice choice(int index, boolean streamed) {
    return new Message(index, streamed);
  }

  /** One message. */
  private final class Message implements Choice {
    private final int index;
    private final boolean streamed;
    private final MessageParts parts;

    Message(int index, boolean streamed) {
      this.index = index;
      this.streamed = streamed;
      this.parts = new MessageParts(format);
    }

    @Override
    public List<ObjectNode> opening() {
      ObjectNode json = JSON.objectNode().put("index", index);
      json.putObject("delta").put("role", "assistant").put("content", "");
      return List.of(json.putNull("logprobs").putNull("finish_reason"));
    }

    @Override
    public ObjectNode piece(String text, List<TokenView> tokens) {
      ObjectNode json = JSON.objectNode().put("index", index);
      if (streamed) {
        parts.addTo(json.putObject("delta"), text);
      } else {
        ObjectNode message = json.putObject("message").put("role", "assistant");
        parts.putWhole(message, text);
        message.putNull("refusal");
      }
      if (report.logprobs()) {
        json.set("logprobs", logprobs(tokens));
      } else {
        json.putNull("logprobs");
      }
      if (report.steering()) {
        json.set("steering", new SteeringReport(texts).of(tokens));
      }
      return json.putNull("finish_reason");
    }

    private ObjectNode logprobs(List<TokenView> tokens) {
      ObjectNode json = JSON.objectNode();
      ArrayNode content = json.putArray("content");
      for (TokenView token : tokens) {
        TokenLogprobs logprobs = token.logprobs();
        if (logprobs != null && !token.ends()) {
          ObjectNode entry = texts.entry(token.id(), CompletionForm.valueOf(token.id(), logprobs));
          ArrayNode top = entry.putArray("top_logprobs");
          logprobs.top().stream()
              .limit(report.top())
              .forEach(each -> top.add(texts.entry(each.id(), each.logprob())));
          content.add(entry);
        }
      }
      return json.putNull("refusal");
    }

    @Override
    public String reason(String reason) {
      return parts.hasCalls() && reason.equals("stop") ? "tool_calls" : reason;
    }

    @Override
    public ObjectNode closing() {
      ObjectNode json = JSON.objectNode().put("index", index);
      parts.finish(json.putObject("delta"));
      return json.putNull("logprobs").putNull("finish_reason");
    }
  }
}
