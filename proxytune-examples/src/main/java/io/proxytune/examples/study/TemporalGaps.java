package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.world.TimelineFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** How much time may lie between what the base has read and what it is asked about. */
final class TemporalGaps implements Study {
  private static final String BASE = "base";
  private static final String EXPERT = "expert alone";
  private static final String STEERED = "steered, α = 1";
  private static final String STRONGER = "steered, α = 1.5";
  private static final String DIRECT = "base further trained";
  private static final List<String> SYSTEMS = List.of(BASE, EXPERT, STEERED, STRONGER, DIRECT);

  @Override
  public Plan plan() {
    return new Plan(
        "temporal-gaps",
        "How does steering in time fare as the base's knowledge grows older?",
        "The town of the experiment temporal, one to six steps after the first time, about which"
            + " base and small model read. For each step an expert and a directly tuned base read"
            + " on, from the first time's models, in what is written at that step. Quizzes about"
            + " the facts as they are then, of people whom no quiz in any text is about; with"
            + " the whole vocabulary.",
        TimedModels.MODELS,
        TimedModels.CHOSEN,
        TimedModels.NOT_SHOWN
            + " Experts that are brought up to date step by step, each from the one before: here"
            + " each begins with the first time's model, and reads the same amount whatever the"
            + " gap.");
  }

  private static Mix mix(TimedModels models, String system, int time) {
    return switch (system) {
      case EXPERT -> Mix.alone(models.expert(time));
      case STEERED -> models.steered(time);
      case STRONGER -> models.steered(time, TimedModels.CHOSEN_ALPHA);
      case DIRECT -> Mix.alone(models.direct(time));
      default -> Mix.alone(models.base());
    };
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    List<TimedModels> seeds = TimedModels.all(lab);
    List<Integer> gaps = IntStream.rangeClosed(1, TimelineFiles.STEPS).boxed().toList();
    for (int gap : lab.some(gaps)) {
      ObjectNode row = rows.addObject().put("gap", gap);
      for (String name : SYSTEMS) {
        QuizSystem system = new QuizSystem(name, it -> it.answers(mix(it, name, gap), gap));
        row.set(name, system.scores(seeds, gap).json());
      }
    }
    return values;
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    JsonNode rows = values.path("rows");
    JsonNode first = rows.path(0);
    JsonNode last = rows.path(rows.size() - 1);
    return new Conclusion(
        "Right of facts that changed, after %s and after %s steps: %s. Of facts that did not: %s."
            .formatted(
                first.path("gap").asInt(),
                last.path("gap").asInt(),
                ends(first, last, "changed"),
                ends(first, last, "unchanged")),
        List.of(
            table(rows, "changed", "Right letters on facts that changed, means over seeds"),
            table(rows, "unchanged", "Right letters on facts that did not change, the same"),
            table(rows, "outdated", "Letters of what was right at the first time, of the first")));
  }

  private static String ends(JsonNode first, JsonNode last, String facts) {
    List<String> parts = new ArrayList<>();
    for (String system : SYSTEMS) {
      parts.add(
          "%s %s and %s"
              .formatted(
                  system,
                  Values.text(first.path(system).path(facts)),
                  Values.text(last.path(system).path(facts))));
    }
    return String.join("; ", parts);
  }

  private static Table table(JsonNode rows, String facts, String title) {
    List<String> header = new ArrayList<>(List.of("steps after", "questions"));
    header.addAll(SYSTEMS);
    Table table = new Table(title, header);
    String asked = facts.equals("unchanged") ? "unchanged_asked" : "changed_asked";
    for (JsonNode row : rows) {
      List<String> cells = new ArrayList<>();
      cells.add(row.path("gap").asText());
      cells.add(row.path(BASE).path(asked).asText());
      SYSTEMS.forEach(system -> cells.add(Values.text(row.path(system).path(facts))));
      table.row(cells);
    }
    return table;
  }
}
