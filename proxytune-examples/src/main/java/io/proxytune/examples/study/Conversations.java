package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.study.TalkShare.Turns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What steering does over the turns of a conversation, and what stays of it once it ends. */
final class Conversations implements Study {
  private static final int POSITIONS = 512;
  private static final int BASE_READ = 150;
  private static final int SMALL_READ = 100;
  private static final int EXPERT_STEPS = 100;
  private static final int DIRECT_STEPS = 70;
  private static final int TALKS = 10;
  private static final int QUICK_TALKS = 2;
  private static final int QUICK_TURNS = 3;

  private static final Turns LATE = new Turns(9, Talks.TURNS);
  private static final List<Turns> PARTS =
      List.of(new Turns(1, 1), new Turns(2, 4), new Turns(5, 8), LATE);

  /** The shares that are of style, not of knowledge. */
  private static final List<String> STYLE = List.of("form", "ended", "refused");

  /** Those that a base answers alone behind a steered first turn, or behind four. */
  private static final Map<Schedule, Turns> ALONE =
      Map.of(Schedule.FIRST, new Turns(2, 16), Schedule.FIRST_FOUR, new Turns(5, 16));

  private static final String EXPERT = "expert";
  private static final String DIRECT = "tuned directly";

  @Override
  public Plan plan() {
    return new Plan(
        "conversations",
        "In a conversation of 16 turns, must the base be steered throughout, or does it go on in"
            + " the expert's style once its first answers stand in the context?",
        "Each conversation asks eight questions about people, four of how to do things, and four"
            + " that are to be refused, in an order of its own. A base is steered at α = 1 in every"
            + " turn, in the first one, in the first four, or from 1 in the first turn in a line to"
            + " 1/16 in the last; beside it stand the base, the expert and the base tuned directly."
            + " What was answered stays in the context: of an answer that the model did not end"
            + " within 16 tokens, the first sentence. Facts and form are of the 12 questions that"
            + " are to be answered: what stays has the facts, or is the expert's short answer,"
            + " whatever its facts. Ended is of all 16, refused of the four.",
        "The family's base of 5.2 million weights, further trained for 150 steps on the world's"
            + " texts in rows of 512 positions in place of 128. For each seed: the family's small"
            + " model of 0.5 million, further trained likewise for 100 steps and tuned for 100 on"
            + " conversations of 2 to 16 turns; and the base tuned on these for 70.",
        "Nothing. 10 conversations a seed, of the questions of the test set; that few, and so few"
            + " steps, for time, before any was held.",
        "Conversations whose turns hang together: here each turn asks something new. The base's"
            + " texts tell nothing of a speaker who keeps to one style, so that a base that has"
            + " read dialogues may go on better. Other rules for answers that do not end. Seeds"
            + " are of the small model's further training, of tuning and of the conversations, the"
            + " base is one; the intervals resample conversations within seeds, say little of other"
            + " seeds, and have no width where all answers are alike. The base was tuned directly"
            + " for too few steps to learn to refuse, and is no yardstick for that.");
  }

  /** The models of a seed. */
  private record Cast(Made base, Made small, Made expert, Made direct) {
    static Cast of(Laboratory lab, long seed) {
      Made.Lengthened base = longer(lab, Made.Shipped.BASE, 1, BASE_READ);
      Made.Lengthened small = longer(lab, Made.Shipped.SMALL, seed, SMALL_READ);
      return new Cast(
          base,
          small,
          new Made.Conversing(small, seed, lab.steps(EXPERT_STEPS), 5e-4),
          new Made.Conversing(base, seed, lab.steps(DIRECT_STEPS), 3e-4));
    }

    private static Made.Lengthened longer(Laboratory lab, Made source, long seed, int steps) {
      return new Made.Lengthened(source, POSITIONS, seed, lab.steps(steps));
    }

    Mix steered(double alpha) {
      return Mix.of(base, Pull.of(expert, small, alpha));
    }

    /** Who answers at a strength: at 0 the base alone. */
    Mix at(double alpha) {
      return alpha == 0 ? Mix.alone(base) : steered(alpha);
    }
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    Map<String, List<List<List<TurnMark>>>> systems = new LinkedHashMap<>();
    for (Schedule schedule : Schedule.values()) {
      systems.put(schedule.words(), new ArrayList<>());
    }
    systems.put(EXPERT, new ArrayList<>());
    systems.put(DIRECT, new ArrayList<>());
    for (long seed : lab.seeds()) {
      Cast cast = Cast.of(lab, seed);
      List<List<Item>> talks = talks(lab, seed);
      for (Schedule schedule : Schedule.values()) {
        systems.get(schedule.words()).add(steered(lab, cast, talks, schedule));
      }
      systems.get(EXPERT).add(alone(lab, cast.expert(), talks));
      systems.get(DIRECT).add(alone(lab, cast.direct(), talks));
    }
    return values(systems);
  }

  private static List<List<Item>> talks(Laboratory lab, long seed) {
    return Talks.toAnswer(
        lab.everyQuestion().items(),
        lab.isQuick() ? QUICK_TALKS : TALKS,
        lab.isQuick() ? QUICK_TURNS : Talks.TURNS,
        seed);
  }

  private static List<List<TurnMark>> steered(
      Laboratory lab, Cast cast, List<List<Item>> talks, Schedule schedule) {
    Mix named = schedule == Schedule.NEVER ? Mix.alone(cast.base()) : cast.steered(1);
    return TalkRun.marks(
        lab.kept(
            named,
            "conversations, " + schedule.words() + " " + talks,
            () -> TalkRun.json(new TalkRun(talks).hold(turn -> cast.at(schedule.at(turn)), lab))));
  }

  private static List<List<TurnMark>> alone(Laboratory lab, Made model, List<List<Item>> talks) {
    Mix mix = Mix.alone(model);
    return TalkRun.marks(
        lab.kept(
            mix,
            "conversations " + talks,
            () -> TalkRun.json(new TalkRun(talks).hold(turn -> mix, lab))));
  }

  private static ObjectNode values(Map<String, List<List<List<TurnMark>>>> systems) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    values.put("seeds", systems.getOrDefault(DIRECT, List.of()).size());
    ArrayNode rows = values.putArray("rows");
    systems.forEach(
        (name, seeds) -> {
          ObjectNode row = rows.addObject().put("system", name);
          for (Turns part : PARTS) {
            ObjectNode shares = row.putObject(part.name());
            TalkShare.ALL.forEach(it -> shares.set(it.name(), it.share(seeds, part)));
          }
          ObjectNode turns = row.putObject("by_turn");
          TalkShare.ALL.forEach(it -> put(turns.putArray(it.name()), it.byTurn(seeds)));
        });
    List<List<List<TurnMark>>> base = systems.getOrDefault(Schedule.NEVER.words(), List.of());
    ArrayNode alone = values.putArray("alone");
    for (Schedule schedule : List.of(Schedule.FIRST, Schedule.FIRST_FOUR)) {
      alone.add(alone(schedule, systems.getOrDefault(schedule.words(), List.of()), base));
    }
    return values;
  }

  /** What the base does alone, and what it does where it never was steered. */
  private static ObjectNode alone(
      Schedule schedule, List<List<List<TurnMark>>> seeds, List<List<List<TurnMark>>> base) {
    Turns turns = ALONE.getOrDefault(schedule, PARTS.get(0));
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("system", schedule.words());
    row.put(
        "after",
        schedule == Schedule.FIRST ? "After one steered turn" : "After four steered turns");
    row.put("turns", turns.name());
    for (TalkShare share : TalkShare.ALL) {
      ObjectNode json = row.putObject(share.name());
      json.set("share", share.share(seeds, turns));
      json.set("never", share.share(base, turns));
      json.set("difference", share.difference(seeds, base, turns));
    }
    return row;
  }

  private static void put(ArrayNode array, List<Double> shares) {
    for (double share : shares) {
      if (Double.isFinite(share)) {
        array.add(share);
      } else {
        array.addNull();
      }
    }
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> answer = new ArrayList<>();
    values.path("alone").forEach(row -> answer.add(alone(row)));
    JsonNode steered = late(values, Schedule.THROUGHOUT.words());
    answer.add(
        ("In turns %s, steered throughout: form %s, ended %s, refused %s, facts %s; tuned directly:"
                + " form %s, ended %s, refused %s, facts %s (seeds: %s).")
            .formatted(
                LATE.name(),
                Values.text(steered.path("form")),
                Values.text(steered.path("ended")),
                Values.text(steered.path("refused")),
                Values.text(steered.path("facts")),
                Values.text(late(values, DIRECT).path("form")),
                Values.text(late(values, DIRECT).path("ended")),
                Values.text(late(values, DIRECT).path("refused")),
                Values.text(late(values, DIRECT).path("facts")),
                values.path("seeds").asInt()));
    return new Conclusion(
        String.join(" ", answer),
        List.of(
            table(values, "Facts in the answers, by turn", "facts"),
            table(values, "Answers in the expert's form, by turn", "form"),
            table(values, "Answers that the model ended, by turn", "ended"),
            table(values, "Refusals of what is to be refused, by turn", "refused"),
            table(values, "Refusals of what is to be answered, by turn", "falsely_refused"),
            table(values, "Answers that are right to the end token, by turn", "exact")));
  }

  /** What the base does alone behind steered turns, against what it does where it has none. */
  private static String alone(JsonNode row) {
    List<String> shares = new ArrayList<>();
    List<String> more = new ArrayList<>();
    for (String share : STYLE) {
      JsonNode json = row.path(share);
      shares.add(
          "%s %s (never steered %s)"
              .formatted(
                  share,
                  Values.text(json.path("share")),
                  Figures.fraction(Values.number(json.path("never")))));
      if (json.at("/difference/low").asDouble() > 0) {
        more.add(share);
      }
    }
    return "%s, the base alone in turns %s: %s; clearly more than never steered: %s."
        .formatted(
            row.path("after").asText(),
            row.path("turns").asText(),
            String.join(", ", shares),
            more.isEmpty() ? "none of these" : String.join(", ", more));
  }

  private static JsonNode late(JsonNode values, String system) {
    for (JsonNode row : values.path("rows")) {
      if (row.path("system").asText().equals(system)) {
        return row.path(LATE.name());
      }
    }
    return JsonNodeFactory.instance.objectNode();
  }

  private static Table table(JsonNode values, String caption, String share) {
    List<String> header = new ArrayList<>(List.of("system"));
    PARTS.forEach(part -> header.add(part.name()));
    Table table = new Table(caption, header);
    for (JsonNode row : values.path("rows")) {
      List<String> cells = new ArrayList<>(List.of(row.path("system").asText()));
      PARTS.forEach(part -> cells.add(Values.text(row.path(part.name()).path(share))));
      table.row(cells);
    }
    return table;
  }
}
