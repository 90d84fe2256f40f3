package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Against which model an expert is best set. */
final class AntiExperts implements Study {
  private static final List<Double> ALPHAS = List.of(0.5, 1.0, 1.5);
  private static final String OWN = "its own origin";

  @Override
  public Plan plan() {
    return new Plan(
        "anti-experts",
        "Which anti-expert does an expert need: the model that it was tuned from, or will another"
            + " do?",
        "The family's expert steers the base against the model that it was tuned from; two of the"
            + " same seed and size, trained for 400 and 200 steps in place of 1,500; one of another"
            + " seed and a smaller one of 0.14 million weights, for 200 steps too; the base itself;"
            + " and none. Gap closed is measured at α = 1 and at the α chosen for each; the"
            + " difference to the own origin is of mean exact match on the same questions.",
        "The family: a base of 5.2 million weights, small model and expert of 0.5 million, and the"
            + " directly tuned base as the yardstick; small models trained for the study.",
        "α of 0.5, 1 and 1.5, for each anti-expert by mean exact match on up to 15 development"
            + " questions of each task; ties go to the α nearest 1. Nothing was chosen on the test"
            + " set, of which up to 20 questions of each task are reported.",
        "One expert and one base of one world, models that a person would call tiny. A model"
            + " trained for fewer steps has a learning rate that falls sooner, and is no checkpoint"
            + " of the longer training.");
  }

  private static Map<String, Optional<Made>> antiExperts(Laboratory lab) {
    Map<String, Optional<Made>> all = new LinkedHashMap<>();
    all.put(OWN, Optional.of(Made.SMALL));
    all.put("earlier, 400 steps", Optional.of(lab.small(1, 400)));
    all.put("earlier, 200 steps", Optional.of(lab.small(1, 200)));
    all.put("the base itself", Optional.of(Made.BASE));
    all.put("none", Optional.empty());
    all.put("another seed, 200 steps", Optional.of(lab.small(2, 200)));
    all.put("smaller, 200 steps", Optional.of(lab.tiny()));
    return all;
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    Mix own = Mix.of(Made.BASE);
    for (Map.Entry<String, Optional<Made>> anti : antiExperts(lab).entrySet()) {
      Alphas.Choice choice =
          new Alphas(lab, lab.some(ALPHAS))
              .choose(it -> Mix.of(Made.BASE, new Pull(Made.EXPERT, anti.getValue(), it)));
      own = anti.getKey().equals(OWN) ? choice.best() : own;
      rows.add(row(lab, anti.getKey(), choice, own));
    }
    return values;
  }

  private static ObjectNode row(Laboratory lab, String anti, Alphas.Choice choice, Mix own) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("anti_expert", anti).put("alpha", choice.alpha());
    row.set("dev", choice.json());
    row.set("gap_at_1", Values.of(lab.gap(choice.at(1), Use.TEST)));
    row.set("gap", Values.of(lab.gap(choice.best(), Use.TEST)));
    row.set("exact", Values.exact(lab.marks(choice.best(), Use.TEST)));
    row.set(
        "against_own",
        Values.of(Contrast.of(lab.marks(choice.best(), Use.TEST), lab.marks(own, Use.TEST))));
    return row;
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> gaps = new ArrayList<>();
    List<String> worse = new ArrayList<>();
    for (JsonNode row : values.path("rows")) {
      String anti = row.path("anti_expert").asText();
      gaps.add(anti + " " + Values.text(row.path("gap")));
      if (row.at("/against_own/high").asDouble() < 0) {
        worse.add(anti);
      }
    }
    String verdict =
        worse.isEmpty()
            ? "None is clearly worse than the own origin."
            : "Clearly worse than the own origin: " + String.join("; ", worse) + ".";
    return new Conclusion(
        "Gap closed, each at the α chosen for it: %s. %s"
            .formatted(String.join("; ", gaps), verdict),
        List.of(table(values)));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Gap closed on the test set, and mean exact match less that with the own origin",
            List.of("anti-expert", "at α = 1", "chosen α", "at that α", "less own"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("anti_expert").asText(),
          Values.text(row.path("gap_at_1")),
          Figures.parameter(row.path("alpha").asDouble()),
          Values.text(row.path("gap")),
          row.path("anti_expert").asText().equals(OWN)
              ? "-"
              : Values.difference(row.path("against_own")));
    }
    return table;
  }
}
