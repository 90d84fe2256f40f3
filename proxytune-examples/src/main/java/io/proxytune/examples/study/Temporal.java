package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.world.Quiz;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether a pair brings a base up to date of which no more than an API shows is seen. */
final class Temporal implements Study {
  private static final int TIME = 3;
  private static final int SHOWN = 5;
  private static final String BASE = "base behind a server, 5 shown";
  private static final String EXPERT = "expert alone";
  private static final String STEERED = "steered, α = 1, 5 shown";
  private static final String STRONGER = "the same, α = 1.5";
  private static final String WHOLE = "steered, α = 1, whole vocabulary";
  private static final String DIRECT = "base further trained";

  @Override
  public Plan plan() {
    return new Plan(
        "temporal",
        "Does a pair bring a base up to date of which only the five likeliest tokens are seen?",
        "Wards, guilds, bands and stalls of a made-up town are called A to D, and at each step of"
            + " time a person is in another of them with one chance in eight for each. Base and"
            + " small model read what is written at the first time; the expert and the directly"
            + " tuned base read on in what is written three steps later. Quizzes give the letters"
            + " to choose from and the beginning of a sentence, about people whom no quiz in any"
            + " text is about. The base is served over HTTP by the project's own server, which"
            + " refuses to show more than five log-probabilities, and read by the client for"
            + " OpenAI-compatible servers; the letters among the five are steered, and a"
            + " question with none among them is dropped and counted. The same base steered in the"
            + " process with its whole vocabulary has to choose the same wherever all four letters"
            + " were shown. Fewer than five shown are for comparison.",
        TimedModels.MODELS,
        TimedModels.CHOSEN,
        TimedModels.NOT_SHOWN
            + " A base that is asked in a form it was not trained on, for which letters may not be"
            + " among its likeliest tokens: this one read such sentences.");
  }

  private static Map<String, QuizSystem> systems() {
    List<QuizSystem> all = new ArrayList<>();
    all.add(new QuizSystem(BASE, it -> it.answers(Mix.alone(it.base()), TIME, SHOWN)));
    all.add(new QuizSystem(EXPERT, it -> it.answers(Mix.alone(it.expert(TIME)), TIME)));
    all.add(new QuizSystem(STEERED, it -> it.answers(it.steered(TIME), TIME, SHOWN)));
    all.add(
        new QuizSystem(
            STRONGER, it -> it.answers(it.steered(TIME, TimedModels.CHOSEN_ALPHA), TIME, SHOWN)));
    for (int fewer : List.of(3, 2, 1)) {
      all.add(
          new QuizSystem(
              "steered, α = 1, %s shown".formatted(fewer),
              it -> it.answers(it.steered(TIME), TIME, fewer)));
    }
    all.add(new QuizSystem(WHOLE, it -> it.answers(it.steered(TIME), TIME)));
    all.add(new QuizSystem(DIRECT, it -> it.answers(Mix.alone(it.direct(TIME)), TIME)));
    Map<String, QuizSystem> systems = new LinkedHashMap<>();
    all.forEach(it -> systems.put(it.name(), it));
    return systems;
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    List<TimedModels> seeds = TimedModels.all(lab);
    systems()
        .forEach(
            (name, system) -> {
              ObjectNode row = rows.addObject().put("system", name);
              row.setAll(system.scores(seeds, TIME).json());
            });
    values.set("identity", identity(seeds));
    return values;
  }

  /** Whether seeing five tokens changes a choice that all four letters were shown for. */
  private static ObjectNode identity(List<TimedModels> seeds) {
    int asked = 0;
    int whole = 0;
    int same = 0;
    for (TimedModels models : seeds) {
      QuizAnswers seen = models.answers(models.steered(TIME), TIME, SHOWN);
      QuizAnswers all = models.answers(models.steered(TIME), TIME);
      List<Quiz> questions = models.questions(TIME);
      asked += questions.size();
      for (int i = 0; i < questions.size(); i++) {
        boolean isWhole = seen.isWhole(i);
        whole += isWhole ? 1 : 0;
        same += isWhole && seen.chosen().get(i) == all.chosen().get(i) ? 1 : 0;
      }
    }
    return JsonNodeFactory.instance
        .objectNode()
        .put("asked", asked)
        .put("all_letters_shown", whole)
        .put("same_choice", same);
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    Map<String, JsonNode> rows = new LinkedHashMap<>();
    values.path("rows").forEach(row -> rows.put(row.path("system").asText(), row));
    JsonNode identity = values.path("identity");
    String answer =
        "Of facts that changed, right: %s of the base, %s of the expert alone, %s steered through"
            + " the server (%s with α = 1.5), %s of the base further trained; of facts that did"
            + " not: %s, %s, %s (%s) and %s. Dropped: %s of %s questions. With all four letters"
            + " shown, %s of %s choices are those of the whole vocabulary.";
    return new Conclusion(
        answer.formatted(
            text(rows, BASE, "changed"),
            text(rows, EXPERT, "changed"),
            text(rows, STEERED, "changed"),
            text(rows, STRONGER, "changed"),
            text(rows, DIRECT, "changed"),
            text(rows, BASE, "unchanged"),
            text(rows, EXPERT, "unchanged"),
            text(rows, STEERED, "unchanged"),
            text(rows, STRONGER, "unchanged"),
            text(rows, DIRECT, "unchanged"),
            row(rows, STEERED).path("dropped").asInt(),
            identity.path("asked").asInt(),
            identity.path("same_choice").asInt(),
            identity.path("all_letters_shown").asInt()),
        List.of(table(rows)));
  }

  private static JsonNode row(Map<String, JsonNode> rows, String system) {
    return rows.getOrDefault(system, JsonNodeFactory.instance.objectNode());
  }

  private static String text(Map<String, JsonNode> rows, String system, String facts) {
    return Values.text(row(rows, system).path(facts));
  }

  private static Table table(Map<String, JsonNode> rows) {
    Table table =
        new Table(
            "Right letters three steps after the base's time, means over seeds; chance is .25",
            List.of(
                "system",
                "changed facts",
                "of each seed",
                "unchanged facts",
                "of each seed",
                "outdated answers to changed",
                "dropped"));
    rows.forEach(
        (system, row) ->
            table.row(
                system,
                Values.text(row.path("changed")),
                Values.each(row.path("changed")),
                Values.text(row.path("unchanged")),
                Values.each(row.path("unchanged")),
                Figures.fraction(Values.number(row.path("outdated"))),
                "%s of %s"
                    .formatted(
                        row.path("dropped").asInt(),
                        row.path("changed_asked").asInt() + row.path("unchanged_asked").asInt())));
    return table;
  }
}
