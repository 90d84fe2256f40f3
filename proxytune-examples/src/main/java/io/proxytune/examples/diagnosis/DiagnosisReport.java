package io.proxytune.examples.diagnosis;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.Interval;
import java.util.List;
import java.util.Locale;

/** A diagnosis for people and for programs. */
public final class DiagnosisReport {
  private DiagnosisReport() {}

  /** Text, tables and what to do. */
  public static Report of(Diagnosis diagnosis) {
    Report report = new Report("Diagnosis").paragraph(summary(diagnosis));
    diagnosis.findings().forEach(finding -> add(finding, report));
    return report;
  }

  private static String summary(Diagnosis diagnosis) {
    List<Finding> seen = diagnosis.seen();
    String unknown = titles(diagnosis.findings(), Finding.State.UNKNOWN);
    return String.format(
        Locale.ROOT,
        "%s in %d texts with %d tokens.%s An interval holds 95 %% of resamples of the texts.",
        seen.isEmpty()
            ? "No signature of failure was seen"
            : "Seen: " + titles(diagnosis.findings(), Finding.State.SEEN),
        diagnosis.texts(),
        diagnosis.tokens(),
        unknown.isEmpty() ? "" : " Not to be told: " + unknown + ".");
  }

  private static String titles(List<Finding> findings, Finding.State state) {
    return findings.stream()
        .filter(finding -> finding.state() == state)
        .map(finding -> finding.signature().title())
        .collect(joining(", "));
  }

  private static void add(Finding finding, Report report) {
    String title = finding.signature().title();
    report.heading(
        title.substring(0, 1).toUpperCase(Locale.ROOT)
            + title.substring(1)
            + ": "
            + finding.state().title());
    Table table = new Table(finding.signature().question(), List.of("figure", "value", "well at"));
    finding
        .figures()
        .forEach(figure -> table.row(figure.name(), figure.valueText(), limit(figure)));
    report.table(table);
    finding.notes().forEach(report::paragraph);
    if (finding.figures().stream().anyMatch(Figure::isClose)) {
      report.paragraph(
          "A threshold lies within the interval of its figure: more prompts could say otherwise.");
    }
    finding.advice().forEach(report::paragraph);
  }

  private static String limit(Figure figure) {
    return figure.limitText() + (figure.isBeyond() ? ", beyond" : "");
  }

  /** All of it as one object. */
  public static ObjectNode json(Diagnosis diagnosis) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode seen = json.putArray("seen");
    diagnosis.seen().forEach(finding -> seen.add(finding.signature().id()));
    json.put("texts", diagnosis.texts()).put("tokens", diagnosis.tokens());
    ArrayNode findings = json.putArray("findings");
    diagnosis.findings().forEach(finding -> findings.add(json(finding)));
    return json;
  }

  private static ObjectNode json(Finding finding) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("signature", finding.signature().id()).put("state", finding.state().id());
    ArrayNode figures = json.putArray("figures");
    finding.figures().forEach(figure -> figures.add(json(figure)));
    finding.notes().forEach(json.putArray("notes")::add);
    finding.advice().forEach(json.putArray("advice")::add);
    return json;
  }

  private static ObjectNode json(Figure figure) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", figure.id()).put("name", figure.name());
    put(json, "value", figure.value());
    figure.interval().ifPresent(it -> put(json.putArray("interval"), it));
    figure.limit().ifPresent(it -> json.put(it.most() ? "at_most" : "at_least", it.value()));
    return json.put("beyond", figure.isBeyond());
  }

  private static void put(ArrayNode json, Interval interval) {
    json.add(interval.low()).add(interval.high());
  }

  /** JSON has no NaN. */
  private static void put(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.putNull(name);
    }
  }
}
