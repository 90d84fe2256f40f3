package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.RankCorrelation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Whether what is seen on a few prompts tells if a pair will help. */
final class Forecast implements Study {
  private static final double TARGET = 0.8;
  private static final String WITHOUT = "without_answers";
  private static final String WITH = "with_answers";

  @Override
  public Plan plan() {
    return new Plan(
        "forecast",
        "Can 50 prompts tell, before any evaluation, whether a pair will help?",
        "Pairs of all kinds steer the base: experts that were tuned briefly or long, of small"
            + " models of several seeds, on all chats, some or mixed-up ones, at six strengths,"
            + " against their own origin or another model. Without answers: 50 prompts are answered"
            + " greedily with at most 24 tokens, and signs are means over these texts. With"
            + " answers: the fused model reads the 50 answers, one pass each, and writes nothing."
            + " Each sign's rank correlation with the gap closed on the test set is reported.",
        "The family's base, and the pairs in the table.",
        "Of the signs without answers, and of those with answers, the one with the greatest"
            + " correlation, without regard to its direction, over every second pair; it is judged"
            + " on the others. Signs with answers were added after those without had failed on 16"
            + " pairs (rank correlation .10 on 8 others), of which some are among these, and before"
            + " any new pair was measured. The list of pairs was changed for time when three of"
            + " them had been: pairs of models that read less went out, other strengths came in.",
        "That it works for other bases or worlds. Pairs have models in common, also those that"
            + " choose with those that judge, and the interval, which resamples pairs, is too"
            + " narrow. The 50 prompts are of the same kinds as the test's, and answers are short"
            + " with one right wording: an answer all of whose tokens are the likeliest is one that"
            + " greedy decoding writes, so that this sign is a small evaluation.");
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("pairs");
    List<Mix> pairs = lab.some(ManyPairs.of(lab));
    for (int i = 0; i < pairs.size(); i++) {
      Mix pair = pairs.get(i);
      Pull pull = pair.pulls().get(0);
      ObjectNode row = rows.addObject();
      row.put("expert", pull.expert().name());
      row.put("anti_expert", pull.against().map(Made::name).orElse(""));
      row.put("alpha", pull.weight());
      row.put("chooses", i % 2 == 0);
      ObjectNode signs = row.putObject("signs");
      signs.setAll((ObjectNode) Signs.of(lab, pair));
      signs.setAll((ObjectNode) ReferenceSigns.of(lab, pair));
      row.set("gap", Values.of(lab.gap(pair, Use.TEST)));
    }
    values.set(WITHOUT, correlated(rows, Signs.NAMES));
    values.set(WITH, correlated(rows, ReferenceSigns.NAMES));
    return values;
  }

  /** Each sign's correlations, and which sign the choosing pairs choose. */
  private static ObjectNode correlated(ArrayNode pairs, List<String> names) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode signs = json.putObject("signs");
    double most = -1;
    for (String sign : names) {
      ObjectNode one = signs.putObject(sign);
      correlation(pairs, sign, row -> true).ifPresent(it -> one.set("all", Values.of(it)));
      correlation(pairs, sign, row -> !row.path("chooses").asBoolean())
          .ifPresent(it -> one.set("others", Values.of(it)));
      double known =
          correlation(pairs, sign, row -> row.path("chooses").asBoolean())
              .map(it -> Math.abs(it.value()))
              .orElse(Double.NaN);
      if (known > most) {
        most = known;
        json.put("chosen", sign).put("chosen_by", known);
      }
    }
    return json;
  }

  private static Optional<RankCorrelation> correlation(
      JsonNode pairs, String sign, Predicate<JsonNode> wanted) {
    List<Double> signs = new ArrayList<>();
    List<Double> gaps = new ArrayList<>();
    for (JsonNode row : pairs) {
      double value = row.path("signs").path(sign).asDouble(Double.NaN);
      double gap = Values.number(row.path("gap"));
      if (wanted.test(row) && Double.isFinite(value) && Double.isFinite(gap)) {
        signs.add(value);
        gaps.add(gap);
      }
    }
    return signs.size() < 2 ? Optional.empty() : Optional.of(RankCorrelation.of(signs, gaps));
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    return new Conclusion(
        "With the 50 answers: %s Without answers: %s"
            .formatted(said(values.path(WITH)), said(values.path(WITHOUT))),
        List.of(
            correlations("With the 50 answers", values.path(WITH)),
            correlations("Without answers", values.path(WITHOUT)),
            pairs(values)));
  }

  private static String said(JsonNode kind) {
    String chosen = kind.path("chosen").asText();
    JsonNode others = kind.path("signs").path(chosen).path("others");
    JsonNode all = kind.path("signs").path(chosen).path("all");
    return "\"%s\", chosen on %s pairs, has a rank correlation with the gap closed of %s on the %s others (%s), and %s on all %s."
        .formatted(
            chosen,
            all.path("pairs").asInt() - others.path("pairs").asInt(),
            Values.text(others),
            others.path("pairs").asInt(),
            Math.abs(Values.number(others)) >= TARGET
                ? "the .8 aimed at is reached"
                : "short of the .8 aimed at",
            Values.text(all),
            all.path("pairs").asInt());
  }

  private static Table correlations(String which, JsonNode kind) {
    Table table =
        new Table(
            which + ": rank correlation of each sign with the gap closed",
            List.of("sign", "all pairs", "other pairs"));
    kind.path("signs")
        .properties()
        .forEach(
            sign ->
                table.row(
                    sign.getKey(),
                    Values.text(sign.getValue().path("all")),
                    Values.text(sign.getValue().path("others"))));
    return table;
  }

  private static Table pairs(JsonNode values) {
    String with = values.path(WITH).path("chosen").asText();
    String without = values.path(WITHOUT).path("chosen").asText();
    Table table =
        new Table(
            "The pairs, by what they close",
            List.of("expert", "anti-expert", "α", with, without, "gap closed"));
    List<JsonNode> rows = new ArrayList<>();
    values.path("pairs").forEach(rows::add);
    rows.sort(Comparator.comparingDouble((JsonNode row) -> -Values.number(row.path("gap"))));
    for (JsonNode row : rows) {
      table.row(
          row.path("expert").asText(),
          row.path("anti_expert").asText(),
          Figures.parameter(row.path("alpha").asDouble()),
          Figures.number(row.path("signs").path(with).asDouble(Double.NaN), 3),
          Figures.number(row.path("signs").path(without).asDouble(Double.NaN), 3),
          Values.text(row.path("gap")));
    }
    return table;
  }
}
