package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Against which model an expert is best set. */
final class AntiExperts implements Study {
  private static final String OWN = "its own origin";

  @Override
  public Plan plan() {
    return new Plan(
        "anti-experts",
        "Which anti-expert does an expert need: the model that it was tuned from, or will another"
            + " do?",
        "The family's expert steers the base at α = 1 against the model that it was tuned from; two"
            + " of the same seed and size, trained for 400 and 100 steps in place of 1,500; one of"
            + " another seed, for 100 steps too; one of a quarter of the weights, for 1,500 steps;"
            + " the base itself; and none. The difference to the own origin is of mean exact match"
            + " on the same questions.",
        "The family: a base of 5.2 million weights, small model and expert of 0.5 million, and the"
            + " directly tuned base as the yardstick; small models trained for the study.",
        "Nothing. Up to 20 questions of each task of the test set.",
        "Whether another strength suits another anti-expert better. One expert and one base of one"
            + " world, models that a person would call tiny, one of each kind of anti-expert. A"
            + " model trained for fewer steps has a learning rate that falls sooner, and is no"
            + " checkpoint of the longer training.");
  }

  private static Map<String, Optional<Made>> antiExperts(Laboratory lab) {
    Map<String, Optional<Made>> all = new LinkedHashMap<>();
    all.put(OWN, Optional.of(Made.Shipped.SMALL));
    all.put("earlier, 400 steps", Optional.of(lab.small(1, 400)));
    all.put("earlier, 100 steps", Optional.of(lab.small(1, 100)));
    all.put("smaller", Optional.of(lab.pretrained(Made.Size.TINY, 1, 1_500)));
    all.put("the base itself", Optional.of(Made.Shipped.BASE));
    all.put("none", Optional.empty());
    all.put("another seed, 100 steps", Optional.of(lab.small(2, 100)));
    return all;
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    antiExperts(lab).forEach((name, anti) -> rows.add(row(lab, name, anti)));
    return values;
  }

  private static Mix mix(Optional<Made> anti) {
    return Mix.of(Made.Shipped.BASE, new Pull(Made.Shipped.EXPERT, anti, 1));
  }

  private static ObjectNode row(Laboratory lab, String name, Optional<Made> anti) {
    SystemResult test = lab.marks(mix(anti), Use.TEST);
    SystemResult own = lab.marks(mix(Optional.of(Made.Shipped.SMALL)), Use.TEST);
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("anti_expert", name);
    row.set("gap", Values.of(lab.gap(mix(anti), Use.TEST)));
    row.set("exact", Values.exact(test));
    row.set("against_own", Values.of(Contrast.of(test, own)));
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
        "Gap closed: %s. %s".formatted(String.join("; ", gaps), verdict), List.of(table(values)));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Gap closed on the test set, and mean exact match less that with the own origin",
            List.of("anti-expert", "gap closed", "less own", "questions", "refusals"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("anti_expert").asText(),
          Values.text(row.path("gap")),
          row.path("anti_expert").asText().equals(OWN)
              ? "-"
              : Values.difference(row.path("against_own")),
          Figures.fraction(row.path("exact").path("question").asDouble()),
          Figures.fraction(row.path("exact").path("refusal").asDouble()));
    }
    return table;
  }
}
