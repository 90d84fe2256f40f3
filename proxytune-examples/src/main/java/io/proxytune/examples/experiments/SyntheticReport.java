package io.proxytune.examples.experiments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.experiments.SyntheticExperiment.Point;
import io.proxytune.examples.report.Axis;
import io.proxytune.examples.report.Chart;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Series;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Two known offsets over strength, for people and for programs: immutable.
 *
 * @param word what the first offset raises
 * @param seed of the noise that is the second
 * @param raising the texts steered to the word
 * @param noise the texts steered by noise, at the same strengths
 */
record SyntheticReport(String word, long seed, List<Point> raising, List<Point> noise) {
  /** A text counts as broken where it is this many times as perplexing as without steering. */
  private static final double BROKEN = 10;

  private static final String READING =
      """
      How to read it: the expert pair is made of an offset that is known, so that nothing but its
      strength decides. While an offset is weak against the differences between the base's own
      logits, greedy text stays as it was; then single tokens change; at last the offset alone
      speaks, and the base finds its own text unlikely. Perplexity is that of the base reading what
      was written: 1 where it was sure of each token. A word repeated for ever can look likely again,
      since a model expects what it has just read: look at the sample too.
      """;

  SyntheticReport {
    raising = List.copyOf(raising);
    noise = List.copyOf(noise);
  }

  /** The least strength at which the text is broken; the first point is the measure. */
  static OptionalDouble breaksAt(List<Point> points) {
    double limit = BROKEN * points.get(0).perplexity();
    return points.stream()
        .filter(point -> point.perplexity() > limit)
        .mapToDouble(Point::strength)
        .findFirst();
  }

  Report report() {
    return new Report("Synthetic offsets, from weak to absurd")
        .paragraph(READING)
        .paragraph(verdict("raising \"" + word + "\"", raising))
        .paragraph(verdict("noise with seed " + seed, noise))
        .chart(chart())
        .table(table("Raising the logit of \"" + word + "\"", raising))
        .table(table("Standard normal noise, seed " + seed, noise));
  }

  private static String verdict(String name, List<Point> points) {
    OptionalDouble limit = breaksAt(points);
    String rule = " (first strength with more than 10 times the perplexity of the first)";
    return "Offset "
        + name
        + ": "
        + (limit.isPresent()
            ? "the text breaks at " + Figures.parameter(limit.getAsDouble()) + rule + "."
            : "the text does not break at any of these strengths" + rule + ".");
  }

  private Chart chart() {
    List<Double> all = new ArrayList<>(logprobs(raising));
    all.addAll(logprobs(noise));
    double least = all.stream().mapToDouble(Double::doubleValue).min().orElse(-1);
    return new Chart(
        Chart.Kind.LINES,
        "The base's own log-probability of the steered text",
        "Two lines over strength: an offset that raises one word, and noise.",
        Axis.ofNumbers("strength", raising.stream().map(Point::strength).toList()),
        "mean log-probability of a token",
        List.of(
            Series.of("raising \"" + word + "\"", logprobs(raising)),
            Series.of("noise", logprobs(noise))),
        new Chart.Range(Math.min(-1, Math.floor(least)), 0));
  }

  private static List<Double> logprobs(List<Point> points) {
    return points.stream().map(Point::logprob).toList();
  }

  private static Table table(String caption, List<Point> points) {
    Table table = new Table(caption, List.of("strength", "log-prob", "perplexity", "changed"));
    for (Point point : points) {
      table.row(
          Figures.parameter(point.strength()),
          Figures.number(point.logprob(), 2),
          Figures.number(point.perplexity(), 1),
          Figures.fraction(point.changed()));
    }
    return table;
  }

  /** The first text at each strength. */
  Report withSamples(Report report) {
    report.heading("The first text at each strength");
    raising.forEach(it -> report.paragraph(sample(word, it)));
    noise.forEach(it -> report.paragraph(sample("noise", it)));
    return report;
  }

  private static String sample(String name, Point point) {
    return name + ", " + Figures.parameter(point.strength()) + ": " + point.sample();
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("experiment", "synthetic");
    json.set("raising", json(raising).put("word", word));
    json.set("noise", json(noise).put("seed", seed));
    return json;
  }

  private static ObjectNode json(List<Point> points) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    breaksAt(points)
        .ifPresentOrElse(at -> json.put("breaks_at", at), () -> json.putNull("breaks_at"));
    ArrayNode all = json.putArray("points");
    for (Point point : points) {
      all.addObject()
          .put("strength", point.strength())
          .put("base_logprob", point.logprob())
          .put("changed", point.changed())
          .put("sample", point.sample());
    }
    return json;
  }
}
