package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.RankCorrelation;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** How much smaller than the base an expert may be. */
final class ScaleRatios implements Study {
  private static final ImmutableMap<Made.Size, Double> MILLIONS =
      ImmutableMap.of(Made.Size.MEDIUM, 1.46, Made.Size.SMALL, 0.465, Made.Size.TINY, 0.12);

  private static final List<Made.Size> TWO = List.of(Made.Size.SMALL, Made.Size.TINY);
  private static final List<Made.Size> THREE = MILLIONS.keySet().asList();

  private static final int READ = 1_500;

  /** What the family's base read. */
  private static final int READ_MORE = 2_400;

  @Override
  public Plan plan() {
    return new Plan(
        "scale-ratios",
        "How much smaller than the base may the expert be?",
        "Bases of several sizes are steered by experts of two sizes, the larger two bases of three,"
            + " and of several seeds against their own origin at α = 1. All experts' origins"
            + " read the same amount of text and are tuned alike. The expert's own mean exact match"
            + " is a covariate, since a smaller expert is a worse one too: rank correlations of the"
            + " gap closed with the ratio of sizes and with the expert's own score, each by itself"
            + " and with the other held fixed.",
        "Bases of 5.2 million weights (the family's), of 0.5 million (the family's small model,"
            + " with the family's expert as its directly tuned copy), of 1.5 million (trained on as"
            + " much text as that, 3.1 million tokens, and tuned directly) and of 10 million"
            + " (trained on as much as the family's base, 4.9 million tokens, and tuned directly);"
            + " experts of 0.12, 0.5 and 1.5 million of new seeds.",
        "Nothing.",
        "Bases of more than 10 million weights. The two smaller bases read less than the two"
            + " larger ones, so that a larger one is a better one for two reasons. Rank"
            + " correlations with another quantity held fixed take relations as linear in ranks,"
            + " and points share bases and experts.");
  }

  /** A base with its directly tuned copy, and what steers it. */
  private record Base(
      String weights, double millions, Made model, Made direct, List<Made.Size> experts) {}

  private record Pairing(Base base, Made.Size size, double ratio) {
    Mix mix(Laboratory lab, long seed) {
      return Mix.of(base.model(), Pull.of(expert(lab, seed), origin(lab, seed), 1));
    }

    Made expert(Laboratory lab, long seed) {
      return lab.expert(origin(lab, seed));
    }

    private Made origin(Laboratory lab, long seed) {
      return lab.pretrained(size, seed, READ);
    }
  }

  private static List<Base> bases(Laboratory lab) {
    return List.of(
        new Base("0.5 million", 0.465, Made.Shipped.SMALL, Made.Shipped.EXPERT, TWO),
        trained(lab, Made.Size.MEDIUM, 1.46, READ, TWO),
        new Base("5.2 million", 5.2, Made.Shipped.BASE, Made.Shipped.DIRECT, THREE),
        trained(lab, Made.Size.LARGE, 10.4, READ_MORE, THREE));
  }

  private static Base trained(
      Laboratory lab, Made.Size size, double millions, int steps, List<Made.Size> experts) {
    Made base = lab.pretrained(size, 1, steps);
    return new Base(size.weights(), millions, base, lab.tuned(base, 140), experts);
  }

  private static List<Pairing> pairings(Laboratory lab) {
    List<Pairing> pairings = new ArrayList<>();
    for (Base base : bases(lab)) {
      base.experts().forEach(size -> pairings.add(new Pairing(base, size, ratio(base, size))));
    }
    return pairings;
  }

  /** To two digits, as ratios of sizes are told. */
  private static double ratio(Base base, Made.Size expert) {
    double ratio = base.millions() / MILLIONS.get(expert);
    return new BigDecimal(ratio).round(new MathContext(2)).doubleValue();
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    List<Double> gaps = new ArrayList<>();
    List<Double> experts = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (Pairing pairing : pairings(lab)) {
      ObjectNode row = row(lab, pairing);
      rows.add(row);
      row.at("/gap/each").forEach(it -> gaps.add(it.asDouble()));
      if (row.at("/gap/each").size() == row.at("/expert/each").size()) {
        row.at("/expert/each").forEach(it -> experts.add(it.asDouble()));
        row.at("/expert/each").forEach(it -> ratios.add(pairing.ratio()));
      }
    }
    if (gaps.size() >= 2 && gaps.size() == experts.size()) {
      putCorrelations(values, gaps, experts, ratios);
    }
    return values;
  }

  private static ObjectNode row(Laboratory lab, Pairing pairing) {
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("base", pairing.base().weights());
    row.put("size", pairing.size().weights()).put("ratio", pairing.ratio());
    row.put("base_exact", lab.marks(Mix.alone(pairing.base().model()), Use.TEST).meanExact());
    row.put("direct_exact", lab.marks(Mix.alone(pairing.base().direct()), Use.TEST).meanExact());
    List<Double> experts = new ArrayList<>();
    List<Double> steered = new ArrayList<>();
    List<Double> gaps = new ArrayList<>();
    for (long seed : lab.seeds()) {
      Mix mix = pairing.mix(lab, seed);
      experts.add(lab.marks(Mix.alone(pairing.expert(lab, seed)), Use.TEST).meanExact());
      steered.add(lab.marks(mix, Use.TEST).meanExact());
      gaps.add(lab.gap(mix, pairing.base().direct(), Use.TEST).mean());
    }
    row.set("expert", new SeedMean(experts).json());
    row.set("steered", new SeedMean(steered).json());
    row.set("gap", new SeedMean(gaps).json());
    return row;
  }

  private static void putCorrelations(
      ObjectNode values, List<Double> gaps, List<Double> experts, List<Double> ratios) {
    RankCorrelation skill = RankCorrelation.of(experts, gaps);
    RankCorrelation ratio = RankCorrelation.of(ratios, gaps);
    double both = RankCorrelation.of(experts, ratios).value();
    values.set("with_expert", Values.of(skill));
    values.set("with_ratio", Values.of(ratio));
    put(values, "with_expert_alone", partial(skill.value(), ratio.value(), both));
    put(values, "with_ratio_alone", partial(ratio.value(), skill.value(), both));
  }

  /** The correlation of one quantity with a third, another one being held fixed. */
  private static double partial(double one, double fixed, double both) {
    return (one - fixed * both) / Math.sqrt((1 - fixed * fixed) * (1 - both * both));
  }

  private static void put(ObjectNode values, String name, double value) {
    if (Double.isFinite(value)) {
      values.put(name, value);
    }
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> gaps = new ArrayList<>();
    for (JsonNode row : values.path("rows")) {
      gaps.add(
          "1:%s of %s %s (expert alone %s)"
              .formatted(
                  Figures.parameter(row.path("ratio").asDouble()),
                  row.path("base").asText(),
                  Values.text(row.path("gap")),
                  Figures.fraction(Values.number(row.path("expert")))));
    }
    String correlations =
        "Rank correlation of the gap with the expert's own score %s, with the ratio %s; the other"
            + " held fixed %s and %s.";
    return new Conclusion(
        "Gap closed, mean over seeds: %s. %s"
            .formatted(
                String.join("; ", gaps),
                correlations.formatted(
                    Values.text(values.path("with_expert")),
                    Values.text(values.path("with_ratio")),
                    Figures.fraction(values.path("with_expert_alone").asDouble(Double.NaN)),
                    Figures.fraction(values.path("with_ratio_alone").asDouble(Double.NaN)))),
        List.of(table(values)));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Mean exact match on the test set, and the gap closed, means over seeds",
            List.of(
                "base",
                "expert",
                "base alone",
                "expert alone",
                "steered",
                "direct",
                "gap closed",
                "of each seed"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("base").asText(),
          row.path("size").asText(),
          Figures.fraction(row.path("base_exact").asDouble()),
          Figures.fraction(Values.number(row.path("expert"))),
          Figures.fraction(Values.number(row.path("steered"))),
          Figures.fraction(row.path("direct_exact").asDouble()),
          Values.text(row.path("gap")),
          Values.each(row.path("gap")));
    }
    return table;
  }
}
