package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.Ints;
import io.proxytune.ChatMessage;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.TokenLogprobs;
import io.proxytune.Tokenizer;
import io.proxytune.examples.evaluation.Item;
import java.util.ArrayList;
import java.util.List;

/** What a pair makes of answers that were given to 50 prompts: one pass over each, no text. */
final class ReferenceSigns {
  private static final String END = "</s>";

  private static final String LIKELY = "answers' log-probability";
  private static final String WORST = "their least likely token's";
  private static final String RIGHT = "tokens that are the likeliest";
  private static final String WHOLE = "answers all of whose tokens are the likeliest";
  private static final String EXPERT = "answers' log-probability, expert alone";

  /** All signs, in the order of tables. */
  static final List<String> NAMES = List.of(LIKELY, WORST, RIGHT, WHOLE, EXPERT);

  private ReferenceSigns() {}

  /** The signs of a system on the questions of {@link Signs}, with their answers. */
  static JsonNode of(Laboratory lab, Mix mix) {
    List<Item> items = Signs.items(lab);
    return lab.part(mix, "signs of answers " + items, tuner -> measured(tuner, items))
        .path("signs");
  }

  private static ObjectNode measured(ProxyTuner tuner, List<Item> items) {
    List<List<Seen>> texts = items.stream().map(item -> seen(tuner, item)).toList();
    List<Seen> tokens = texts.stream().flatMap(List::stream).toList();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode signs = json.putObject("signs");
    Signs.put(signs, LIKELY, tokens.stream().mapToDouble(Seen::logprob).average().orElseThrow());
    Signs.put(
        signs,
        WORST,
        texts.stream()
            .mapToDouble(it -> it.stream().mapToDouble(Seen::logprob).min().orElseThrow())
            .average()
            .orElseThrow());
    Signs.put(
        signs, RIGHT, tokens.stream().mapToInt(it -> it.best() ? 1 : 0).average().orElseThrow());
    Signs.put(
        signs,
        WHOLE,
        texts.stream()
            .mapToInt(it -> it.stream().allMatch(Seen::best) ? 1 : 0)
            .average()
            .orElseThrow());
    Signs.put(signs, EXPERT, tokens.stream().mapToDouble(Seen::expert).average().orElseThrow());
    return json;
  }

  /**
   * A token of an answer.
   *
   * @param best whether no other is likelier
   * @param expert what the expert alone makes of it
   */
  private record Seen(double logprob, boolean best, double expert) {}

  private static List<Seen> seen(ProxyTuner tuner, Item item) {
    int[] ids = ids(tuner.tokenizer(), item.answer());
    List<TokenLogprobs> reports =
        tuner.logprobs(Prompt.chat(ChatMessage.user(item.prompt())), ids, 1);
    List<Seen> seen = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      TokenLogprobs report = reports.get(i);
      seen.add(
          new Seen(report.logprob(), report.top().get(0).id() == ids[i], expert(report.roles())));
    }
    return seen;
  }

  private static double expert(List<TokenLogprobs.OfRole> roles) {
    return roles.stream()
        .filter(it -> it.role() == Role.EXPERT)
        .mapToDouble(TokenLogprobs.OfRole::logprob)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** With the end, as a tuned model writes it. */
  private static int[] ids(Tokenizer tokenizer, String answer) {
    int[] text = tokenizer.encode(answer, false);
    return tokenizer.id(END).map(end -> Ints.concat(text, new int[] {end})).orElse(text);
  }
}
