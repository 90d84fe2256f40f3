package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;

/** How much smaller than the base an expert may be. */
final class ScaleRatios implements Study {
  @Override
  public Plan plan() {
    return new Plan(
        "scale-ratios",
        "How much smaller than the base may the expert be?",
        "Two bases are steered by experts of two sizes against their own origin at α = 1. The"
            + " expert's own mean exact match stands beside the gap closed, since a smaller expert"
            + " is a worse one too.",
        "Bases of 5.2 million weights (the family's) and of 0.5 million (the family's small model),"
            + " each with its own directly tuned copy; experts of 0.5 and 0.14 million.",
        "Nothing.",
        "Bases beyond 5.2 million weights, and sizes apart from skill: five pairs can't tell the"
            + " two. Small models read less text than the base.");
  }

  private record Pairing(String base, Mix mix, Made direct, double ratio) {}

  private static List<Pairing> pairings(Laboratory lab) {
    List<Pairing> all = new ArrayList<>();
    Made tiny = lab.tiny();
    Made small = lab.small(1);
    all.add(
        pairing(
            "0.5 million", Made.Shipped.SMALL, small, lab.expert(small), Made.Shipped.EXPERT, 1));
    all.add(
        pairing(
            "0.5 million", Made.Shipped.SMALL, tiny, lab.expert(tiny), Made.Shipped.EXPERT, 3.6));
    all.add(
        pairing(
            "5.2 million",
            Made.Shipped.BASE,
            Made.Shipped.SMALL,
            Made.Shipped.EXPERT,
            Made.Shipped.DIRECT,
            10));
    all.add(
        pairing(
            "5.2 million", Made.Shipped.BASE, small, lab.expert(small), Made.Shipped.DIRECT, 10));
    all.add(
        pairing("5.2 million", Made.Shipped.BASE, tiny, lab.expert(tiny), Made.Shipped.DIRECT, 36));
    return all;
  }

  private static Pairing pairing(
      String name, Made base, Made against, Made expert, Made direct, double ratio) {
    return new Pairing(name, Mix.of(base, Pull.of(expert, against, 1)), direct, ratio);
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    for (Pairing pairing : pairings(lab)) {
      Made expert = pairing.mix().pulls().get(0).expert();
      ObjectNode row = rows.addObject().put("base", pairing.base());
      row.put("expert", expert.name()).put("ratio", pairing.ratio());
      row.put("base_exact", lab.marks(Mix.alone(pairing.mix().base()), Use.TEST).meanExact());
      row.put("expert_exact", lab.marks(Mix.alone(expert), Use.TEST).meanExact());
      row.put("steered_exact", lab.marks(pairing.mix(), Use.TEST).meanExact());
      row.put("direct_exact", lab.marks(Mix.alone(pairing.direct()), Use.TEST).meanExact());
      row.set("gap", Values.of(lab.gap(pairing.mix(), pairing.direct(), Use.TEST)));
    }
    return values;
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> gaps = new ArrayList<>();
    for (JsonNode row : values.path("rows")) {
      gaps.add(
          "1:%s %s (expert alone %s)"
              .formatted(
                  Figures.parameter(row.path("ratio").asDouble()),
                  Values.text(row.path("gap")),
                  Figures.fraction(row.path("expert_exact").asDouble())));
    }
    return new Conclusion(
        "Gap closed by size of expert to base: " + String.join("; ", gaps) + ".",
        List.of(table(values)));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Mean exact match on the test set, and the gap closed",
            List.of(
                "base", "expert", "base alone", "expert alone", "steered", "direct", "gap closed"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("base").asText(),
          row.path("expert").asText(),
          Figures.fraction(row.path("base_exact").asDouble()),
          Figures.fraction(row.path("expert_exact").asDouble()),
          Figures.fraction(row.path("steered_exact").asDouble()),
          Figures.fraction(row.path("direct_exact").asDouble()),
          Values.text(row.path("gap")));
    }
    return table;
  }
}
