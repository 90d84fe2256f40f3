package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenLogprobs.Alternative;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The form of completions. */
final class CompletionForm implements AnswerForm {
  private final TokenTexts texts;
  private final Report report;

  CompletionForm(TokenTexts texts, Report report) {
    this.texts = texts;
    this.report = report;
  }

  @Override
  public String idPrefix() {
    return "cmpl-";
  }

  @Override
  public String object(boolean streamed) {
    return "text_completion";
  }

  @Override
  public Choice choice(int index, boolean streamed) {
    return new Text(index);
  }

  /** One text. */
  private final class Text implements Choice {
    private final int index;
    private int offset;

    Text(int index) {
      this.index = index;
    }

    @Override
    public List<ObjectNode> opening() {
      return List.of();
    }

    @Override
    public ObjectNode piece(String text, List<TokenView> tokens) {
      ObjectNode json = JsonNodeFactory.instance.objectNode().put("text", text).put("index", index);
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
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      ArrayNode spelled = json.putArray("tokens");
      ArrayNode values = json.putArray("token_logprobs");
      ArrayNode tops = JsonNodeFactory.instance.arrayNode();
      ArrayNode offsets = json.putArray("text_offset");
      for (TokenView token : tokens) {
        if (token.ends()) {
          continue;
        }
        String text = texts.of(token.id());
        spelled.add(text);
        offsets.add(offset);
        offset += texts.tokenizer().isSpecial(token.id()) ? 0 : text.length();
        add(token.id(), token.logprobs(), values, tops);
      }
      return json.set("top_logprobs", report.top() > 0 ? tops : null);
    }

    private void add(int id, @Nullable TokenLogprobs logprobs, ArrayNode values, ArrayNode tops) {
      if (logprobs == null) {
        values.addNull();
        tops.addNull();
        return;
      }
      double value = valueOf(id, logprobs);
      values.add(TokenTexts.finite(value));
      Map<String, Double> top = new LinkedHashMap<>();
      logprobs.top().stream()
          .limit(report.top())
          .forEach(each -> top.putIfAbsent(texts.of(each.id()), each.logprob()));
      top.putIfAbsent(texts.of(id), value);
      ObjectNode alternatives = tops.addObject();
      top.forEach((text, logprob) -> alternatives.put(text, TokenTexts.finite(logprob)));
    }

    @Override
    public ObjectNode closing() {
      ObjectNode json = JsonNodeFactory.instance.objectNode().put("text", "").put("index", index);
      return json.putNull("logprobs").putNull("finish_reason");
    }
  }

  /**
   * The token's value, equal to the bit to that of the same token among the likeliest: clients
   * compare them to see whether it is the likeliest.
   */
  static double valueOf(int id, TokenLogprobs logprobs) {
    return logprobs.top().stream()
        .filter(each -> each.id() == id)
        .mapToDouble(Alternative::logprob)
        .findFirst()
        .orElse(logprobs.logprob());
  }
}
