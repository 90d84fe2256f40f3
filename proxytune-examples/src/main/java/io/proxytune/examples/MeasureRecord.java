package io.proxytune.examples;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.proxytune.SteeringProfile;
import io.proxytune.examples.report.ModelFiles;
import io.proxytune.examples.report.RunRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What figures were made with, so that they can be made again. */
final class MeasureRecord {
  /** What changes no answer, or is in the name of the file that answers are kept in. */
  private static final Set<String> OF_NO_ACCOUNT =
      Set.of(
          "--answers",
          "--json",
          "--html",
          "--quiet",
          "--verbose",
          "--limit",
          "--at-once",
          "--check",
          "--check-command",
          "--check-seconds",
          "--alphas",
          "--presets",
          "--direct",
          "--calls",
          "--search-seed",
          "--save",
          "--totals",
          "--threads");

  private final App app;
  private final CommandSpec spec;
  private final Path data;
  private Optional<SteeringProfile> steering = Optional.empty();
  private final ArrayNode models = JsonNodeFactory.instance.arrayNode();

  MeasureRecord(App app, CommandSpec spec, Path data) {
    this.app = app;
    this.spec = spec;
    this.data = data;
  }

  /** Adds the models that options name. */
  MeasureRecord add(ModelOptions options, FusionOptions fusion) {
    steering = options.profile();
    add("base", options.base(), options.baseFolder(app.engine()));
    for (PairOptions pair : options.pairs()) {
      add("expert", pair.expert());
      add("anti-expert", pair.antiExpert());
    }
    fusion.sources().forEach(source -> add("source", source));
    return this;
  }

  MeasureRecord add(String role, String model) {
    return add(role, model, Optional.of(app.engine().folder(model)));
  }

  private MeasureRecord add(String role, String model, Optional<Path> folder) {
    ObjectNode added = models.addObject().put("role", role).put("name", model);
    added.set("files", folder.map(ModelFiles::of).orElseGet(added::arrayNode));
    return this;
  }

  /** Version, date, command, data and models. */
  ObjectNode json() {
    ObjectNode json = RunRecord.now(parsed().originalArgs()).json();
    json.put("data", data.toString()).put("data_sha256", sha256());
    json.set("models", models);
    return json;
  }

  /** What every answer depends on. */
  ObjectNode ofAnswers() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("data_sha256", sha256());
    ObjectNode options = json.putObject("options");
    for (OptionSpec option : parsedCommand().matchedOptions()) {
      if (!OF_NO_ACCOUNT.contains(option.longestName())) {
        options.put(option.longestName(), String.join(" ", option.originalStringValues()));
      }
    }
    steering.ifPresent(profile -> json.put("steering", profile.toString()));
    json.set("models", models);
    return json;
  }

  private ParseResult parsedCommand() {
    return spec.commandLine().getParseResult();
  }

  private ParseResult parsed() {
    return spec.root().commandLine().getParseResult();
  }

  private String sha256() {
    try {
      return MoreFiles.asByteSource(data).hash(Hashing.sha256()).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(data + " can't be read: " + e.getMessage(), e);
    }
  }
}
