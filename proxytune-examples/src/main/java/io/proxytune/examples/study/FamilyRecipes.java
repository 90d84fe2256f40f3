package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;

/** Whether the recipe of the family's pair holds for other seeds. */
final class FamilyRecipes implements Study {
  private static final double TARGET = 0.9;

  /**
   * How a pair is made.
   *
   * @param read steps of pretraining of the small model
   * @param tuned steps of tuning of the expert
   */
  private record Recipe(String name, int read, int tuned) {}

  /** The cheapest first. */
  private static final List<Recipe> RECIPES = List.of(new Recipe("as shipped", 1_500, 130));

  @Override
  public Plan plan() {
    return new Plan(
        "family-recipe",
        "Does the recipe of the family's pair close .9 of the gap with every seed, and if not, does"
            + " more tuning or more text?",
        "Small models of new seeds are pretrained and tuned as the family's were, or tuned three"
            + " times as long, or pretrained on twice as much text. Each pair steers the family's"
            + " base at α = 1. Skill is the expert's own mean exact match.",
        "The family's base and its directly tuned copy; small models of 0.5 million weights, each"
            + " with its expert.",
        "On the development set: the cheapest recipe whose pairs all close .9 there, else the one"
            + " whose worst pair closes most. The test set was looked at with all three.",
        "Other seeds of the base: one base is steered by all pairs. The interval over seeds takes"
            + " them as drawn from a normal distribution.");
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode().put("target", TARGET);
    ArrayNode rows = values.putArray("recipes");
    for (Recipe recipe : lab.some(RECIPES)) {
      rows.add(row(lab, recipe));
    }
    return values.put("chosen", chosen(rows));
  }

  private static ObjectNode row(Laboratory lab, Recipe recipe) {
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("recipe", recipe.name());
    row.put("read", recipe.read()).put("tuned", recipe.tuned());
    List<Double> dev = new ArrayList<>();
    List<Double> test = new ArrayList<>();
    ArrayNode pairs = row.putArray("pairs");
    for (long seed : lab.seeds()) {
      Made small = lab.small(seed, recipe.read());
      Pull pull = Pull.of(lab.tuned(small, recipe.tuned()), small, 1);
      Mix mix = Mix.of(Made.Shipped.BASE, pull);
      dev.add(lab.gap(mix, Use.DEV).mean());
      test.add(lab.gap(mix, Use.TEST).mean());
      ObjectNode pair = pairs.addObject().put("seed", seed);
      pair.put("skill", lab.marks(Mix.alone(pull.expert()), Use.TEST).meanExact());
      pair.set("gap", Values.of(lab.gap(mix, Use.TEST)));
      pair.set("exact", Values.exact(lab.marks(mix, Use.TEST)));
    }
    row.put("least_dev", new SeedMean(dev).least()).put("least", new SeedMean(test).least());
    row.put("closing", test.stream().filter(it -> it >= TARGET).count());
    row.set("gap", new SeedMean(test).json());
    return row;
  }

  private static String chosen(ArrayNode rows) {
    JsonNode best = rows.path(0);
    for (JsonNode row : rows) {
      if (row.path("least_dev").asDouble() >= TARGET) {
        return row.path("recipe").asText();
      }
      if (row.path("least_dev").asDouble() > best.path("least_dev").asDouble()) {
        best = row;
      }
    }
    return best.path("recipe").asText();
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> all = new ArrayList<>();
    for (JsonNode row : values.path("recipes")) {
      all.add(
          "%s, mean %s over seeds, least %s, %s of %s pairs reach .9"
              .formatted(
                  row.path("recipe").asText(),
                  Values.text(row.path("gap")),
                  Figures.fraction(row.path("least").asDouble(Double.NaN)),
                  row.path("closing").asInt(),
                  row.path("pairs").size()));
    }
    return new Conclusion(
        "Gap closed on the test set: %s. Chosen on the development set: %s."
            .formatted(String.join("; ", all), values.path("chosen").asText()),
        List.of(table(values)));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Each pair on the test set",
            List.of(
                "recipe",
                "seed",
                "expert alone",
                "gap closed",
                "questions",
                "profiles",
                "how-to",
                "refusals",
                "refusals, other verbs",
                "sentiment"));
    for (JsonNode row : values.path("recipes")) {
      for (JsonNode pair : row.path("pairs")) {
        List<String> cells = new ArrayList<>();
        cells.add(row.path("recipe").asText());
        cells.add(pair.path("seed").asText());
        cells.add(Figures.fraction(pair.path("skill").asDouble()));
        cells.add(Values.text(pair.path("gap")));
        for (String task :
            List.of("question", "profile", "howto", "refusal", "refusal-unseen", "sentiment")) {
          cells.add(Figures.fraction(pair.path("exact").path(task).asDouble(Double.NaN)));
        }
        table.row(cells);
      }
    }
    return table;
  }
}
