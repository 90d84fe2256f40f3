package io.proxytune.examples.runtime;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.runtime.RuntimeTimes.Ratio;
import io.proxytune.examples.statistics.Bootstrap;
import java.util.List;
import java.util.Locale;

/** Times for people and for programs. */
public final class RuntimeReport {
  private final List<RuntimeResult> results;
  private final int reference;
  private final int trials;

  /**
   * Prepares a report.
   *
   * @param results one for each setting, of the same systems
   * @param reference the index of the system that others are compared with
   */
  public RuntimeReport(List<RuntimeResult> results, int reference) {
    this.results = List.copyOf(results);
    this.reference = reference;
    this.trials = results.get(0).times().get(0).seconds().size();
  }

  private String referenceName() {
    return results.get(0).systems().get(reference).name();
  }

  private Ratio ratio(RuntimeResult result, int system) {
    return result
        .times()
        .get(system)
        .dividedBy(result.times().get(reference), Bootstrap.standard());
  }

  /** A table for each setting. */
  public Report report() {
    Report report =
        new Report("How long a text takes")
            .paragraph(
                String.format(
                    Locale.ROOT,
                    "Mean of %s of each system, in turns, after one that was not counted; the end"
                        + " of texts is suppressed. Ratios are means divided by that of %s; behind"
                        + " them stands %s.",
                    trials == 1 ? "one trial" : trials + " trials",
                    referenceName(),
                    rangeTitle()))
            .paragraph(
                "The paper (arXiv 2401.08565, Table 12, 100 trials) measured 2.54 for 13B and 1.58"
                    + " for 70B after 8 tokens, 512 new ones. The prompt is one word over and over:"
                    + " texts that repeat themselves are easy to draft, so that speculation gives"
                    + " less elsewhere.");
    results.forEach(result -> report.table(table(result)));
    return report;
  }

  private String rangeTitle() {
    return trials < RuntimeTimes.FEWEST_FOR_INTERVAL
        ? "the range of single trials, since fewer than "
            + RuntimeTimes.FEWEST_FOR_INTERVAL
            + " give no interval"
        : "the 95 % interval of resampled trials";
  }

  private Table table(RuntimeResult result) {
    RuntimeSetting setting = result.setting();
    Table table =
        new Table(
            String.format(
                Locale.ROOT,
                "Prompt of %d tokens, %d new ones",
                setting.promptTokens(),
                setting.newTokens()),
            List.of("system", "seconds", "tokens/s", "ratio", "range", "accepted"));
    for (int i = 0; i < result.systems().size(); i++) {
      RuntimeTimes times = result.times().get(i);
      Ratio ratio = ratio(result, i);
      table.row(
          result.systems().get(i).name(),
          Figures.number(times.mean(), 3),
          Figures.number(setting.newTokens() / times.mean(), 1),
          Figures.number(ratio.value(), 2),
          i == reference ? "" : range(ratio),
          times.drafted() == 0
              ? ""
              : Figures.fraction((double) times.accepted() / times.drafted()));
    }
    return table;
  }

  private static String range(Ratio ratio) {
    double low = ratio.interval().map(it -> it.low()).orElse(ratio.lowest());
    double high = ratio.interval().map(it -> it.high()).orElse(ratio.highest());
    return Figures.number(low, 2) + " to " + Figures.number(high, 2);
  }

  /** All of it as one object, with every trial. */
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("trials", trials);
    json.put("reference", results.get(0).systems().get(reference).id());
    ArrayNode settings = json.putArray("settings");
    results.forEach(result -> settings.add(json(result)));
    return json;
  }

  private ObjectNode json(RuntimeResult result) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("prompt_tokens", result.setting().promptTokens());
    json.put("new_tokens", result.setting().newTokens());
    ArrayNode systems = json.putArray("systems");
    for (int i = 0; i < result.systems().size(); i++) {
      RuntimeTimes times = result.times().get(i);
      Ratio ratio = ratio(result, i);
      ObjectNode system = systems.addObject().put("system", result.systems().get(i).id());
      system.put("mean_seconds", times.mean()).put("ratio", ratio.value());
      ratio.interval().ifPresent(it -> system.putArray("interval").add(it.low()).add(it.high()));
      system.putArray("range").add(ratio.lowest()).add(ratio.highest());
      system.put("drafted_tokens", times.drafted()).put("accepted_tokens", times.accepted());
      times.seconds().forEach(system.putArray("seconds")::add);
    }
    return json;
  }
}
