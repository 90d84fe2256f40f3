package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import io.proxytune.examples.evaluation.GapClosed;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whether a pair steers a masked diffusion model. */
final class Diffusion implements Study {
  /** Of every model and row. */
  static final int POSITIONS = 48;

  /** Ends a text. */
  static final String END = "</s>";

  /** Hides a token: the unknown one, which no text of the world has. */
  static final String MASK = "<unk>";

  private static final List<Integer> STEPS = List.of(4, 8, 16);

  /** Steps of tuning: a chat tells far less of its answer than where each token is predicted. */
  private static final int TUNING = 3_000;

  /** Of the base tuned directly: with less, a gap to it means nothing. */
  private static final double LEAST_DIRECT = 0.5;

  /** Of a row, by their names in a table. */
  private static final Map<String, String> SYSTEMS =
      ImmutableMap.of(
          "base, T = ", "base_exact", "steered, T = ", "exact", "direct, T = ", "direct_exact");

  /** More than there are places: a step a place. */
  private static final int EACH = 1_000;

  @Override
  public Plan plan() {
    return new Plan(
        "diffusion",
        "Does a small pair steer a masked diffusion model, whose texts are written at all places at"
            + " once?",
        "Models see all tokens of a row of 48 and learn those that are hidden, by the loss with"
            + " weight 1/t. A text begins with all places hidden; at each of T = 4, 8 or 16 steps"
            + " base + expert − anti-expert is computed at every hidden place, and an equal share"
            + " of places keeps its likeliest token: the surest first, or ends of the text after"
            + " all else. The gap closed is between base and directly tuned base with the same T."
            + " Agreement: the share of places that hold what they hold where the text is written a"
            + " place at a time. Identities: texts with α = 0, and with the anti-expert in the"
            + " place of the expert, against the base's.",
        "Diffusion models of Llama's layers without the causal mask: a base of 0.5 million weights,"
            + " the base tuned directly, small models of 0.12 million and their experts.",
        "On the development set, by the directly tuned base alone: how long it is trained and"
            + " tuned, and whether the surest places are kept first or ends of texts after all"
            + " else. α = 1.",
        "How long is enough was settled after a first result had been seen: with 700 steps of"
            + " training and 150 of tuning the directly tuned base itself seldom answered right."
            + " Facts of people are hardly learnt by these models, so that what is steered is form,"
            + " refusals and what the base's texts say of deeds. Sentiment is written here and not"
            + " chosen from two words. Answers are short. Remasking and other schedules were not"
            + " tried, nor was the size of the pair.");
  }

  private record Models(Made base, Made direct) {}

  private static Models models(Laboratory lab) {
    Made base = new Made.Diffusing(Made.Size.SMALL, 1, lab.steps(16_000));
    return new Models(base, lab.tuned(base, TUNING));
  }

  private static Made small(Laboratory lab, long seed) {
    return new Made.Diffusing(Made.Size.TINY, seed, lab.steps(8_000));
  }

  private static Mix steered(Laboratory lab, long seed) {
    Made small = small(lab, seed);
    return Mix.of(models(lab).base(), Pull.of(lab.tuned(small, TUNING), small, 1));
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    DiffusionTexts texts = new DiffusionTexts(lab, Use.TEST);
    Denoising.Order order = chosen(lab, values.putArray("orders"));
    for (int steps : lab.some(STEPS)) {
      rows.add(row(lab, texts, new Denoising.Way(steps, order)));
    }
    values.set("identities", identities(lab, texts, new Denoising.Way(STEPS.get(0), order)));
    return values.put("order", order.name());
  }

  /** The order by which the directly tuned base writes best, which no pair has a part in. */
  private static Denoising.Order chosen(Laboratory lab, ArrayNode orders) {
    DiffusionTexts texts = new DiffusionTexts(lab, Use.DEV);
    Denoising.Order best = Denoising.Order.SUREST_FIRST;
    double most = -1;
    for (Denoising.Order order : Denoising.Order.values()) {
      double exact =
          lab.some(STEPS).stream()
              .map(steps -> new Denoising.Way(steps, order))
              .mapToDouble(way -> texts.marks(Mix.alone(models(lab).direct()), way).meanExact())
              .average()
              .orElseThrow();
      orders.addObject().put("order", order.name()).put("direct_dev", exact);
      best = exact > most ? order : best;
      most = Math.max(most, exact);
    }
    return best;
  }

  private static ObjectNode row(Laboratory lab, DiffusionTexts texts, Denoising.Way way) {
    Models models = models(lab);
    Denoising.Way placeByPlace = new Denoising.Way(EACH, way.order());
    SystemResult base = texts.marks(Mix.alone(models.base()), way);
    SystemResult direct = texts.marks(Mix.alone(models.direct()), way);
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("steps", way.steps());
    List<Double> gaps = new ArrayList<>();
    List<Double> steered = new ArrayList<>();
    List<Double> experts = new ArrayList<>();
    List<Double> agreements = new ArrayList<>();
    List<Double> ended = new ArrayList<>();
    for (long seed : lab.seeds()) {
      Mix mix = steered(lab, seed);
      SystemResult result = texts.marks(mix, way);
      ended.add(ended(result));
      gaps.add(GapClosed.of(base, result, direct).mean());
      steered.add(result.meanExact());
      Made expert = mix.pulls().get(0).expert();
      experts.add(texts.marks(Mix.alone(expert), way).meanExact());
      agreements.add(texts.agreement(mix, way, placeByPlace));
      if (seed == lab.seeds().get(0)) {
        row.set("exact", Values.exact(result));
      }
    }
    row.put("base", base.meanExact()).put("direct", direct.meanExact());
    row.put("base_ended", ended(base)).put("direct_ended", ended(direct));
    row.set("ended", new SeedMean(ended).json());
    row.put("direct_agreement", texts.agreement(Mix.alone(models.direct()), way, placeByPlace));
    row.set("base_exact", Values.exact(base));
    row.set("direct_exact", Values.exact(direct));
    row.set("expert", new SeedMean(experts).json());
    row.set("steered", new SeedMean(steered).json());
    row.set("gap", new SeedMean(gaps).json());
    row.set("agreement", new SeedMean(agreements).json());
    return row;
  }

  private static double ended(SystemResult result) {
    return result.marks().values().stream()
        .flatMap(List::stream)
        .mapToInt(mark -> mark.ended() ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }

  private static ObjectNode identities(Laboratory lab, DiffusionTexts texts, Denoising.Way way) {
    Made base = models(lab).base();
    Made small = small(lab, 1);
    Mix alone = Mix.alone(base);
    Mix nothing = Mix.of(base, Pull.of(lab.tuned(small, TUNING), small, 0));
    Mix equal = Mix.of(base, Pull.of(small, small, 1));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("texts", texts.count());
    json.put("alpha_zero", texts.same(nothing, alone, way));
    json.put("equal_models", texts.same(equal, alone, way));
    return json;
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> rows = new ArrayList<>();
    boolean weak = true;
    boolean form = true;
    boolean likeExpert = true;
    for (JsonNode row : values.path("rows")) {
      form &= Values.number(row.path("ended")) - row.path("base_ended").asDouble() > 0.5;
      weak &= row.path("direct").asDouble() < LEAST_DIRECT;
      likeExpert &= Values.number(row.path("steered")) <= Values.number(row.path("expert"));
      rows.add(
          "T = %s: mean exact match %s of the base, %s of the expert, %s steered and %s tuned directly, gap closed %s"
              .formatted(
                  row.path("steps").asInt(),
                  Figures.fraction(row.path("base").asDouble()),
                  Figures.fraction(Values.number(row.path("expert"))),
                  Figures.fraction(Values.number(row.path("steered"))),
                  Figures.fraction(row.path("direct").asDouble()),
                  Values.text(row.path("gap"))));
    }
    JsonNode identities = values.path("identities");
    return new Conclusion(
        "%s %s.%s With α = 0 %s and with equal models %s of %s texts are the base's."
            .formatted(
                (form ? "It passes on its form: texts that end. " : "")
                    + (weak
                        ? "More can't be told, as these models are too weak: even the base tuned"
                            + " directly seldom answers right."
                        : "Means over the seeds of the pair:"),
                String.join("; ", rows),
                likeExpert ? " Steered texts are no better than the expert's own." : "",
                identities.path("alpha_zero").asInt(),
                identities.path("equal_models").asInt(),
                identities.path("texts").asInt()),
        List.of(table(values), tasks(values), orders(values)));
  }

  private static Table orders(JsonNode values) {
    Table table =
        new Table(
            "Which places are kept first: mean exact match of the directly tuned base on the"
                + " development set, mean over T",
            List.of("kept first", "direct", "chosen"));
    for (JsonNode row : values.path("orders")) {
      Denoising.Order order = Denoising.Order.valueOf(row.path("order").asText());
      table.row(
          order.text(),
          Figures.fraction(row.path("direct_dev").asDouble()),
          order.name().equals(values.path("order").asText()) ? "yes" : "");
    }
    return table;
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Mean exact match on the test set, and the gap closed, by the number of steps",
            List.of(
                "T",
                "base",
                "expert alone",
                "steered",
                "direct",
                "gap closed",
                "of each seed",
                "texts that end: base, steered, direct",
                "agreement, steered",
                "agreement, direct"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("steps").asText(),
          Figures.fraction(row.path("base").asDouble()),
          Figures.fraction(Values.number(row.path("expert"))),
          Figures.fraction(Values.number(row.path("steered"))),
          Figures.fraction(row.path("direct").asDouble()),
          Values.text(row.path("gap")),
          Values.each(row.path("gap")),
          "%s, %s, %s"
              .formatted(
                  Figures.fraction(row.path("base_ended").asDouble()),
                  Figures.fraction(Values.number(row.path("ended"))),
                  Figures.fraction(row.path("direct_ended").asDouble())),
          Figures.fraction(Values.number(row.path("agreement"))),
          Figures.fraction(row.path("direct_agreement").asDouble()));
    }
    return table;
  }

  private static Table tasks(JsonNode values) {
    List<String> tasks = new ArrayList<>();
    values.at("/rows/0/exact").fieldNames().forEachRemaining(tasks::add);
    List<String> header = new ArrayList<>(List.of("system"));
    header.addAll(tasks);
    Table table = new Table("Exact match by task, the first seed", header);
    for (JsonNode row : values.path("rows")) {
      SYSTEMS.forEach(
          (name, system) -> {
            List<String> cells = new ArrayList<>(List.of(name + row.path("steps").asInt()));
            JsonNode exact = row.path(system);
            tasks.forEach(task -> cells.add(Figures.fraction(exact.path(task).asDouble())));
            table.row(cells);
          });
    }
    return table;
  }
}
