package io.proxytune.examples.study;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenTrace;
import io.proxytune.examples.evaluation.Item;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What a pair does to texts that nobody has judged. */
final class Signs {
  private static final int PER_TASK = 10;
  private static final int TOKENS = 24;

  private static final String ENDED = "texts that end";
  private static final String STEERED = "tokens steered";
  private static final String KL = "KL from the base";
  private static final String BASE = "base's log-probability";
  private static final String REWARD = "expert's gain over anti-expert";
  private static final String EXPERT = "expert's log-probability";
  private static final String ENTROPY = "entropy";

  /** All signs, in the order of tables. */
  static final List<String> NAMES = List.of(ENDED, STEERED, KL, BASE, REWARD, EXPERT, ENTROPY);

  private Signs() {}

  /** The questions that signs are seen on: 50 of the development set. */
  static List<Item> items(Laboratory lab) {
    return lab.set(Use.DEV).limit(PER_TASK).items().stream()
        .filter(item -> !item.isChoice())
        .toList();
  }

  /** The signs of a system; they depend on the prompts of the development set alone. */
  static JsonNode of(Laboratory lab, Mix mix) {
    List<String> prompts = items(lab).stream().map(Item::prompt).toList();
    String what = "signs of " + TOKENS + " tokens " + prompts;
    ObjectNode part = lab.part(mix, what, tuner -> measured(tuner, prompts));
    return part.path("signs");
  }

  private static ObjectNode measured(ProxyTuner tuner, List<String> prompts) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withSpeculation(Speculation.off())
            .withMaxNewTokens(TOKENS)
            .withTrace(true);
    List<Prompt> asked =
        prompts.stream().map(prompt -> Prompt.chat(ChatMessage.user(prompt))).toList();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("signs", signs(tuner.generateAll(asked, options)));
    return json;
  }

  private static ObjectNode signs(List<Generation> texts) {
    List<TokenTrace> traces =
        texts.stream()
            .flatMap(text -> text.tokens().stream())
            .map(Token::trace)
            .map(trace -> requireNonNull(trace, "trace"))
            .toList();
    ObjectNode signs = JsonNodeFactory.instance.objectNode();
    long ended =
        texts.stream().filter(text -> text.finishReason() == FinishReason.END_OF_TEXT).count();
    put(signs, ENDED, (double) ended / texts.size());
    put(signs, STEERED, mean(traces, trace -> trace.steered() ? 1 : 0));
    put(signs, KL, mean(traces, TokenTrace::divergence));
    put(signs, BASE, mean(traces, trace -> trace.base().logprob()));
    put(signs, REWARD, mean(traces, trace -> of(trace, Role.EXPERT) - of(trace, Role.ANTI_EXPERT)));
    put(signs, EXPERT, mean(traces, trace -> of(trace, Role.EXPERT)));
    put(signs, ENTROPY, mean(traces, trace -> trace.fused().entropy()));
    return signs;
  }

  private static double of(TokenTrace trace, Role role) {
    return trace.roles().stream()
        .filter(it -> it.role() == role)
        .mapToDouble(it -> it.view().logprob())
        .findFirst()
        .orElse(Double.NaN);
  }

  private static double mean(List<TokenTrace> traces, ToDoubleFunction<TokenTrace> value) {
    return traces.stream().mapToDouble(value).average().orElse(Double.NaN);
  }

  static void put(ObjectNode signs, String name, double value) {
    if (Double.isFinite(value)) {
      signs.put(name, value);
    }
  }
}
