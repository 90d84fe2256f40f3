package io.proxytune.examples.study;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.ProgramVersion;
import io.proxytune.examples.cli.Usage;
import io.proxytune.examples.cli.VerboseOption;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.evaluation.FamilyOptions;
import io.proxytune.examples.report.MarkdownWriter;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.ResultOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes one study, or all of them. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    sortOptions = false,
    sortSynopsis = false)
public final class StudyCommand implements Callable<Integer> {
  private final CommandContext context;
  private final List<Study> studies;

  @Mixin private final FamilyOptions families = new FamilyOptions();

  @Option(
      names = "--quick",
      description = "Few questions and models that learn nothing, to try the way.")
  private boolean quick;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "How many small models of different seeds take part: 1 if not given.")
  private int seeds = 1;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Where results are written, and kept what an interrupted run goes on from: experiments"
              + " if not given.")
  private Path output = Path.of("experiments");

  @Mixin private final ResultOptions results = new ResultOptions();

  @SuppressWarnings("unused") // App looks for it in the arguments
  @Mixin
  private final VerboseOption verbose = new VerboseOption();

  /**
   * A command.
   *
   * @param studies what it makes, in this order
   */
  public StudyCommand(CommandContext context, List<Study> studies) {
    this.context = context;
    this.studies = List.copyOf(studies);
  }

  @Override
  public Integer call() {
    Usage.check(seeds >= 1 && seeds <= 9, "--seeds must be from 1 to 9, got %s", seeds);
    results.check();
    FamilyFolder family = families.family();
    families.setThreads(context);
    makeFolder();
    List<ObjectNode> made = new ArrayList<>();
    Laboratory.Effort effort = new Laboratory.Effort(quick, seeds, results.quiet());
    try (Laboratory lab = new Laboratory(context, family, output, effort)) {
      for (Study study : studies) {
        made.add(make(study, lab, family));
      }
    }
    print(made, family);
    return 0;
  }

  private ObjectNode make(Study study, Laboratory lab, FamilyFolder family) {
    ObjectNode json = StudyRecord.make(study, lab, families.record(family));
    String name = study.plan().name();
    write(output.resolve(name + ".json"), json.toPrettyString() + "\n");
    write(output.resolve(name + ".md"), MarkdownWriter.text(StudyRecord.report(study, json)));
    return json;
  }

  private void print(List<ObjectNode> made, FamilyFolder family) {
    if (studies.size() == 1) {
      ObjectNode json = made.get(0);
      results.write(context.terminal(), StudyRecord.report(studies.get(0), json), json);
      return;
    }
    Report report = new Report("What the miniature world answers");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode all = json.putArray("experiments");
    for (ObjectNode one : made) {
      report.heading(one.path("experiment").asText());
      report.paragraph(one.path("question").asText()).paragraph(one.path("answer").asText());
      all.add(one);
    }
    results.write(context.terminal(), report, json, families.record(family));
  }

  private void makeFolder() {
    try {
      Files.createDirectories(output.resolve("models"));
      Files.createDirectories(output.resolve("quick/models"));
    } catch (IOException e) {
      throw new UncheckedIOException("--output " + output + " can't be made: " + e.getMessage(), e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
    }
  }
}
