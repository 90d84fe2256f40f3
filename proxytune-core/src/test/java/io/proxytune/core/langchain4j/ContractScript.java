package io.proxytune.core.langchain4j;

import io.proxytune.ProxyTuner;
import io.proxytune.core.adapter.ScriptedModel;
import java.util.List;
import java.util.Map;

/**
 * A model that knows the answers to what LangChain4j's own tests ask real models, word for word. It
 * is told of no form: where a question is asked with a form and without, its answer is right in
 * both.
 */
final class ContractScript {
  private static final int CONTEXT = 2000;
  private static final String WEATHER = call("getWeather", "{\"city\": \"Munich\"}");

  /** The end of a conversation, and what is answered; the first that fits. */
  private static final List<Map.Entry<String, String>> ANSWERS =
      List.of(
          Map.entry("14:35", "Sunny in Munich, and 14:35 in France."),
          Map.entry("10:14", "It is 10:14."),
          Map.entry("|>sunny", "{\"weather\": \"sunny\"}"),
          Map.entry("in parallel)", WEATHER + "\n" + call("getTime", "{\"country\": \"France\"}")),
          Map.entry("get_current_time tool.", call("get_current_time", "{}")),
          Map.entry("weather in Munich?", WEATHER),
          Map.entry("I live in Munich", WEATHER),
          Map.entry("capital of Germany?", "{\"city\": \"Berlin\"}"),
          Map.entry("How much is 2 + 2?", "Berlin, and 2 + 2 is 4."),
          Map.entry("single 'city' field", "{\"city\": \"Berlin\"}"),
          Map.entry("Translate: 'I love you'", "Ich liebe dich."),
          Map.entry("What is my favorite color?", "It is green."),
          Map.entry("Say 'Hello World'", "Hello World"),
          Map.entry("story about animals", "A hen and a fox met by a river. ".repeat(20)));

  private ContractScript() {}

  private static String call(String name, String arguments) {
    return "<tool_call>\n{\"name\": \"%s\", \"arguments\": %s}\n</tool_call>"
        .formatted(name, arguments);
  }

  /** A tuner over the model; the caller closes it. */
  static ProxyTuner tuner() {
    return ProxyTuner.builder().base(ScriptedModel.of(CONTEXT, ContractScript::answer)).build();
  }

  /** A tuner that has no room for any question. */
  static ProxyTuner tinyTuner() {
    return ProxyTuner.builder().base(ScriptedModel.of(2, ContractScript::answer)).build();
  }

  private static String answer(String conversation) {
    String last = conversation.substring(0, conversation.lastIndexOf("<|end|>"));
    String text = last.replaceFirst(" \\([^ ()]*\\)$", ""); // the id of a call that was answered
    return ANSWERS.stream()
        .filter(it -> text.endsWith(it.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("Hello.");
  }
}
