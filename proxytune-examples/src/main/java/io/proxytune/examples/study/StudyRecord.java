package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.MarkdownWriter;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.RunRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A study that was made, for programs and for people. */
final class StudyRecord {
  /** Of the layout of the JSON. */
  private static final int SCHEMA = 1;

  private StudyRecord() {}

  /** Measures a study. */
  static ObjectNode make(Study study, Laboratory lab, RunRecord run) {
    lab.begin();
    ObjectNode values = study.measure(lab);
    Plan plan = study.plan();
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("schema", SCHEMA);
    json.put("experiment", plan.name()).put("question", plan.question());
    json.put("answer", study.conclude(values).answer());
    json.put("design", plan.design()).put("models", plan.models()).put("chosen", plan.chosen());
    json.put("not_shown", plan.notShown());
    json.put("quick", lab.isQuick());
    json.set("seeds", seeds(lab));
    json.put("processors", Runtime.getRuntime().availableProcessors());
    json.put("measuring_seconds", lab.measuringSeconds());
    json.put("training_seconds", lab.trainingSeconds());
    json.set("values", values);
    lab.trained().forEach((name, folder) -> addWeights(run, name, folder));
    json.set("run", run.json());
    return json;
  }

  private static JsonNode seeds(Laboratory lab) {
    ArrayNode seeds = JsonNodeFactory.instance.arrayNode();
    lab.seeds().forEach(seeds::add);
    return seeds;
  }

  /** Of models that are trained for studies, the weights alone; the rest is the family's. */
  private static void addWeights(RunRecord run, String name, Path folder) {
    ArrayNode files =
        (ArrayNode) run.addModel("trained", 0, name, Optional.of(folder)).path("files");
    for (int i = files.size() - 1; i >= 0; i--) {
      if (!files.path(i).path("name").asText().endsWith(".safetensors")) {
        files.remove(i);
      }
    }
  }

  /** What a person reads, made of the JSON alone. */
  static Report report(Study study, JsonNode json) {
    Conclusion conclusion = study.conclude(json.path("values"));
    Report report =
        new Report(json.path("experiment").asText())
            .paragraph(json.path("question").asText())
            .paragraph("Answer: " + conclusion.answer());
    conclusion.tables().forEach(report::table);
    return report
        .heading("How it was found")
        .paragraph("Design: " + json.path("design").asText())
        .paragraph("Models: " + json.path("models").asText())
        .paragraph("Chosen: " + json.path("chosen").asText())
        .paragraph("What it does not show: " + json.path("not_shown").asText())
        .paragraph(
            "Command: %s, version %s, %s. Measuring took %s s and training the models %s s, on %s processors that had other work too."
                .formatted(
                    json.at("/run/command").asText(),
                    json.at("/run/version").asText(),
                    json.at("/run/date").asText(),
                    Figures.number(json.path("measuring_seconds").asDouble(), 0),
                    Figures.number(json.path("training_seconds").asDouble(), 0),
                    json.path("processors").asInt()));
  }

  /** The study's row in a table of all answers. */
  static List<String> row(JsonNode json) {
    String name = json.path("experiment").asText();
    return List.of(
        "[" + name + "](results/" + name + ".md)",
        json.path("question").asText(),
        json.path("answer").asText());
  }

  /** The same as Markdown. */
  static String markdownRow(JsonNode json) {
    return MarkdownWriter.tableRow(row(json));
  }
}
