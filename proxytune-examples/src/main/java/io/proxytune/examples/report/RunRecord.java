package io.proxytune.examples.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.CommandRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a result was made with: version, date, command, options, and the models with their files'
 * hashes. For one thread.
 */
public final class RunRecord {
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final ArrayNode models = json.arrayNode();

  public RunRecord(CommandRecord made) {
    json.put("version", made.version()).put("date", made.date()).put("command", made.command());
    json.set("models", models);
  }

  /**
   * Begins a record of what runs now.
   *
   * @param arguments the command line
   */
  public static RunRecord now(List<String> arguments) {
    return new RunRecord(CommandRecord.of(arguments));
  }

  /**
   * Begins a record of what runs now.
   *
   * @param arguments the command line
   * @param options how texts are generated
   */
  public static RunRecord now(List<String> arguments, String options) {
    RunRecord record = now(arguments);
    record.json.put("options", options);
    return record;
  }

  /**
   * Adds a model.
   *
   * @param role what it is for
   * @param pair the number of its pair, from 0
   * @param folder where its files are; none of a model on a server
   * @return its object, for more about it
   */
  public ObjectNode addModel(String role, int pair, String name, Optional<Path> folder) {
    ObjectNode model = models.addObject().put("role", role).put("pair", pair).put("name", name);
    model.set("files", folder.map(ModelFiles::of).orElseGet(model::arrayNode));
    return model;
  }

  /** The record; what is added to it later is seen here, and so is what is put into it. */
  public ObjectNode json() {
    return json;
  }

  /** Adds a section about the run to a report for people; hashes are cut to 16 digits. */
  public void addTo(Report report) {
    report.heading("About this result");
    List<String> fields = List.of("version", "date", "command", "options");
    for (String field : fields.stream().filter(json::has).toList()) {
      report.paragraph(field + ": " + Visible.of(json.path(field).asText()));
    }
    Table files =
        new Table("Weights of the models", List.of("model", "file", "bytes", "SHA-256 begins"));
    models.forEach(
        model ->
            model
                .path("files")
                .valueStream()
                .filter(file -> file.path("name").asText().matches(".*\\.(safetensors|bin)"))
                .forEach(
                    file ->
                        files.row(
                            model.path("role").asText() + " " + model.path("name").asText(),
                            file.path("name").asText(),
                            file.path("bytes").asText(),
                            file.path("sha256").asText().substring(0, 16))));
    report.table(files);
  }
}
