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
  @Override
  public Plan plan() {
    return new Plan(
        "forecast",
        "Can 50 prompts without answers tell, before any evaluation, whether a pair will help?",
        "Pairs of all kinds steer the base: experts that were tuned briefly or long, of small"
            + " models that read much or little, on all chats or some, at three strengths, against"
            + " their own origin or another model. For each, 50 prompts are answered greedily with"
            + " at most 24 tokens; signs are means over these texts. Each sign's rank correlation"
            + " with the gap closed on the test set is reported.",
        "The family's base, and the pairs in the table.",
        "The sign with the greatest correlation, without regard to its direction, over every second"
            + " pair; it is judged on the others. Nothing else.",
        "Much, as long as pairs are few: 40 were aimed at. They have models in common, so that the"
            + " interval, which resamples pairs, is too narrow. Whether a text ends tells much"
            + " here, since the base never ends one and the score is strict.");
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
      row.set("signs", Signs.of(lab, pair));
      row.set("gap", Values.of(lab.gap(pair, Use.TEST)));
    }
    return correlated(values);
  }

  private static ObjectNode correlated(ObjectNode values) {
    ObjectNode all = values.putObject("correlations");
    ObjectNode others = values.putObject("correlations_of_others");
    String best = "";
    double most = -1;
    for (String sign : Signs.NAMES) {
      correlation(values, sign, row -> true).ifPresent(it -> all.set(sign, Values.of(it)));
      correlation(values, sign, row -> !row.path("chooses").asBoolean())
          .ifPresent(it -> others.set(sign, Values.of(it)));
      double known =
          correlation(values, sign, row -> row.path("chooses").asBoolean())
              .map(it -> Math.abs(it.value()))
              .orElse(Double.NaN);
      if (known > most) {
        most = known;
        best = sign;
      }
    }
    return values.put("chosen", best).put("chosen_by", most);
  }

  private static Optional<RankCorrelation> correlation(
      JsonNode values, String sign, Predicate<JsonNode> wanted) {
    List<Double> signs = new ArrayList<>();
    List<Double> gaps = new ArrayList<>();
    for (JsonNode row : values.path("pairs")) {
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
    String chosen = values.path("chosen").asText();
    JsonNode others = values.path("correlations_of_others").path(chosen);
    JsonNode all = values.path("correlations").path(chosen);
    String verdict =
        Math.abs(Values.number(others)) >= 0.8
            ? "the 0.8 aimed at is reached"
            : "short of the 0.8 aimed at";
    return new Conclusion(
        ("Best sign on %s pairs: %s. Its rank correlation with the"
                + " gap closed is %s on the %s other pairs (%s), and %s on all %s.")
            .formatted(
                all.path("pairs").asInt() - others.path("pairs").asInt(),
                chosen,
                Values.text(others),
                others.path("pairs").asInt(),
                verdict,
                Values.text(all),
                all.path("pairs").asInt()),
        List.of(correlations(values), pairs(values, chosen)));
  }

  private static Table correlations(JsonNode values) {
    Table table =
        new Table(
            "Rank correlation of each sign with the gap closed",
            List.of("sign", "all pairs", "other pairs"));
    for (String sign : Signs.NAMES) {
      table.row(
          sign,
          Values.text(values.path("correlations").path(sign)),
          Values.text(values.path("correlations_of_others").path(sign)));
    }
    return table;
  }

  private static Table pairs(JsonNode values, String chosen) {
    Table table =
        new Table(
            "The pairs, by what they close",
            List.of("expert", "anti-expert", "α", chosen, "gap closed"));
    List<JsonNode> rows = new ArrayList<>();
    values.path("pairs").forEach(rows::add);
    rows.sort(Comparator.comparingDouble((JsonNode row) -> -Values.number(row.path("gap"))));
    for (JsonNode row : rows) {
      table.row(
          row.path("expert").asText(),
          row.path("anti_expert").asText(),
          Figures.parameter(row.path("alpha").asDouble()),
          Figures.number(row.path("signs").path(chosen).asDouble(Double.NaN), 3),
          Values.text(row.path("gap")));
    }
    return table;
  }
}
