package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.GapClosed;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;

/** Whether a pair steers a masked diffusion model. */
final class Diffusion implements Study {
  /** Of every model and row. */
  static final int POSITIONS = 48;

  /** Ends a text. */
  static final String END = "</s>";

  /** Hides a token: the unknown one, which no text of the world has. */
  static final String MASK = "<unk>";

  private static final List<Integer> STEPS = List.of(4, 8, 16);

  /** Of the base tuned directly: with less, a gap to it means nothing. */
  private static final double LEAST_DIRECT = 0.5;

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
            + " of places keeps its likeliest token, the surest first. The gap closed is between"
            + " base and directly tuned base with the same T. Agreement: the share of places that"
            + " hold what they hold where the text is written a place at a time. Identities: texts"
            + " with α = 0, and with the anti-expert in the place of the expert, against the"
            + " base's.",
        "Diffusion models of Llama's layers without the causal mask: a base of 0.5 million weights,"
            + " the base tuned directly, small models of 0.12 million and their experts.",
        "Nothing; α = 1.",
        "What a pair does for models that write well: these read less than a third of the text that"
            + " the family's base did, and ends of texts crowd out answers where they are kept"
            + " first. The sizes were cut for time before the one training that was made; the rule"
            + " that too weak a yardstick is said to be one was made after its result had been"
            + " seen. Sentiment is written here and not chosen from two words. Answers are short."
            + " Remasking, other orders and other schedules were not tried, nor was the size of the"
            + " pair.");
  }

  private record Models(Made base, Made direct) {}

  private static Models models(Laboratory lab) {
    Made base = new Made.Diffusing(Made.Size.SMALL, 1, lab.steps(700));
    return new Models(base, lab.tuned(base, 150));
  }

  private static Made small(Laboratory lab, long seed) {
    return new Made.Diffusing(Made.Size.TINY, seed, lab.steps(500));
  }

  private static Mix steered(Laboratory lab, long seed) {
    Made small = small(lab, seed);
    return Mix.of(models(lab).base(), Pull.of(lab.tuned(small, 150), small, 1));
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    DiffusionTexts texts = new DiffusionTexts(lab);
    for (int steps : lab.some(STEPS)) {
      rows.add(row(lab, texts, steps));
    }
    values.set("identities", identities(lab, texts));
    return values;
  }

  private static ObjectNode row(Laboratory lab, DiffusionTexts texts, int steps) {
    Models models = models(lab);
    SystemResult base = texts.marks(Mix.alone(models.base()), steps);
    SystemResult direct = texts.marks(Mix.alone(models.direct()), steps);
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("steps", steps);
    List<Double> gaps = new ArrayList<>();
    List<Double> steered = new ArrayList<>();
    List<Double> experts = new ArrayList<>();
    List<Double> agreements = new ArrayList<>();
    List<Double> ended = new ArrayList<>();
    for (long seed : lab.seeds()) {
      Mix mix = steered(lab, seed);
      SystemResult result = texts.marks(mix, steps);
      ended.add(ended(result));
      gaps.add(GapClosed.of(base, result, direct).mean());
      steered.add(result.meanExact());
      Made expert = mix.pulls().get(0).expert();
      experts.add(texts.marks(Mix.alone(expert), steps).meanExact());
      agreements.add(texts.agreement(mix, steps, EACH));
      if (seed == lab.seeds().get(0)) {
        row.set("exact", Values.exact(result));
      }
    }
    row.put("base", base.meanExact()).put("direct", direct.meanExact());
    row.put("base_ended", ended(base)).put("direct_ended", ended(direct));
    row.set("ended", new SeedMean(ended).json());
    row.put("direct_agreement", texts.agreement(Mix.alone(models.direct()), steps, EACH));
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

  private static ObjectNode identities(Laboratory lab, DiffusionTexts texts) {
    int steps = STEPS.get(0);
    Made base = models(lab).base();
    Made small = small(lab, 1);
    Mix alone = Mix.alone(base);
    Mix nothing = Mix.of(base, Pull.of(lab.tuned(small, 150), small, 0));
    Mix equal = Mix.of(base, Pull.of(small, small, 1));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("texts", texts.count());
    json.put("alpha_zero", texts.same(nothing, alone, steps));
    json.put("equal_models", texts.same(equal, alone, steps));
    return json;
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> rows = new ArrayList<>();
    boolean weak = true;
    boolean form = true;
    for (JsonNode row : values.path("rows")) {
      form &= Values.number(row.path("ended")) - row.path("base_ended").asDouble() > 0.5;
      weak &= row.path("direct").asDouble() < LEAST_DIRECT;
      rows.add(
          "T = %s: mean exact match %s of the base, %s steered and %s tuned directly, texts that end %s, %s and %s"
              .formatted(
                  row.path("steps").asInt(),
                  Figures.fraction(row.path("base").asDouble()),
                  Figures.fraction(Values.number(row.path("steered"))),
                  Figures.fraction(row.path("direct").asDouble()),
                  Figures.fraction(row.path("base_ended").asDouble()),
                  Figures.fraction(Values.number(row.path("ended"))),
                  Figures.fraction(row.path("direct_ended").asDouble())));
    }
    JsonNode identities = values.path("identities");
    return new Conclusion(
        "%s %s. With α = 0 %s and with equal models %s of %s texts are the base's."
            .formatted(
                (form ? "It passes on its form: texts that end. " : "")
                    + (weak
                        ? "More can't be told, as these models are too weak: even the base tuned"
                            + " directly seldom answers right."
                        : "Means over the seeds of the pair."),
                String.join("; ", rows),
                identities.path("alpha_zero").asInt(),
                identities.path("equal_models").asInt(),
                identities.path("texts").asInt()),
        List.of(table(values), tasks(values)));
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
      for (String system : List.of("exact", "direct_exact")) {
        List<String> cells = new ArrayList<>();
        cells.add(
            (system.equals("exact") ? "steered" : "direct") + ", T = " + row.path("steps").asInt());
        tasks.forEach(task -> cells.add(Figures.fraction(row.path(system).path(task).asDouble())));
        table.row(cells);
      }
    }
    return table;
  }
}
