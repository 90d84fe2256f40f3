package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Speculation;
import io.proxytune.Strength;
import io.proxytune.examples.evaluation.Task;
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
  private static final int READ = 1_500;
  private static final Set<String> DRAFTED = Set.of(FULL, "entropy ≥ 0.02", "first 4");

  @Override
  public Plan plan() {
    return new Plan(
        "selective-guidance",
        "How many tokens can go without the experts before the gap opens again?",
        "A pair steers the base at α = 1 for every token; only where the base is uncertain, by its"
            + " entropy or its likeliest token; only for the first tokens; or fading out. Calls"
            + " saved is the share of written tokens for which no expert was run. Each is measured"
            + " without drafts, and some on the development set with drafts too: passes of the base"
            + " for a token, and whether any mark changed. A seed is that of the small model and of"
            + " the expert's tuning.",
        "The family's base, and the directly tuned base as the yardstick; small models of 0.5"
            + " million weights of new seeds, and their experts.",
        "On the development set: the strength that saves most while its mean exact match, over"
            + " seeds, is at most .02 under that of steering every token. Nothing was chosen on the"
            + " test set. Strengths are those of an earlier run with the family's own pair alone.",
        "One base of one world, and no seconds: on models this small a saved call is not saved"
            + " time. The interval over seeds takes them as drawn from a normal distribution.");
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
    Map<String, Strength> strengths = new LinkedHashMap<>(strengths());
    strengths.keySet().retainAll(lab.some(strengths.keySet().stream().toList()));
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    List<ObjectNode> rows = new ArrayList<>();
    strengths.forEach((name, strength) -> rows.add(row(lab, name, strength)));
    values.put("chosen", chosen(rows));
    rows.forEach(values.putArray("rows")::add);
    return values;
  }

  /** Of those that come near enough to steering every token on the development set. */
  private static String chosen(List<ObjectNode> rows) {
    double least = rows.get(0).path("dev_exact").asDouble() - LOSS;
    return rows.stream()
        .filter(row -> row.path("dev_exact").asDouble() >= least)
        .max(Comparator.comparingDouble(row -> row.path("dev_saved").asDouble()))
        .map(row -> row.path("strength").asText())
        .orElse(FULL);
  }

  private static Mix full(Laboratory lab, long seed) {
    Made small = lab.small(seed, READ);
    return Mix.of(Made.Shipped.BASE, Pull.of(lab.expert(small), small, 1));
  }

  private static ObjectNode row(Laboratory lab, String name, Strength strength) {
    Tally tally = new Tally();
    boolean same = true;
    for (long seed : lab.seeds()) {
      Mix full = full(lab, seed);
      Mix mix = full.withStrength(strength);
      Measured dev = lab.measure(mix, Use.DEV);
      Measured test = lab.measure(mix, Use.TEST);
      tally.add("dev_exact", dev.result().meanExact());
      tally.add("dev_saved", dev.cost().saved());
      tally.add("saved", test.cost().saved());
      tally.add("gap", lab.gap(mix, Use.TEST).mean());
      double ofFull = lab.marks(full, Use.TEST).meanExact();
      tally.add("against_full", test.result().meanExact() - ofFull);
      tally.add("refusals", test.result().exact(Task.REFUSAL).value());
      if (DRAFTED.contains(name)) {
        Measured drafted = lab.measure(mix.withSpeculation(Speculation.auto()), Use.DEV);
        tally.add("passes_with_drafts", drafted.cost().passesPerToken());
        tally.add("saved_with_drafts", drafted.cost().saved());
        same &= drafted.result().marks().equals(dev.result().marks());
      }
    }
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("strength", name);
    tally.putMeans(row, "gap", "against_full");
    return DRAFTED.contains(name) ? row.put("same_with_drafts", same) : row;
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
            "Strengths on the test set, means over seeds; on the development set with drafts,"
                + " passes of the base for a token and calls saved",
            List.of(
                "experts asked",
                "saved",
                "gap closed",
                "of each seed",
                "less every token",
                "refusals",
                "passes",
                "saved too"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("strength").asText(),
          Figures.fraction(row.path("saved").asDouble()),
          Values.text(row.path("gap")),
          Values.each(row.path("gap")),
          Values.difference(row.path("against_full")),
          Figures.fraction(row.path("refusals").asDouble(Double.NaN)),
          Figures.fraction(row.path("passes_with_drafts").asDouble(Double.NaN)),
          Figures.fraction(row.path("saved_with_drafts").asDouble(Double.NaN)));
    }
    return table;
  }
}
