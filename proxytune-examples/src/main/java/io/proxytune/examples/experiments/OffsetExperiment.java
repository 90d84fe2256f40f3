package io.proxytune.examples.experiments;

import io.proxytune.ChatMessage;
import io.proxytune.GenerationOptions;
import io.proxytune.Speculation;
import io.proxytune.Tokenizer;
import io.proxytune.examples.evaluation.ModelAnswerer;
import io.proxytune.examples.evaluation.SystemId;
import io.proxytune.examples.evaluation.Systems;
import io.proxytune.examples.report.Figures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Puts one prompt to every model alone, and looks at what the offset prefers. For one thread. */
final class OffsetExperiment {
  private static final int TOKENS = 40;

  private final Systems systems;
  private final int count;
  private final Tokenizer plain;
  private final Tokenizer templated;

  /** A place in an answer, with the tokens that the offset moves most there. */
  record Place(String name, List<Moved> raised, List<Moved> lowered) {}

  /**
   * A token that is moved.
   *
   * @param shift of its logit, less the mean shift
   * @param base its log-probability under the base
   */
  record Moved(String token, double shift, double base) {}

  /** All about one prompt. */
  record Result(String prompt, Map<String, String> texts, List<Place> places) {}

  OffsetExperiment(Systems systems, int count) {
    this.systems = systems;
    this.count = count;
    this.plain = systems.base().tokenizer().orElseThrow();
    this.templated = systems.expert().tokenizer().orElseThrow();
  }

  /** The answer of the proxy-tuned base is what the second place comes after. */
  Result run(String prompt) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("base", text(systems.answerer(SystemId.BASE, 1), prompt));
    texts.put("anti-expert", text(systems.antiExpertAlone(), prompt));
    texts.put("expert", text(systems.answerer(SystemId.EXPERT, 1), prompt));
    texts.put("directly tuned", text(systems.answerer(SystemId.DIRECT, 1), prompt));
    int[] answer;
    try (ModelAnswerer proxy = systems.answerer(SystemId.PROXY, 1)) {
      answer = answerIds(proxy, prompt);
      texts.put("proxy-tuned", proxy.tuner().tokenizer().decode(answer, true).strip());
    }
    List<Place> places = new ArrayList<>(List.of(place("first token", prompt, new int[0])));
    if (answer.length > 0) {
      places.add(place("after the answer", prompt, answer));
    }
    return new Result(prompt, texts, places);
  }

  private static GenerationOptions options() {
    return GenerationOptions.defaults().withSpeculation(Speculation.off()).withMaxNewTokens(TOKENS);
  }

  private static String text(ModelAnswerer system, String prompt) {
    try (system) {
      return system.tuner().generate(system.prompt(prompt), options()).text().strip();
    }
  }

  /** The tokens that were emitted before the end token. */
  private int[] answerIds(ModelAnswerer proxy, String prompt) {
    return proxy.tuner().generate(proxy.prompt(prompt), options()).tokenIds().stream()
        .mapToInt(Integer::intValue)
        .filter(id -> !systems.base().endOfTextIds().contains(id))
        .toArray();
  }

  private Place place(String name, String prompt, int[] answer) {
    int[] text = append(plain.encode(prompt, true), answer);
    String chat = templated.renderChat(List.of(ChatMessage.user(prompt)), true, Map.of());
    int[] conversation = append(templated.encode(chat, false), answer);
    Offset offset =
        Offset.between(
            NextLogits.after(systems.expert(), conversation),
            NextLogits.after(systems.antiExpert(), text));
    float[] ofBase = NextLogits.after(systems.base(), text);
    double[] base = NextLogits.logprobs(systems.base(), ofBase);
    return new Place(name, moved(offset.raised(count), base), moved(offset.lowered(count), base));
  }

  private static int[] append(int[] prompt, int[] answer) {
    return IntStream.concat(IntStream.of(prompt), IntStream.of(answer)).toArray();
  }

  private List<Moved> moved(List<Offset.Shift> shifts, double[] base) {
    return shifts.stream()
        .map(
            shift ->
                new Moved(
                    plain.token(shift.id()).orElse("?"),
                    shift.value(),
                    shift.id() < base.length ? base[shift.id()] : Double.NEGATIVE_INFINITY))
        .toList();
  }

  /** A token with its shift, such as {@code sorry +7.1}. */
  static String spelled(Moved moved) {
    String sign = moved.shift() >= 0 ? "+" : "";
    return moved.token() + " " + sign + Figures.number(moved.shift(), 1);
  }
}
