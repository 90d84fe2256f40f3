package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Speculation;
import io.proxytune.Strength;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is lost where the experts are not asked for every token. */
final class SelectiveGuidance implements Study {
  private static final String FULL = "every token";
  private static final double LOSS = 0.02;
  private static final Set<String> DRAFTED = Set.of(FULL, "entropy ≥ 0.02", "first 4");

  @Override
  public Plan plan() {
    return new Plan(
        "selective-guidance",
        "How many tokens can go without the experts before the gap opens again?",
        "The family's pair steers its base at α = 1 for every token; only where the base is"
            + " uncertain, by its entropy or its likeliest token; only for the first tokens; or"
            + " fading out. Calls saved is the share of written tokens for which no expert was run."
            + " Each is measured without drafts, and some on the development set with drafts too:"
            + " passes of the base for a token, and whether any mark changed.",
        "The family: base, expert and anti-expert, and the directly tuned base as the yardstick.",
        "On the development set: the strength that saves most while its mean exact match is at most"
            + " .02 under that of steering every token. Nothing was chosen on the test set.",
        "One family, and no seconds: on models this small a saved call is not saved time.");
  }

  private static Map<String, Strength> strengths() {
    Map<String, Strength> all = new LinkedHashMap<>();
    all.put(FULL, Strength.constant(1));
    for (double nats : new double[] {0.02, 0.1, 0.5}) {
      all.put(
          "entropy ≥ " + Figures.parameter(nats),
          Strength.whereEntropyIsAtLeast(nats).withAudited(0));
    }
    for (double probability : new double[] {0.99, 0.9}) {
      all.put(
          "top probability ≤ " + Figures.parameter(probability),
          Strength.whereTopProbabilityIsAtMost(probability).withAudited(0));
    }
    for (int count : new int[] {1, 2, 4, 8}) {
      all.put("first " + count, Strength.firstTokens(count));
    }
    all.put("fading over 16", Strength.linear(1, 0, 16));
    return all;
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    Mix full = Mix.of(Made.Shipped.BASE, Pull.of(Made.Shipped.EXPERT, Made.Shipped.SMALL, 1));
    Map<String, Strength> strengths = new LinkedHashMap<>(strengths());
    strengths.keySet().retainAll(lab.some(strengths.keySet().stream().toList()));
    double least = lab.marks(full, Use.DEV).meanExact() - LOSS;
    String best = FULL;
    double saved = 0;
    for (Map.Entry<String, Strength> strength : strengths.entrySet()) {
      Measured dev = lab.measure(full.withStrength(strength.getValue()), Use.DEV);
      if (dev.result().meanExact() >= least && dev.cost().saved() > saved) {
        best = strength.getKey();
        saved = dev.cost().saved();
      }
    }
    ObjectNode values = JsonNodeFactory.instance.objectNode().put("chosen", best);
    ArrayNode rows = values.putArray("rows");
    strengths.forEach(
        (name, strength) -> rows.add(row(lab, name, full.withStrength(strength), full)));
    return values;
  }

  private static ObjectNode row(Laboratory lab, String name, Mix mix, Mix full) {
    Measured dev = lab.measure(mix, Use.DEV);
    Measured test = lab.measure(mix, Use.TEST);
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("strength", name);
    row.put("dev_exact", dev.result().meanExact()).put("dev_saved", dev.cost().saved());
    row.put("saved", test.cost().saved());
    row.set("exact", Values.exact(test.result()));
    row.set("gap", Values.of(lab.gap(mix, Use.TEST)));
    row.set("against_full", Values.of(Contrast.of(test.result(), lab.marks(full, Use.TEST))));
    if (DRAFTED.contains(name)) {
      Measured drafted = lab.measure(mix.withSpeculation(Speculation.auto()), Use.DEV);
      row.put("passes_with_drafts", drafted.cost().passesPerToken());
      row.put("saved_with_drafts", drafted.cost().saved());
      row.put("same_with_drafts", drafted.result().marks().equals(dev.result().marks()));
    }
    return row;
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    String chosen = values.path("chosen").asText();
    List<JsonNode> rows = new ArrayList<>();
    values.path("rows").forEach(rows::add);
    boolean same = rows.stream().allMatch(row -> row.path("same_with_drafts").asBoolean(true));
    String answer =
        chosen.equals(FULL)
            ? "None with what was tried: no strength that leaves tokens out came within .02 of"
                + " steering every token on the development set. "
                + rows.stream()
                    .filter(row -> row.path("dev_saved").asDouble() >= 0.5)
                    .max(Comparator.comparingDouble(row -> row.path("dev_exact").asDouble()))
                    .map(row -> "The best there that saves half of the calls is " + said(row))
                    .orElse("None saves half of the calls.")
            : rows.stream()
                .filter(row -> row.path("strength").asText().equals(chosen))
                .map(row -> "Chosen on the development set: " + said(row))
                .findFirst()
                .orElse("");
    return new Conclusion(
        answer + (same ? " Drafts changed no mark." : " Drafts changed marks."),
        List.of(table(values)));
  }

  private static String said(JsonNode row) {
    return "\"%s\": on the test set no expert is run for %s of the tokens, and the gap closed is %s, mean exact match %s against steering every token."
        .formatted(
            row.path("strength").asText(),
            Figures.fraction(row.path("saved").asDouble()),
            Values.text(row.path("gap")),
            Values.difference(row.path("against_full")));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Strengths on the test set; on the development set with drafts, passes of the base for"
                + " a token and calls saved",
            List.of(
                "experts asked",
                "saved",
                "gap closed",
                "less every token",
                "refusals",
                "passes",
                "saved too"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("strength").asText(),
          Figures.fraction(row.path("saved").asDouble()),
          Values.text(row.path("gap")),
          Values.difference(row.path("against_full")),
          Figures.fraction(row.path("exact").path("refusal").asDouble(Double.NaN)),
          Figures.fraction(row.path("passes_with_drafts").asDouble(Double.NaN)),
          Figures.fraction(row.path("saved_with_drafts").asDouble(Double.NaN)));
    }
    return table;
  }
}
